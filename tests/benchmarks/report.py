# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The measurements as JSON, as a table and as a plot."""

from __future__ import annotations

import json
import pathlib
import statistics
import typing as t

from .scenarios import LIMIT, OURS, PEER


def summary(name: str, goal: str, costs: t.Mapping[str, list[t.Any]], empty: float) -> dict[str, t.Any]:
    """Medians of seconds (net of ``empty``), CPU seconds and KiB, and what the peer and the limit are to ours."""
    sides = {
        side: {
            "seconds": statistics.median(cost.seconds for cost in found) - (0 if side == LIMIT and found[0].memory == 0 else empty),
            "cpu": statistics.median(cost.cpu for cost in found),
            "memory": max(cost.memory for cost in found),
        }
        for side, found in costs.items()
    }
    ours = sides[OURS]["seconds"]
    ratios = {side: sides[side]["seconds"] / ours for side in sides if side != OURS}
    return {"work": name, "goal": goal, "runs": len(costs[OURS]), "sides": sides, "ratios": ratios}


def table(rows: t.Iterable[t.Mapping[str, t.Any]]) -> str:
    """Markdown; "times" is how often ours fits into the peer's time, "limit" how often the limit fits into ours."""
    lines = ["| work | fleet.lxd | community.general | times | limit | CPU | peak memory | goal |", "| --- " * 8 + "|"]
    for row in rows:
        sides, ratios = row["sides"], row["ratios"]
        peer = f"{sides[PEER]['seconds']:.2f} s | {ratios[PEER]:.1f}" if PEER in sides else "- | -"
        limit = f"{sides[LIMIT]['seconds']:.2f} s ({1 / ratios[LIMIT]:.2f})" if LIMIT in sides else "-"
        ours = sides[OURS]
        used = [f"{ours['cpu']:.1f} s", f"{ours['memory'] / 1024:.0f} MiB"]
        cells = [row["work"], f"{ours['seconds']:.2f} s", peer, limit, *used, row["goal"]]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write(rows: list[dict[str, t.Any]], directory: pathlib.Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "benchmarks.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    (directory / "benchmarks.md").write_text(table(rows), encoding="utf-8")
    plot(rows, directory / "benchmarks.png")


def plot(rows: t.Sequence[t.Mapping[str, t.Any]], path: pathlib.Path) -> None:
    """Seconds on a logarithmic scale, one bar a side."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 1 + 0.7 * len(rows)))
    for offset, side, colour in ((0.27, PEER, "#b0b0b0"), (0.0, OURS, "#dd4814"), (-0.27, LIMIT, "#2c7fb8")):
        found = [(index, row["sides"][side]["seconds"]) for index, row in enumerate(reversed(rows)) if side in row["sides"]]
        places, lengths = [index + offset for index, _seconds in found], [max(seconds, 0.01) for _index, seconds in found]
        axes.barh(places, lengths, 0.25, label=side, color=colour)
    axes.set_yticks(range(len(rows)), [row["work"] for row in reversed(rows)])
    axes.set_xscale("log")
    axes.set_xlabel("seconds (median, less is better)")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
