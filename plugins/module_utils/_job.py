# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task, from its options to its result, without Ansible: what a module and the action plugin both run."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from ._client import Client


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


@dataclasses.dataclass(frozen=True)
class Job:
    """What a module does. ``run`` returns the result (``changed``, ``diff`` of ``before`` and ``after``, ...) or raises LxdError.

    ``options`` is the argument spec without the options of the connection, which ``connects`` adds; ``rules`` holds
    ``mutually_exclusive``, ``required_if`` and so on, as ``AnsibleModule`` takes them.
    """

    options: t.Mapping[str, t.Mapping[str, t.Any]]
    run: t.Callable[[t.Mapping[str, t.Any], Context], dict[str, t.Any]]
    rules: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    connects: bool = True
