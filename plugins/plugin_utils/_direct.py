# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job done in the controller's worker, with the checks, the masking and the result that its module would have."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
import time
import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.utils.display import Display

from ..module_utils._client import Client
from ..module_utils._converge import as_job, info_job
from ..module_utils._errors import LxdError, MissingLibrary
from ..module_utils._job import Job, perform
from ..module_utils._options import Remote
from ..module_utils._resource import secrets
from ._compiled import kept

# Names of the Python that runs this.
INTERPRETERS = (sys.executable, os.path.realpath(sys.executable))

# A worker has no terminal of its own: this is looked at in the parent, which loads the plugin.
_ON_TERMINAL = sys.stderr.isatty()
# A line of progress appears as often as that, or when so much more is done.
_SECONDS, _FRACTION = 5.0, 0.1

_RESOURCES = "ansible_collections.fleet.lxd.plugins.module_utils._resources."


@functools.lru_cache(maxsize=None)
@kept()
def job(action: str) -> Job | None:
    """The job of ``fleet.lxd.lxd_x`` or ``lxd_x``; None when a library that it needs is only elsewhere, if anywhere."""
    kind = action.rpartition(".")[2].removeprefix("lxd_")
    listed = kind.removesuffix("_info")
    module = importlib.import_module(_RESOURCES + listed)
    if kind != listed and not hasattr(module, kind.upper()):
        return info_job(getattr(module, listed.upper()))
    found = as_job(getattr(module, kind.upper()))
    if not found.files:
        return found
    # Imported in the parent, the library costs no worker anything.
    from ..module_utils import _bulk

    return found if _bulk.load() else None


@kept()
def execute(name: str, job: Job, args: t.Mapping[str, t.Any], check: bool, diff: bool, host: str) -> dict[str, t.Any]:
    """The result that the module would give for these arguments."""
    validation = _validator(job).validate(dict(args))
    hidden = validation._no_log_values | secrets(validation.validated_parameters)
    warnings: list[str] = [f"Both option {both['option']} and its alias {both['alias']} are set." for both in validation._warnings]
    if validation.error_messages:
        result: dict[str, t.Any] = {"failed": True, "msg": _complaint(name, validation)}
    else:
        result = _perform(job, validation.validated_parameters, check, warnings.append, Progress(host))
    if not diff:
        result.pop("diff", None)
    result.setdefault("changed", False)
    result["invocation"] = {"module_args": validation.validated_parameters}
    if warnings:
        result["warnings"] = warnings
    return remove_values(result, hidden)


@functools.lru_cache(maxsize=None)
def _validator(job: Job) -> ArgumentSpecValidator:
    """One for all items of a loop: to make it copies the whole spec."""
    return ArgumentSpecValidator(job.argument_spec, **job.argument_rules)


def _complaint(name: str, validation: t.Any) -> str:
    """In the words of AnsibleModule."""
    first = f"Unsupported parameters for ({name}) module: " if any(isinstance(e, UnsupportedError) for e in validation.errors) else ""
    return first + ". ".join(validation.error_messages)


def _perform(
    job: Job, params: t.Mapping[str, t.Any], check: bool, warn: t.Callable[[str], None], progress: t.Callable[..., None]
) -> dict[str, t.Any]:
    try:
        return perform(job, params, check, warn, progress, _connection)
    except MissingLibrary as error:
        return {"failed": True, "msg": missing_required_lib(error.library), "exception": error.reason}
    except LxdError as error:
        return {"failed": True, "msg": str(error), **error.facts}


@contextlib.contextmanager
def _connection(remote: Remote) -> t.Iterator[Client]:
    """A client that stays open for the other items of a loop. A worker does one task, and takes its connections along."""
    yield _client(remote)


_client = functools.lru_cache(maxsize=16)(Client)


class Progress:
    """Lines on stderr, so that what a callback writes to stdout stays whole. ``ANSIBLE_LXD_PROGRESS``: auto, always, never."""

    def __init__(self, host: str) -> None:
        wish = os.environ.get("ANSIBLE_LXD_PROGRESS", "auto")
        self.shown = wish == "always" or (wish == "auto" and _ON_TERMINAL)
        self.host = host
        self.display = Display()
        self.begun = self.last = time.monotonic()
        self.fraction = 0.0

    def __call__(self, text: str, fraction: float | None = None) -> None:
        now = time.monotonic()
        if not self.shown or (now - self.last < _SECONDS and (fraction or 0.0) - self.fraction < _FRACTION):
            return
        self.last, self.fraction = now, fraction or self.fraction
        done = f" {fraction:.0%}" if fraction is not None else ""
        self.display.display(f"[{self.host}] {text}{done} ({now - self.begun:.0f} s)", stderr=True)
