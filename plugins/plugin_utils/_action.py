# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door inside the controller: the action plugin of every module is this one, under the module's name.

A task that would run on the controller itself is done in the worker, with no archive built and no Python started, and
can show its progress; any other is shipped as a module.
"""

from __future__ import annotations

import os
import typing as t

from ansible.plugins.action import ActionBase

from ._compiled import kept

with kept():
    from . import _direct


class ActionModule(ActionBase):
    _supports_async = True
    _supports_check_mode = True

    def __init_subclass__(cls) -> None:
        """Loads what the tasks of the module need: a plugin is read in the parent, so that no worker pays for the import."""
        _direct.job(cls.__module__)

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        job = _direct.job(self._task.action) if self._stays(task_vars or {}) else None
        if job is None:
            shipped = self._execute_module(module_name=self._task.action, task_vars=task_vars, wrap_async=self._task.async_val)
            return {**result, **shipped}
        host = (task_vars or {}).get("inventory_hostname", "localhost")
        return {**result, **_direct.execute(self._task.action, job, self._task.args, self._task.check_mode, self._task.diff, host)}

    def _stays(self, task_vars: dict[str, t.Any]) -> bool:
        """Whether the task would run here, as us, with this Python and its environment."""
        interpreter = task_vars.get("ansible_python_interpreter")
        return (
            os.environ.get("FLEET_LXD_DIRECT", "auto") != "never"
            and self._connection.transport == "local"
            and not self._connection.become
            and not self._task.async_val
            and not any(self._task.environment or ())
            and (not interpreter or self._templar.template(interpreter) in _direct.INTERPRETERS)
        )
