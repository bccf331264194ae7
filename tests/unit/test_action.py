# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door inside the controller: which tasks go through it, and what comes out."""

from __future__ import annotations

import json
import os
import re
import sys
import types
import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, MissingLibrary, Refused
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context, Job
from ansible_collections.fleet.lxd.plugins.plugin_utils import _direct
from ansible_collections.fleet.lxd.plugins.plugin_utils._action import ActionModule

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def job(run: t.Callable[[t.Mapping[str, t.Any], Context], dict[str, t.Any]]) -> Job:
    options = {
        "name": {"type": "str", "required": True},
        "key": {"type": "str", "no_log": True},
        "count": {"type": "int", "default": 1, "aliases": ["number"]},
        "list": {"type": "list", "elements": "str"},
        "config": {"type": "dict"},
    }
    return Job(options=options, run=run, rules={"required_together": [["key", "list"]]}, connects=False)


def execute(
    run: t.Callable[[t.Mapping[str, t.Any], Context], dict[str, t.Any]], check: bool = False, diff: bool = False, **args: t.Any
) -> dict[str, t.Any]:
    return _direct.execute("fleet.lxd.lxd_x", job(run), args, check, diff, "host")


def echo(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    return {"changed": True, "diff": {"before": {}, "after": dict(params)}, "echo": dict(params), "check": context.check}


def fail(error: Exception) -> t.Callable[..., dict[str, t.Any]]:
    def run(_params: t.Mapping[str, t.Any], _context: Context) -> dict[str, t.Any]:
        raise error

    return run


def test_options_are_checked_and_completed() -> None:
    result = execute(echo, name=1, number="2")
    assert result["echo"]["name"] == "1"
    assert result["echo"]["count"] == 2
    assert result["invocation"]["module_args"]["count"] == 2


def test_a_secret_is_told_nowhere() -> None:
    result = execute(echo, diff=True, name="the s3cret! of it", key="s3cret!", list=["s3cret!", "a"])
    assert "s3cret!" not in json.dumps(result)
    assert result["echo"]["key"] == HIDDEN
    assert result["invocation"]["module_args"]["key"] == HIDDEN
    assert result["diff"]["after"]["list"] == [HIDDEN, "a"]


def test_a_secret_in_a_config_is_told_nowhere() -> None:
    config = {"core.trust_password": "s3cret!", "user.password": "shown"}
    result = execute(echo, diff=True, name="the s3cret! of it", config=config)
    assert "s3cret!" not in json.dumps(result)
    assert result["invocation"]["module_args"]["config"] == {"core.trust_password": HIDDEN, "user.password": "shown"}


def test_a_secret_that_the_server_echoes_in_an_error_is_told_nowhere() -> None:
    result = execute(fail(Refused("cannot use s3cret!", status=400, request="PUT /1.0/s3cret!")), name="a", key="s3cret!", list=[])
    assert "s3cret!" not in json.dumps(result)
    assert (result["failed"], result["status"]) == (True, 400)


def test_a_secret_in_a_warning_is_told_nowhere() -> None:
    def warn(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
        context.warn(f"{params['key']} is short")
        return {"changed": False}

    result = execute(warn, name="a", key="s3cret!", list=[])
    assert len(result["warnings"]) == 1
    assert "s3cret!" not in json.dumps(result)


def test_a_diff_is_shown_when_asked_for() -> None:
    assert "diff" not in execute(echo, name="a")
    assert "diff" in execute(echo, diff=True, name="a")


def test_check_mode_is_told_to_the_job() -> None:
    assert execute(echo, check=True, name="a")["check"] is True


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"name": "a", "nmae": "b"}, "Unsupported parameters for (fleet.lxd.lxd_x) module: nmae. Supported parameters include: "),
        ({}, "missing required arguments: name"),
        ({"name": "a", "count": "many"}, "argument 'count' is of type"),
        ({"name": "a", "key": "s3cret!"}, "parameters are required together: key, list"),
        ({"name": ["a"], "list": 7, "count": None}, ""),
        ({"name": {"a": 1}}, ""),
    ],
)
def test_wrong_options_are_said_as_a_module_says_it(args: dict[str, t.Any], message: str) -> None:
    result = execute(echo, **args)
    if message:
        assert result["failed"] is True
        assert message in result["msg"]
        assert result["changed"] is False


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (InvalidOption("name", "a", "expected b"), "^name: 'a' is not valid: expected b$"),
        (MissingLibrary("pylxd", "no module"), r"Failed to import the required Python library \(pylxd\)"),
    ],
)
def test_failures_are_sentences(error: Exception, message: str) -> None:
    result = execute(fail(error), name="a")
    assert result["failed"] is True
    assert re.search(message, result["msg"])


def test_a_job_is_known_by_its_module() -> None:
    assert _direct.job("fleet.lxd.lxd_profile") is not None
    assert set(_direct.job("lxd_container_info").options) >= {"name", "all_projects"}  # type: ignore[union-attr]


def action(**changes: t.Any) -> ActionModule:
    """An action plugin whose task is the most local one that there is, but for ``changes``."""
    about: dict[str, t.Any] = {"transport": "local", "become": None, "async_val": 0, "environment": [], **changes}
    plugin = ActionModule.__new__(ActionModule)
    plugin._connection = types.SimpleNamespace(transport=about["transport"], become=about["become"])
    plugin._task = types.SimpleNamespace(async_val=about["async_val"], environment=about["environment"])
    plugin._templar = types.SimpleNamespace(template=lambda text: text.replace("{{ playbook_python }}", sys.executable))
    return plugin


@pytest.mark.parametrize("interpreter", [None, sys.executable, "{{ playbook_python }}", os.path.realpath(sys.executable)])
def test_a_task_of_the_controller_stays(monkeypatch: pytest.MonkeyPatch, interpreter: str | None) -> None:
    monkeypatch.delenv("FLEET_LXD_DIRECT", raising=False)
    assert action()._stays({"ansible_python_interpreter": interpreter})
    assert action(environment=[{}, None])._stays({})


@pytest.mark.parametrize(
    "changes",
    [{"transport": "ssh"}, {"become": object()}, {"async_val": 30}, {"environment": [{"A": "b"}]}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_task_that_would_run_otherwise_is_shipped(monkeypatch: pytest.MonkeyPatch, changes: dict[str, t.Any]) -> None:
    monkeypatch.delenv("FLEET_LXD_DIRECT", raising=False)
    assert not action(**changes)._stays({})


def test_another_interpreter_is_honoured() -> None:
    assert not action()._stays({"ansible_python_interpreter": "/opt/other/bin/python"})


def test_the_environment_can_close_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_LXD_DIRECT", "never")
    assert not action()._stays({})
