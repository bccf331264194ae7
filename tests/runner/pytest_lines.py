# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pytest plugin: one line of JSON for each test that ended, for :mod:`.pytests`."""

from __future__ import annotations

import json
import typing as t

from .pytests import MARK

_seconds: dict[str, float] = {}
_outcomes: dict[str, tuple[str, str]] = {}


def pytest_runtest_logreport(report: t.Any) -> None:
    """A test passes when its call does, and nothing around it fails."""
    _seconds[report.nodeid] = _seconds.get(report.nodeid, 0.0) + report.duration
    if report.skipped:
        _outcomes[report.nodeid] = ("skipped", str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr))
    elif report.failed:
        _outcomes[report.nodeid] = ("failed", report.longreprtext[-6000:])
    else:
        _outcomes.setdefault(report.nodeid, ("passed", ""))
    if report.when == "teardown":
        outcome, story = _outcomes.pop(report.nodeid)
        name = report.nodeid.removeprefix("tests/").partition("/")[2]
        _tell(name, outcome, _seconds.pop(report.nodeid), story)


def pytest_collectreport(report: t.Any) -> None:
    """A file that cannot be imported is a failed test."""
    if report.failed:
        _tell(report.nodeid or "collection", "failed", 0.0, report.longreprtext[-6000:])


def _tell(name: str, outcome: str, seconds: float, story: str) -> None:
    print("\n" + MARK + json.dumps({"name": name, "outcome": outcome, "seconds": seconds, "story": story}), flush=True)
