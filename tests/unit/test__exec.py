# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _errors as errors
from ansible_collections.fleet.lxd.plugins.module_utils import _exec
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context
from ansible_collections.fleet.lxd.plugins.module_utils._resources.exec import EXEC

DEFAULTS = {name: option.get("default") for name, option in EXEC.argument_spec.items()}


class FakeChannel:
    """An instance where only ``/there`` exists and commands say what they were; ``off`` does not run, ``bad`` fails."""

    calls: list[tuple[str, list[str], dict[str, t.Any]]]

    def __init__(self, _remote: t.Any) -> None:
        pass

    def __enter__(self) -> FakeChannel:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    def exists(self, instance: str, path: str) -> bool:
        if instance == "gone":
            raise errors.NotFound("There is no instance gone", instance=instance, status=404)
        if instance == "nowhere":
            raise errors.InvalidOption("project", "x", "there is no such project")
        if instance == "off":
            raise errors.NotRunning("Instance off is not running", instance=instance)
        return path == "/there"

    def exec(self, instance: str, argv: list[str], *, stdout: t.Any, stderr: t.Any, **options: t.Any) -> int:
        self.calls.append((instance, argv, options))
        if instance == "off":
            raise errors.NotRunning("Instance off is not running", instance=instance)
        stdout(b"a\xff\nb\n")
        stderr(b"e\n")
        if instance == "slow":
            raise errors.TimedOut("did not end")
        return 1 if instance == "bad" else 0


@pytest.fixture(autouse=True)
def channel(monkeypatch: pytest.MonkeyPatch) -> type[FakeChannel]:
    FakeChannel.calls = []
    monkeypatch.setattr(_exec, "Channel", FakeChannel)
    return FakeChannel


@pytest.fixture
def run(tmp_path: pathlib.Path) -> t.Callable[..., dict[str, t.Any]]:
    (tmp_path / "socket").touch()

    def run(check: bool = False, **params: t.Any) -> dict[str, t.Any]:
        given = {**DEFAULTS, "url": f"unix:{tmp_path}/socket", "argv": ["id"], **params}
        return EXEC.run(given, Context(None, check, lambda text: None))

    return run


def test_one(run: t.Callable[..., dict[str, t.Any]]) -> None:
    result = run(name="c1")
    assert {key: result[key] for key in ("instance", "changed", "rc", "cmd", "stdout", "stdout_lines", "stderr")} == {
        "instance": "c1",
        "changed": True,
        "rc": 0,
        "cmd": ["id"],
        "stdout": "a\ufffd\nb",
        "stdout_lines": ["a\ufffd", "b"],
        "stderr": "e",
    }


def test_exact_bytes(run: t.Callable[..., dict[str, t.Any]], channel: type[FakeChannel]) -> None:
    result = run(name="c1", encoding="base64", stdin="AP8=")
    assert (result["stdout"], "stdout_lines" in result) == ("Yf8KYgo=", False)
    assert channel.calls[0][2]["stdin"] == b"\x00\xff"
    with pytest.raises(errors.InvalidOption, match="stdin: '[?]' is not valid: with encoding=base64 it has to be base64"):
        run(name="c1", encoding="base64", stdin="?")


@pytest.mark.parametrize(
    ("given", "sent"), [({}, b"x\n"), ({"stdin_add_newline": False}, b"x"), ({"stdin": "x\n"}, b"x\n"), ({"stdin": None}, b"")]
)
def test_input(run: t.Callable[..., dict[str, t.Any]], channel: type[FakeChannel], given: dict[str, t.Any], sent: bytes) -> None:
    run(name="c1", **{"stdin": "x", **given})
    assert channel.calls[0][2]["stdin"] == sent


def test_a_shell_and_its_surroundings(run: t.Callable[..., dict[str, t.Any]], channel: type[FakeChannel]) -> None:
    run(name="c1", argv=None, cmd="echo $A", executable="/bin/bash", environment={"A": 1, "B": True}, cwd="/tmp", timeout=5.0)
    assert channel.calls[0][1] == ["/bin/bash", "-c", "echo $A"]
    options = channel.calls[0][2]
    assert (options["environment"], options["cwd"], options["timeout"], options["user"]) == ({"A": "1", "B": "true"}, "/tmp", 5.0, None)


def test_one_that_fails(run: t.Callable[..., dict[str, t.Any]]) -> None:
    with pytest.raises(errors.LxdError, match="The command ended with exit code 1 in instance bad") as caught:
        run(name="bad")
    assert {**caught.value.facts, "start": 0, "end": 0, "delta": 0} == {
        "instance": "bad",
        "cmd": ["id"],
        "rc": 1,
        "changed": True,
        "stdout": "a\ufffd\nb",
        "stdout_lines": ["a\ufffd", "b"],
        "stderr": "e",
        "stderr_lines": ["e"],
        "start": 0,
        "end": 0,
        "delta": 0,
    }


def test_one_that_takes_too_long_keeps_its_output(run: t.Callable[..., dict[str, t.Any]]) -> None:
    with pytest.raises(errors.LxdError, match="did not end") as caught:
        run(name="slow")
    assert (caught.value.facts["stdout"], caught.value.facts["changed"]) == ("a\ufffd\nb", True)


