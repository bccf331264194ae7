# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door for modules that are shipped to where a task runs. The only import of AnsibleModule."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ._converge import as_job, info_job
from ._errors import LxdError, MissingLibrary
from ._job import Job, perform
from ._resource import Resource, secrets


class _Module(AnsibleModule):
    """One that takes the secrets in config maps for what they are, before the first line of its log."""

    def _log_invocation(self) -> None:
        self.no_log_values.update(secrets(self.params))
        super()._log_invocation()


def run(what: Job | Resource) -> t.NoReturn:
    """The ``main`` of every module."""
    job = as_job(what)
    module = _Module(argument_spec=job.argument_spec, supports_check_mode=True, **job.argument_rules)
    try:
        result = perform(job, module.params, module.check_mode, module.warn)
    except MissingLibrary as error:
        module.fail_json(msg=missing_required_lib(error.library), exception=error.reason)
    except LxdError as error:
        module.fail_json(msg=str(error), **{fact: value for fact, value in error.facts.items() if fact != "diff" or module._diff})
    if not module._diff:
        result.pop("diff", None)
    module.exit_json(**result)


def run_info(resource: Resource) -> t.NoReturn:
    """The ``main`` of a module that lists a resource."""
    run(info_job(resource))
