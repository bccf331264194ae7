# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python3 -m tests.benchmarks``: ours, the peer's and the limit in one run, in turn; medians and ratios."""

from __future__ import annotations

import argparse
import collections
import importlib.metadata
import json
import os
import pathlib
import signal
import sys
import tempfile
import typing as t

from tests.daemon import bed, packages
from tests.runner import python

from . import connection, fleet, growth, guide, images, inventory, modules, plots, report
from .stage import Stage, Work


def main() -> int:
    options = _parse()
    # SIGTERM unwinds the stack as Ctrl-C does, so that everything started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
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
        stage = Stage(servers, venv.bin, _collections(pathlib.Path(scratch)), pathlib.Path(scratch))
        results = _measure(stage, options)
    (options.out / "benchmarks.md").write_text(report.markdown(results), encoding="utf-8")
    for name, draw, rows in (("works", plots.works, results["works"]), ("growth", plots.growth, results["growth"])):
        if rows:
            plots.png(draw(rows), options.out / f"{name}.png")
    if options.docs:
        guide.write(results)
    print(report.markdown(results))
    print(f"written to {options.out}")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m tests.benchmarks", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only works in whose names one of these words is; the others stay known")
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured (%(default)s); 0: only write again what is known")
    parser.add_argument("--out", type=pathlib.Path, default=python.ROOT / "tests" / "output" / "benchmarks")
    parser.add_argument("--debian", action="store_true", help="also what needs a Python in the container")
    parser.add_argument("--largest", type=int, default=growth.SIZES[-1], help="the most instances that are simulated (%(default)s)")
    parser.add_argument("--docs", action="store_true", help="write the results into the guide of the documentation, too")
    return parser.parse_args()


def _collections(scratch: pathlib.Path) -> pathlib.Path:
    namespace = scratch / "collections" / "ansible_collections" / "fleet"
    namespace.mkdir(parents=True)
    (namespace / "lxd").symlink_to(python.ROOT)
    return scratch / "collections"


def _measure(stage: Stage, options: argparse.Namespace) -> report.Results:
    # A server that has made thousands of instances answers more slowly: what hangs on single requests comes first.
    works = [work for part in (connection, modules, images, fleet, inventory) for work in part.works(stage)]
    order = [*(work.name for work in works), *(each.name for each in growth.GROWTHS)]
    rows, grown = [], []
    if options.runs:
        stage.empty()
        rows = [_compare(stage, work, options.runs) for work in works if _chosen(work.name, options.words)]
        growths = [each for each in growth.GROWTHS if _chosen(each.name, options.words)]
        grown = growth.measure(stage, growths, [size for size in growth.SIZES if size <= options.largest], options.runs) if growths else []
    return report.merge(options.out, report.machine(_versions(stage)), rows, grown, order)


def _chosen(name: str, words: t.Sequence[str]) -> bool:
    return not words or any(word in name for word in words)


def _compare(stage: Stage, work: Work, runs: int) -> report.Row:
    costs = collections.defaultdict(list)
    empties = []
    load = os.getloadavg()[0]
    sides = list(work.sides.items())
    for run in range(runs):
        empties.append(stage.empty())
        # Whoever comes first may have it harder, so that each is first in turn.
        turn = run % len(sides)
        for side, measure in (*sides[turn:], *sides[:turn]):
            if run and side in work.slow:
                continue
            work.before()
            try:
                costs[side].append(measure())
            finally:
                work.after()
    row = report.summary(work, costs, empties, load)
    print(" | ".join(report.work_cells([row])[0]), flush=True)
    return row


def _versions(stage: Stage) -> dict[str, str]:
    found = {"LXD": stage.server.api.call("GET", "/1.0")["environment"]["server_version"]}
    found["ansible-core"] = importlib.metadata.version("ansible-core")
    peer = next(stage.ansible.parent.glob("lib/python3*/site-packages/ansible_collections/community/general/MANIFEST.json"))
    return {**found, "community.general": json.loads(peer.read_text(encoding="utf-8"))["collection_info"]["version"]}


if __name__ == "__main__":
    sys.exit(main())
