# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task, from its options to its result, without Ansible: what a module and the action plugin both run."""

from __future__ import annotations

import dataclasses
import typing as t

from ._client import Client
from ._options import MUTUALLY_EXCLUSIVE, SPEC, Remote


def _silent(_text: str, _fraction: float | None = None) -> None:
    """The progress of a task that nobody watches."""


@dataclasses.dataclass(frozen=True)
class Context:
    """What a job may use. ``client`` is None for a job that does not connect.

    ``progress(text, fraction)`` may be called as often as one likes (``fraction`` is 0 to 1, None if unknown); who shows
    it decides how often a line appears.
    """

    client: Client | None
    check: bool
    warn: t.Callable[[str], None]
    progress: t.Callable[[str, float | None], None] = _silent


@dataclasses.dataclass(frozen=True, eq=False)
class Job:
    """What a module does. ``run`` returns the result (``changed``, ``diff`` of ``before`` and ``after``, ...) or raises LxdError.

    ``options`` is the argument spec without the options of the connection, which ``connects`` adds; ``rules`` holds
    ``mutually_exclusive``, ``required_if`` and so on, as ``AnsibleModule`` takes them. ``files``: it carries files, which
    takes a library.
    """

    options: t.Mapping[str, t.Mapping[str, t.Any]]
    run: t.Callable[[t.Mapping[str, t.Any], Context], dict[str, t.Any]]
    rules: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    connects: bool = True
    files: bool = False

    @property
    def argument_spec(self) -> dict[str, t.Any]:
        """All options, as ``AnsibleModule`` wants them."""
        return {**(SPEC if self.connects else {}), **self.options}

    @property
    def argument_rules(self) -> dict[str, t.Any]:
        """The relations between options, as ``AnsibleModule`` wants them."""
        exclusive = [*(MUTUALLY_EXCLUSIVE if self.connects else ()), *self.rules.get("mutually_exclusive", ())]
        return {**self.rules, "mutually_exclusive": exclusive}


def perform(
    job: Job,
    params: t.Mapping[str, t.Any],
    check: bool,
    warn: t.Callable[[str], None],
    progress: t.Callable[[str, float | None], None] = _silent,
    connect: t.Callable[[Remote], t.ContextManager[Client]] = Client,
) -> dict[str, t.Any]:
    """The whole task: opens the server that ``params`` name, and runs the job on it.

    :raises LxdError: for whatever goes wrong.
    """
    if not job.connects:
        return job.run(params, Context(None, check, warn, progress))
    with connect(Remote.read(params.get)) as client:
        client.require_trust(check)
        if check:
            client.foresee(warn)
        return job.run(params, Context(client, check, warn, progress))
