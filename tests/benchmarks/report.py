# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The measurements as JSON and as tables; what was measured before is kept until it is measured again."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import platform
import time
import typing as t

from . import cost
from .growth import SIZES, factor
from .stage import LIMIT, OURS, PEER, Work

Row = dict[str, t.Any]
Results = dict[str, t.Any]


def summary(work: Work, costs: t.Mapping[str, list[cost.Cost]], empties: t.Sequence[cost.Cost], load: float) -> Row:
    """Medians of seconds (net of an empty playbook where that is to be), CPU seconds and KiB, and what the others are to ours.

    ``load`` is the machine's when the measurement began: what others did beside it.
    """
    sides, empty = {}, cost.median(empties).seconds
    for side, found in costs.items():
        middle = cost.median(found)
        net = middle.seconds - (empty if side in work.net else 0)
        sides[side] = {**dataclasses.asdict(middle), "seconds": net, "runs": len(found)}
    ratios = {side: sides[side]["seconds"] / sides[OURS]["seconds"] for side in sides if side != OURS}
    return {"work": work.name, "goal": work.goal, "load": load, "sides": sides, "ratios": ratios}


def machine(versions: t.Mapping[str, str]) -> dict[str, str]:
    """What was measured on, and when."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "machine": f"{os.cpu_count()} CPUs, {pages / (1 << 30):.0f} GiB, {platform.system()} {platform.machine()}",
        "date": time.strftime("%Y-%m-%d"),
        "Python": platform.python_version(),
        **versions,
    }


def merge(directory: pathlib.Path, about: t.Mapping[str, str], works: list[Row], growth: list[Row], order: t.Sequence[str]) -> Results:
    """What is known by now; written to ``benchmarks.json``. ``order`` is that of the works; what is not in it is forgotten."""
    path = directory / "benchmarks.json"
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if not (works or growth or old):
        raise SystemExit(f"nothing was measured, and nothing is known in {path}")
    merged: Results = {"about": dict(about) if works or growth else old["about"]}
    for key, rows in (("works", works), ("growth", growth)):
        known = {row["work"]: row for row in [*old.get(key, []), *rows]}
        merged[key] = [known[name] for name in order if name in known]
    directory.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(merged, indent=2) + "\n", encoding="utf-8")
    return merged


def conditions(results: Results) -> str:
    """A sentence on machine, versions and what else was going on."""
    about = dict(results["about"])
    where, when = about.pop("machine"), about.pop("date")
    used = ", ".join(f"{name} {version}" for name, version in about.items())
    loads = [row["load"] for row in results["works"]] or [0.0]
    return f"{when}, {where}; {used}; load of the machine when a work began: {min(loads):.1f} to {max(loads):.1f}."


def markdown(results: Results) -> str:
    parts = [conditions(results)]
    for head, rows in ((WORKS, work_cells(results["works"])), (GROWTH, growth_cells(results["growth"]))):
        lines = [head, ("---",) * len(head), *rows]
        parts.append("\n".join(f"| {' | '.join(cells)} |" for cells in lines))
    return "\n\n".join(parts) + "\n"


WORKS = ("work", "fleet.lxd", "community.general", "times", "limit", "CPU", "peak memory", "goal")
GROWTH = ("instances", *(f"{size:,}" for size in SIZES), "peak memory", "1,000 to 10,000", "10,000 to 100,000")


def work_cells(rows: t.Iterable[Row]) -> list[tuple[str, ...]]:
    """"times" is how often ours fits into the peer's time; in brackets how often the limit fits into ours."""
    found: list[tuple[str, ...]] = []
    for row in rows:
        sides, ratios = row["sides"], row["ratios"]
        peer = (f"{sides[PEER]['seconds']:.2f} s", f"{ratios[PEER]:.1f}") if PEER in sides else ("-", "-")
        limit = f"{sides[LIMIT]['seconds']:.2f} s ({1 / ratios[LIMIT]:.2f})" if LIMIT in sides else "-"
        ours = sides[OURS]
        used = (f"{ours['cpu']:.1f} s", f"{ours['memory'] / 1024:.0f} MiB")
        found.append((row["work"], f"{ours['seconds']:.2f} s", *peer, limit, *used, row["goal"]))
    return found


def growth_cells(rows: t.Iterable[Row]) -> list[tuple[str, ...]]:
    """Seconds of CPU for so many instances, the memory for the most of them, and how many times as much ten times as many take."""
    found: list[tuple[str, ...]] = []
    for row in rows:
        sizes = row["sizes"]
        seconds = (f"{sizes[str(size)]['cpu']:.2f} s" if str(size) in sizes else "-" for size in SIZES)
        memory = f"{sizes[max(sizes, key=int)]['memory'] / 1024:.0f} MiB"
        factors = (factor(row, size) for size in SIZES[2:])
        found.append((row["work"], *seconds, memory, *(f"{each:.1f}" if each else "-" for each in factors)))
    return found
