# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door of the modules: what it says to whom."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.fleet.lxd.plugins.module_utils import _module
from ansible_collections.fleet.lxd.plugins.module_utils._errors import LxdError
from ansible_collections.fleet.lxd.plugins.module_utils._job import Job


def test_a_secret_in_a_config_is_neither_in_the_log_nor_in_the_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logged: list[t.Any] = []
    monkeypatch.setattr(AnsibleModule, "log", lambda _self, *what, **more: logged.append((what, more)))
    job = Job({"config": {"type": "dict"}}, lambda params, _context: {"echo": params["config"]}, connects=False)
    with patch_module_args({"config": {"core.trust_password": "s3cret!", "user.a": "shown"}}), pytest.raises(SystemExit):
        _module.run(job)
    said = capsys.readouterr().out
    assert "s3cret!" not in said + str(logged) and "shown" in said and "shown" in str(logged)


@pytest.mark.parametrize("diff", [True, False])
def test_a_failure_shows_its_diff_if_that_is_wished(capsys: pytest.CaptureFixture[str], diff: bool) -> None:
    def fail(_params: t.Any, _context: t.Any) -> t.NoReturn:
        raise LxdError("no", diff={"prepared": "the plan"}, more="facts")

    with patch_module_args({"_ansible_diff": diff}), pytest.raises(SystemExit):
        _module.run(Job({}, fail, connects=False))
    said = capsys.readouterr().out
    assert ("the plan" in said, "facts" in said) == (diff, True)
