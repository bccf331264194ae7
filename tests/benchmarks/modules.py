# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single modules: tasks that find all as it should be, and tasks that create."""

from __future__ import annotations

import functools
import typing as t

from . import cost
from .stage import LIMIT, OURS, PEER, Side, Stage, Work

BUSYBOX = {"type": "image", "alias": "busybox"}


def works(stage: Stage) -> t.Iterator[Work]:
    shipped = {"FLEET_LXD_DIRECT": "never"}
    for name, goal, count, sides in (
        ("loop of 50", "30 times", 50, {side: loop(stage, side, 50) for side in (OURS, PEER)}),
        ("50 tasks", "8 times", 50, {side: _tasks(stage, side, 50) for side in (OURS, PEER)}),
        ("loop of 20, shipped as a module", "not slower", 20, {OURS: loop(stage, OURS, 20, shipped), PEER: loop(stage, PEER, 20)}),
    ):
        yield Work(f"no-op container, {name}", goal, sides, before=functools.partial(stage.create, count, BUSYBOX), after=stage.clean)
    for kind, options in (
        ("profile", {"name": "default"}),
        ("project", {"name": "default"}),
        ("storage_pool_info", {}),
        ("storage_volume_info", {"pool": "default"}),
    ):
        arguments = {"url": stage.server.url, **options}
        tasks = {side: {f"{side}.lxd_{kind}": arguments, "loop": list(range(20))} for side in (OURS, PEER)}
        yield Work(f"no-op {kind}, loop of 20", "as containers", {side: stage.play([task]) for side, task in tasks.items()})
    yield Work(
        "create 100 stopped containers, loop", "as the limit",
        {OURS: loop(stage, OURS, 100), PEER: loop(stage, PEER, 100), LIMIT: lambda: cost.call(lambda: stage.create(100, BUSYBOX))},
        after=stage.clean,
    )


def loop(stage: Stage, side: str, count: int, environment: t.Mapping[str, str] | None = None) -> Side:
    """One task for so many containers."""
    return stage.play([{**_container(stage, side, "bench-{{ item }}"), "loop": list(range(count))}], environment=environment)


def _tasks(stage: Stage, side: str, count: int) -> Side:
    return stage.play([_container(stage, side, f"bench-{index}") for index in range(count)])


def _container(stage: Stage, side: str, name: str) -> dict[str, t.Any]:
    return {f"{side}.lxd_container": {"url": stage.server.url, "name": name, "state": "stopped", "source": BUSYBOX}}
