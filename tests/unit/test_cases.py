# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the runner ends what it has started."""

from __future__ import annotations

import pathlib
import signal
import subprocess

import pytest

from tests.runner import cases


def _started(script: str) -> subprocess.Popen[str]:
    """Once it has said that its trap is set."""
    process = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout and process.stdout.readline() == "ready\n"
    return process


def test_what_is_ended_may_clean_up(tmp_path: pathlib.Path) -> None:
    process = _started(f"trap 'sleep 0.2; touch {tmp_path}/clean; exit 3' TERM; echo ready; while :; do sleep 0.1; done")
    cases.end(process)
    assert (process.returncode, (tmp_path / "clean").exists()) == (3, True)


def test_what_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "PATIENCE", 0.3)
    process = _started("trap '' TERM; echo ready; while :; do sleep 0.1; done")
    cases.end(process)
    assert process.returncode == -signal.SIGKILL
