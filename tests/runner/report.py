# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is seen of a run: a line for each test as it ends, what failed, and the sum."""

from __future__ import annotations

import collections
import pathlib
import sys
import threading
import time

from .cases import FAILED, PASSED, SKIPPED, Result

_MARKS = {PASSED: "ok  ", FAILED: "FAIL", SKIPPED: "skip"}


class Report:
    """Counts and shows; used by several threads at once."""

    def __init__(self, logs: pathlib.Path) -> None:
        self.logs = logs
        self.results: list[Result] = []
        self._lock = threading.Lock()
        self._started = time.monotonic()

    def add(self, result: Result) -> None:
        with self._lock:
            self.results.append(result)
            self._print(f"{_MARKS[result.outcome]} {result.part:<11} {result.name:<58} {result.seconds:7.2f} s")
            if result.outcome == FAILED and result.story:
                self._print("".join(f"    | {line}\n" for line in result.story.splitlines()).rstrip("\n"))

    def say(self, text: str) -> None:
        with self._lock:
            self._print(f"--   {text}")

    def finish(self) -> bool:
        """The last lines; whether all is well (something ran, nothing failed)."""
        counts = collections.Counter(result.outcome for result in self.results)
        self._print("")
        for result in self.results:
            if result.outcome == FAILED:
                self._print(f"FAIL {result.part} {result.name}")
        if counts[FAILED]:
            self._print(f"The logs are in {self.logs}")
        self._print(f"{time.monotonic() - self._started:.0f} seconds")
        self._print(f"{counts[PASSED]} passed, {counts[FAILED]} failed, {counts[SKIPPED]} skipped")
        return not counts[FAILED] and bool(counts[PASSED])

    def _print(self, text: str) -> None:
        print(text, file=sys.stdout, flush=True)
