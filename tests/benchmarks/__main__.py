# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python3 -m tests.benchmarks``: ours, the peer's and the limit in one run, in turn; medians and ratios."""

from __future__ import annotations

import argparse
import collections
import os
import pathlib
import statistics
import sys
import tempfile

from tests.daemon import bed, packages
from tests.runner import python

from . import report
from .scenarios import Scenarios


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.benchmarks", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only works in whose names one of these words is")
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured (%(default)s)")
    parser.add_argument("--out", type=pathlib.Path, default=python.ROOT / "tests" / "output" / "benchmarks")
    parser.add_argument("--debian", action="store_true", help="also what needs a Python in the container")
    options = parser.parse_args()
    if packages.missing():
        packages.install()
    interpreter = python.between((3, 12), (3, 14))
    if interpreter is None:
        raise SystemExit("the current release of community.general needs Python 3.12 or later, and this machine has none")
    venv = python.venv("benchmarks", interpreter, "requirements-benchmarks.txt")
    if pathlib.Path(sys.prefix) != venv.path:
        # The plots need what only that environment has.
        os.execv(venv.program("python"), [venv.program("python"), "-B", "-m", "tests.benchmarks", *sys.argv[1:]])
    with tempfile.TemporaryDirectory(prefix="fleet-bench-") as scratch, bed.ready(("lxd",), debian=options.debian) as servers:
        rows = _measure(servers, venv.bin, pathlib.Path(scratch), options)
    report.write(rows, options.out)
    print(report.table(rows))
    print(f"written to {options.out}")
    return 0


def _measure(servers: bed.Bed, programs: pathlib.Path, scratch: pathlib.Path, options: argparse.Namespace) -> list[dict]:
    namespace = scratch / "collections" / "ansible_collections" / "fleet"
    namespace.mkdir(parents=True)
    (namespace / "lxd").symlink_to(python.ROOT)
    scenarios = Scenarios(servers, programs, scratch / "collections", scratch)
    scenarios.empty()
    rows = []
    for work in scenarios.all():
        if options.words and not any(word in work.name for word in options.words):
            continue
        costs = collections.defaultdict(list)
        empties = []
        for _run in range(options.runs):
            empties.append(scenarios.empty().seconds)
            for side, measure in work.sides.items():
                work.before()
                try:
                    costs[side].append(measure())
                finally:
                    work.after()
        empty = statistics.median(empties) if work.net else 0.0
        rows.append(report.summary(work.name, work.goal, costs, empty))
        print(report.table(rows[-1:]).splitlines()[-1], flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
