# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the benchmarks make of what they measure."""

from __future__ import annotations

import pathlib
import typing as t

from tests.benchmarks import report
from tests.benchmarks.cost import Cost
from tests.benchmarks.stage import LIMIT, OURS, PEER, Work


def work(**fields: t.Any) -> Work:
    return Work("create", "7 times", {}, **fields)


def summary(what: Work) -> report.Row:
    costs = {
        OURS: [Cost(3.0, 1.0, 2048), Cost(2.5, 1.0, 1024), Cost(9.0, 1.0, 1024)],
        PEER: [Cost(10.5, 5.0, 4096)],
        LIMIT: [Cost(2.0, 0.1, 0)],
    }
    return report.summary(what, costs, [Cost(0.5, 0.5, 0)], 1.2)


def test_an_empty_playbook_is_subtracted_where_that_is_to_be() -> None:
    row = summary(work())
    assert [row["sides"][side]["seconds"] for side in (OURS, PEER, LIMIT)] == [2.5, 10.0, 2.0]
    assert (row["ratios"], row["sides"][OURS]["memory"]) == ({PEER: 4.0, LIMIT: 0.8}, 2048)
    assert report.work_cells([row]) == [("create", "2.50 s", "10.00 s", "4.0", "2.00 s (1.25)", "1.0 s", "2 MiB", "7 times")]
    assert summary(work(net=()))["sides"][OURS]["seconds"] == 3.0


def test_what_was_measured_before_is_kept_until_it_is_measured_again(tmp_path: pathlib.Path) -> None:
    about = report.machine({"LXD": "5.0.2"})
    rows = [{"work": name, "load": 0.0, "cpu": 1} for name in ("b", "a", "dropped")]
    report.merge(tmp_path, about, rows, [], ["a", "b", "dropped"])
    merged = report.merge(tmp_path, about, [{"work": "b", "load": 3.0, "cpu": 2}], [], ["a", "b", "c"])
    assert [(row["work"], row["cpu"]) for row in merged["works"]] == [("a", 1), ("b", 2)]
    assert "LXD 5.0.2; load of the machine when a work began: 0.0 to 3.0." in report.conditions(merged)


def test_growth() -> None:
    sizes = {str(size): {"seconds": 9.0, "cpu": cpu, "memory": size * 1024} for size, cpu in ((1, 0.5), (1000, 1.0), (10_000, 8.0))}
    row = {"work": "inventory", "sizes": sizes}
    assert report.growth_cells([row]) == [("inventory", "0.50 s", "1.00 s", "8.00 s", "-", "10000 MiB", "8.0", "-")]
