# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A case is a command whose end is a test's end, or whose output tells of many tests."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import typing as t

if t.TYPE_CHECKING:
    from tests.daemon.bed import Bed

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
SKIP_CODE = 77

# Seconds to end in: servers that a test has started stop their instances first.
PATIENCE = 60


@dataclasses.dataclass(frozen=True)
class Result:
    """How one test ended. ``story`` is shown when it did not pass."""

    part: str
    name: str
    outcome: str
    seconds: float
    story: str = ""


@dataclasses.dataclass(frozen=True)
class Command:
    """What to run. ``environment`` holds only what differs from our own; None takes a variable away."""

    words: t.Sequence[str]
    environment: t.Mapping[str, str | None] = dataclasses.field(default_factory=dict)
    directory: pathlib.Path | None = None


@dataclasses.dataclass(frozen=True)
class Finding:
    """A test inside a case, as its output tells."""

    name: str
    outcome: str
    seconds: float = 0.0
    story: str = ""


# Reads the output line by line, and None at its end; what it finds are the tests, and the case is none.
Reader = t.Callable[["str | None"], t.Iterable[Finding]]


@dataclasses.dataclass(frozen=True)
class Case:
    """``build`` is given the test bed (None unless ``bed``) and says what to run; it may prepare files first.

    Without ``reader`` the exit code tells: 0 passed, 77 skipped, else failed. ``expect`` and ``forbid`` are regular
    expressions: a success is none unless the output has the first and lacks the second (a tool that looked at no file at all
    is content). ``alone``: nothing runs beside it.
    """

    part: str
    name: str
    build: t.Callable[[Bed | None], Command]
    bed: bool = False
    timeout: float = 600
    reader: t.Callable[[], Reader] | None = None
    alone: bool = False
    expect: str = ""
    forbid: str = ""


class Stopped(Exception):
    """The run is over before the case is."""


class Running:
    """The processes under way, so that they can all be ended."""

    def __init__(self) -> None:
        self._processes: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    @contextlib.contextmanager
    def process(self, command: Command) -> t.Iterator[subprocess.Popen[str]]:
        environment = {**os.environ, **command.environment}
        with self._lock:
            if self.stopped.is_set():
                raise Stopped
            process = subprocess.Popen(
                [str(word) for word in command.words],
                env={name: value for name, value in environment.items() if value is not None},
                cwd=command.directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self._processes.add(process)
        try:
            yield process
        finally:
            self._processes.discard(process)
            end(process)

    def stop(self) -> None:
        with self._lock:
            self.stopped.set()
        for process in list(self._processes):
            end(process)


def end(process: subprocess.Popen[str]) -> None:
    """End a process with all its children: asked first, and told when it has not ended in time."""
    for wish in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, wish)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)


def run(case: Case, bed: Bed | None, log: pathlib.Path, running: Running) -> t.Iterator[Result]:
    """Results as they come. All output is in ``log``."""
    started = time.monotonic()
    command = case.build(bed)
    reader = case.reader() if case.reader else None
    found = failed = 0
    with running.process(command) as process, open(log, "w", encoding="utf-8") as file:
        timer = threading.Timer(case.timeout, end, [process])
        timer.start()
        try:
            for line in itertools.chain(t.cast(t.TextIO, process.stdout), [None]):
                file.write(line or "")
                for finding in reader(line) if reader else ():
                    found += 1
                    failed += finding.outcome == FAILED
                    yield Result(case.part, finding.name, finding.outcome, finding.seconds, finding.story)
            code = process.wait()
        finally:
            timer.cancel()
    if running.stopped.is_set():
        raise Stopped
    seconds = time.monotonic() - started
    complaint = _complaint(case, code, seconds, log)
    if complaint is None and reader and not found:
        complaint = "ran no test at all"
    if complaint and not failed:
        yield Result(case.part, case.name, FAILED, seconds, f"{complaint}\n{tail(log)}")
    elif reader is None:
        outcome = SKIPPED if code == SKIP_CODE else PASSED
        yield Result(case.part, case.name, outcome, seconds, tail(log, 3) if outcome == SKIPPED else "")


def _complaint(case: Case, code: int, seconds: float, log: pathlib.Path) -> str | None:
    """Why the case as a whole is a failure, or None."""
    if seconds >= case.timeout:
        return f"ended after {case.timeout:g} seconds, the time allowed"
    if code not in (0, SKIP_CODE):
        return f"ended with code {code}"
    output = log.read_text(encoding="utf-8", errors="replace")
    if code == 0 and not re.search(case.expect, output):
        return f"ended well, but its output has no {case.expect!r}: did it look at anything?"
    if case.forbid and re.search(case.forbid, output):
        return f"ended well, but its output has {case.forbid!r}: did it skip something?"
    return None


def tail(log: pathlib.Path, lines: int = 40) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
