# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The measurements as plots: for a look as PNG, for the guide as SVG."""

from __future__ import annotations

import io
import pathlib
import re
import typing as t

from .stage import LIMIT, OURS, PEER

_COLOURS = {PEER: "#b0b0b0", OURS: "#dd4814", LIMIT: "#2c7fb8"}
Row = t.Mapping[str, t.Any]


def works(rows: t.Sequence[Row]) -> t.Any:
    """Seconds on a logarithmic scale, one bar a side."""
    pyplot = _pyplot()
    figure, axes = pyplot.subplots(figsize=(9, 1 + 0.55 * len(rows)))
    for offset, side in ((0.27, PEER), (0.0, OURS), (-0.27, LIMIT)):
        found = [(index, row["sides"][side]["seconds"]) for index, row in enumerate(reversed(rows)) if side in row["sides"]]
        places, lengths = [index + offset for index, _seconds in found], [max(seconds, 0.01) for _index, seconds in found]
        axes.barh(places, lengths, 0.25, label=side, color=_COLOURS[side])
    axes.set_yticks(range(len(rows)), [row["work"] for row in reversed(rows)])
    axes.set_xscale("log")
    _plain(axes.xaxis)
    axes.set_xlabel("seconds (median, less is better)")
    axes.legend()
    figure.tight_layout()
    return figure


def growth(rows: t.Sequence[Row]) -> t.Any:
    """CPU and memory over the number of instances, on logarithmic scales."""
    figure, pair = _pyplot().subplots(1, 2, figsize=(9, 5))
    for axes, part, scale, label in ((pair[0], "cpu", 1.0, "CPU, seconds"), (pair[1], "memory", 1 / 1024, "peak memory, MiB")):
        for row in rows:
            sizes = sorted(row["sizes"], key=int)[1:]
            values = [row["sizes"][size][part] * scale for size in sizes]
            axes.plot([int(size) for size in sizes], values, marker="o", label=row["work"])
        axes.set_xscale("log")
        axes.set_yscale("log")
        _plain(axes.xaxis, (1,))
        _plain(axes.yaxis)
        axes.set_xlabel("instances (simulated)")
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
    figure.legend(*pair[0].get_legend_handles_labels(), loc="lower center", ncol=2, fontsize="small")
    figure.tight_layout(rect=(0, 0.2, 1, 1))
    return figure


def _plain(axis: t.Any, subs: t.Sequence[int] = (1, 2, 5)) -> None:
    """Numbers as people write them, at these of each decade."""
    from matplotlib import ticker

    axis.set_major_locator(ticker.LogLocator(subs=subs))
    axis.set_major_formatter("{x:,g}")
    axis.set_minor_locator(ticker.NullLocator())


def png(figure: t.Any, path: pathlib.Path) -> None:
    figure.savefig(path, dpi=110)


def svg(figure: t.Any) -> str:
    """The element alone, small, its text as text, the same for the same numbers."""
    content = io.StringIO()
    figure.savefig(content, format="svg", metadata={"Date": None})
    element = re.sub(r"(?s)^.*?(?=<svg)|<metadata>.*?</metadata>", "", content.getvalue())
    element = re.sub(r"(\d\.\d)\d+", r"\1", element)
    return "\n".join(line.strip() for line in element.splitlines() if line.strip()) + "\n"


def _pyplot() -> t.Any:
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": OURS, "path.simplify": True})
    from matplotlib import pyplot

    return pyplot