def test_many(run: t.Callable[..., dict[str, t.Any]]) -> None:
    result = run(names=["c1", "c2"])
    assert [(each["instance"], each["rc"]) for each in result["results"]] == [("c1", 0), ("c2", 0)]
    assert result["changed"]
    assert run(names=[]) == {"changed": False, "results": []}


def test_some_that_fail(run: t.Callable[..., dict[str, t.Any]]) -> None:
    with pytest.raises(errors.LxdError, match="2 of 3 commands failed, in off, bad. Instance off is not running") as caught:
        run(names=["c1", "off", "bad"])
    assert [(each["instance"], each.get("failed", False)) for each in caught.value.facts["results"]] == [
        ("c1", False),
        ("off", True),
        ("bad", True),
    ]


@pytest.mark.parametrize(
    ("conditions", "check", "changed", "skipped", "ran"),
    [
        ({"creates": "/there"}, False, False, False, False),
        ({"creates": "/none"}, False, True, False, True),
        ({"removes": "/there"}, False, True, False, True),
        ({"removes": "/none"}, False, False, False, False),
        ({"creates": "/there"}, True, False, False, False),
        ({"creates": "/none"}, True, True, False, False),
        ({"removes": "/there"}, True, True, False, False),
        ({}, True, False, True, False),
    ],
)
def test_when_it_runs(
    run: t.Callable[..., dict[str, t.Any]],
    channel: type[FakeChannel],
    conditions: dict[str, str],
    check: bool,
    changed: bool,
    skipped: bool,
    ran: bool,
) -> None:
    result = run(check, name="c1", **conditions)
    assert (result["changed"], result.get("skipped", False), bool(channel.calls)) == (changed, skipped, ran)
    assert result["rc"] == 0


def test_no_time_at_all(run: t.Callable[..., dict[str, t.Any]]) -> None:
    with pytest.raises(errors.InvalidOption, match="timeout: 0.0 is not valid: expected a number of seconds above 0"):
        run(name="c1", timeout=0.0)


@pytest.mark.parametrize(("option", "value"), [("argv", []), ("cmd", "")])
def test_a_command_of_nothing_is_refused(option: str, value: object) -> None:
    params = {"argv": None, "cmd": None, "executable": "/bin/sh", option: value}
    with pytest.raises(errors.InvalidOption, match=f"^{option}: .* expected a command to run"):
        _exec._argv(params)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"agent_timeout": -1.0}, "agent_timeout: -1.0 is not valid: expected 0 or more seconds"),
        ({"creates": ""}, "creates: '' is not valid: expected a path in the instance"),
        ({"removes": ""}, "removes: '' is not valid: expected a path in the instance"),
        ({"creates": "there"}, "creates: 'there' is not valid: expected an absolute path in the instance, or one relative to an absolute"),
        ({"removes": "there", "cwd": "tmp"}, "removes: 'there' is not valid: expected an absolute path"),
        ({"name": ""}, "name: '' is not valid: expected a name"),
        ({"name": None, "names": ["c1", ""]}, "names: '' is not valid: expected a name"),
        ({"environment": {"A": [1]}}, r"environment.A: \[1\] is not valid: expected text, a number, a boolean, or null to leave it out"),
        ({"environment": {"A=B": "x"}}, "environment: 'A=B' is not valid: expected the name of a variable"),
        ({"environment": {"": "x"}}, "environment: '' is not valid: expected the name of a variable"),
    ],
)
def test_what_is_refused_before_anything_runs(
    run: t.Callable[..., dict[str, t.Any]], channel: type[FakeChannel], wrong: dict[str, t.Any], says: str
) -> None:
    for check in (False, True):
        with pytest.raises(errors.InvalidOption, match=f"^{says}"):
            run(check, **{"name": "c1", **wrong})
    assert not channel.calls


def test_a_variable_of_null_is_left_out(run: t.Callable[..., dict[str, t.Any]], channel: type[FakeChannel]) -> None:
    run(name="c1", environment={"A": None, "B": 1})
    assert channel.calls[0][2]["environment"] == {"B": "1"}


@pytest.mark.parametrize("name", ["gone", "off", "nowhere"])
@pytest.mark.parametrize(("condition", "changed"), [("creates", True), ("removes", False)])
def test_check_mode_of_what_an_earlier_task_would_have_made(
    run: t.Callable[..., dict[str, t.Any]], name: str, condition: str, changed: bool
) -> None:
    assert run(True, name=name, **{condition: "/there"})["changed"] == changed
    with pytest.raises(errors.LxdError, match="is no instance|is not running|no such project"):
        run(name=name, **{condition: "/there"})


@pytest.mark.parametrize(("cwd", "changed"), [("/", False), ("/tmp", True)])
def test_a_relative_path_is_below_the_directory_of_the_command(run: t.Callable[..., dict[str, t.Any]], cwd: str, changed: bool) -> None:
    assert run(name="c1", creates="there", cwd=cwd)["changed"] == changed
    assert run(name="c1", removes="there", cwd=cwd)["changed"] != changed
