# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of a real server, whose instances are made of nothing: only how many there are matters."""

from __future__ import annotations

import functools
import time
import typing as t

from . import cost
from .stage import LIMIT, OURS, PEER, Stage, Work


def works(stage: Stage) -> t.Iterator[Work]:
    ours, peer = ({"plugin": f"{side}.lxd", "url": stage.server.url} for side in (OURS, PEER))
    sides = {OURS: stage.inventory("bench.lxd.yml", ours), PEER: stage.inventory("peer.lxd.yml", peer), LIMIT: lambda: _limit(stage)}
    for count, goal, slow in ((400, "18 times; 1.4 of the limit", ()), (1000, "requests do not depend on the number", (PEER,))):
        yield Work(
            f"inventory of {count:,} stopped", goal, sides, net=(), slow=slow,
            before=functools.partial(stage.create, count, {"type": "none"}), after=stage.clean,
        )  # fmt: skip


def _limit(stage: Stage) -> cost.Cost:
    """An inventory of one host that a file names, and the one request."""
    empty = stage.inventory("empty.yml", {"all": {"hosts": {"nobody": {}}}})()
    begun = time.monotonic()
    stage.server.api.call("GET", "/1.0/instances?recursion=1")
    return cost.Cost(empty.seconds + time.monotonic() - begun, empty.cpu, empty.memory)
