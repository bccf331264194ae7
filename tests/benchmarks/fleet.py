# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole fleets as one task, against a loop of the peer's, and against a bare client that sends as many requests at once."""

from __future__ import annotations

import functools
import typing as t

from . import cost
from .modules import BUSYBOX, loop
from .stage import LIMIT, OURS, PEER, Side, Stage, Work

# What lxd_fleet does at once if it is not told.
_WIDTH = 8


def works(stage: Stage) -> t.Iterator[Work]:
    bare = functools.partial(stage.create, 100, BUSYBOX, _WIDTH)
    yield Work(
        "create 100 stopped containers, fleet", "7 times; 1.15 of the limit",
        {OURS: _fleet(stage, 100), PEER: loop(stage, PEER, 100), LIMIT: lambda: cost.call(bare)},
        after=stage.clean,
    )  # fmt: skip
    yield Work(
        "converge 400 unchanged instances, fleet", "60 times; under 2 s",
        {OURS: _fleet(stage, 400), PEER: loop(stage, PEER, 400)},
        net=(), slow=(PEER,), before=functools.partial(stage.create, 400, {"type": "none"}), after=stage.clean,
    )  # fmt: skip


def _fleet(stage: Stage, count: int) -> Side:
    return stage.play([task(stage.server.url, "bench", count)])


def task(url: str, name: str, count: int, **fields: t.Any) -> dict[str, t.Any]:
    """The instances ``name-0`` and so on."""
    entry = {"name": f"{name}-{{n}}", "count": count, "first": 0, "image": "busybox", "state": "stopped", **fields}
    return {f"{OURS}.lxd_fleet": {"name": name, "url": url, "document": {"instances": [entry]}}}
