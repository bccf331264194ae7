# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``./runtests [PART [NAME...]]...``: what is asked for becomes cases, which two workers run."""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import queue
import re
import signal
import sys
import tempfile
import threading
import time
import traceback
import typing as t

from tests.daemon import bed, packages

from . import integration, pytests, python, sanity, scripts, tools
from .cases import FAILED, Case, Result, Running, Stopped, run
from .report import Report
from .work import Work

Part = t.Callable[[Work, t.Sequence[str]], t.Iterable[Case]]

# The order is that of the run: what takes long and needs no servers goes while they start.
PARTS: t.Mapping[str, Part] = {
    "sanity": sanity.cases,
    "unit": pytests.unit,
    "lint": tools.lint,
    "docs": tools.docs,
    "roles": scripts.roles,
    "faults": pytests.faults,
    "integration": integration.cases,
    "quickstart": scripts.quickstart,
}


def main() -> int:
    arguments = _parse()
    chosen = _chosen(arguments.what)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logs = python.CACHE / "logs" / time.strftime("%Y%m%d-%H%M%S")
    logs.mkdir(parents=True, exist_ok=True)
    report = Report(logs)
    try:
        with tempfile.TemporaryDirectory(prefix="fleet-") as scratch:
            _run(pathlib.Path(scratch), chosen, report, arguments.jobs)
    except KeyboardInterrupt:
        report.add(Result("runtests", "the run", FAILED, 0.0, "interrupted"))
    return 0 if report.finish() else 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./runtests",
        description="Runs the tests: all of them, or parts, or single tests of a part.",
        epilog=f"Parts: {' '.join(PARTS)}. Example: ./runtests unit integration lxd_image lxd_exec",
    )
    parser.add_argument("what", nargs="*", metavar="PART|NAME", help="a part; what follows it and is no part is a test of it")
    parser.add_argument("--jobs", type=int, default=2, help="how many tests run at once (%(default)s)")
    return parser.parse_args()


def _chosen(words: t.Sequence[str]) -> dict[str, list[str]]:
    """``["unit", "integration", "lxd_image"]`` is ``{"unit": [], "integration": ["lxd_image"]}``."""
    chosen: dict[str, list[str]] = {} if words else {part: [] for part in PARTS}
    part = ""
    for word in words:
        if word in PARTS:
            part = word
            chosen.setdefault(part, [])
        elif part:
            chosen[part].append(word)
        else:
            raise SystemExit(f"./runtests: there is no part {word!r}; parts are {', '.join(PARTS)}")
    return {part: chosen[part] for part in PARTS if part in chosen}


def _run(scratch: pathlib.Path, chosen: t.Mapping[str, t.Sequence[str]], report: Report, jobs: int) -> None:
    _install_packages(report)
    interpreter = python.between((3, 11), (3, 13))
    if interpreter is None:
        raise SystemExit("ansible-core 2.19 needs Python 3.11, 3.12 or 3.13, and this machine has none")
    work = Work(scratch, python.venv("tests", interpreter, "requirements.txt", say=report.say), report.say)
    cases = []
    for part, names in chosen.items():
        found = list(PARTS[part](work, names))
        if not found:
            wanted = f"no test named {' '.join(names)}" if names else "not a single test"
            report.add(Result(part, "its tests", FAILED, 0.0, f"{wanted} in {part}"))
        cases += found
    running = Running()
    with contextlib.ExitStack() as stack:
        servers = _Servers(stack, "roles" in chosen or integration.needs_debian(chosen.get("integration", ())), report)
        if any(case.bed for case in cases):
            servers.start()
        try:
            _work_off([case for case in cases if not case.alone], jobs, servers, report, running)
            _work_off([case for case in cases if case.alone], 1, servers, report, running)
        finally:
            running.stop()


class _Servers:
    """The test bed, started in a thread while tests that need none run."""

    def __init__(self, stack: contextlib.ExitStack, debian: bool, report: Report) -> None:
        self._stack, self._debian, self._report = stack, debian, report
        self._ready: concurrent.futures.Future[bed.Bed] = concurrent.futures.Future()

    def start(self) -> None:
        thread = threading.Thread(target=self._start)
        # Whatever happens, the servers have come up before they are taken down.
        self._stack.callback(thread.join)
        thread.start()

    def _start(self) -> None:
        started = time.monotonic()
        entered = contextlib.ExitStack()
        try:
            ready = entered.enter_context(bed.ready(debian=self._debian))
        except BaseException as error:
            self._ready.set_exception(error)
            return
        self._stack.push(entered)
        self._report.say(f"LXD and Incus are up after {time.monotonic() - started:.1f} s")
        self._ready.set_result(ready)

    def get(self) -> bed.Bed:
        return self._ready.result()


def _work_off(cases: t.Sequence[Case], jobs: int, servers: _Servers, report: Report, running: Running) -> None:
    waiting: queue.SimpleQueue[Case] = queue.SimpleQueue()
    for case in cases:
        waiting.put(case)

    def worker() -> None:
        with contextlib.suppress(queue.Empty, Stopped):
            while True:
                _one(waiting.get_nowait(), servers, report, running)

    threads = [threading.Thread(target=worker) for _number in range(jobs)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        running.stop()
        for thread in threads:
            thread.join()
        raise


def _one(case: Case, servers: _Servers, report: Report, running: Running) -> None:
    started = time.monotonic()
    log = report.logs / (re.sub(r"[^\w.-]+", "-", f"{case.part}-{case.name}").strip("-") + ".log")
    try:
        for result in run(case, servers.get() if case.bed else None, log, running):
            report.add(result)
    except Stopped:
        raise
    except Exception:
        report.add(Result(case.part, case.name, FAILED, time.monotonic() - started, traceback.format_exc()))


def _install_packages(report: Report) -> None:
    absent = packages.missing()
    if not absent:
        return
    if os.geteuid() != 0:
        raise SystemExit(f"./runtests: these packages are missing: {' '.join(absent)}; as root it installs them itself")
    report.say(f"installing {' '.join(absent)}")
    packages.install()


if __name__ == "__main__":
    sys.exit(main())
