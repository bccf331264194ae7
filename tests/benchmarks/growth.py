# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How time and memory grow with a fleet that no machine of a test could hold: on simulated servers, each in a process of its own."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shlex
import subprocess
import typing as t

from tests.simulated.server import running

from . import cost, fleet
from .stage import OURS, Side, Stage

SIZES = (1, 1_000, 10_000, 100_000)


@dataclasses.dataclass(frozen=True)
class Growth:
    """``side`` gives, for the url of a server with so many instances, what is measured; above ``most`` it is not tried."""

    name: str
    side: t.Callable[[Stage, str, int], Side]
    most: int = SIZES[-1]


def _inventory(*arguments: str, **options: t.Any) -> t.Callable[[Stage, str, int], Side]:
    return lambda stage, url, _count: stage.inventory("growth.lxd.yml", {"plugin": f"{OURS}.lxd", "url": url, **options}, *arguments)


def _script(stage: Stage, url: str, _count: int) -> Side:
    """The same hosts with the same variables, out of a file: what Ansible itself needs for them."""
    known = stage.scratch / "known.json"
    ours = stage.file("growth.lxd.yml", {"plugin": f"{OURS}.lxd", "url": url})
    command = [str(stage.ansible / "ansible-inventory"), "-i", str(ours), "--list", "--export", "--output", str(known)]
    subprocess.run(command, env={**os.environ, **stage.environment}, check=True, stdout=subprocess.DEVNULL)
    script = stage.scratch / "script.sh"
    script.write_text(f"#!/bin/sh\ncat {shlex.quote(str(known))}\n", encoding="utf-8")
    script.chmod(0o755)
    return stage.inventory_of(script, "--host", "sim-0")


def _fleet(check: bool, **fields: t.Any) -> t.Callable[[Stage, str, int], Side]:
    def side(stage: Stage, url: str, count: int) -> Side:
        return stage.play([fleet.task(url, "sim", count, **fields)], arguments=["--check"] if check else [])

    return side


def _debug(stage: Stage, url: str, _count: int) -> Side:
    """One task that does nothing on every host: what the controller and its forks need."""
    inventory = stage.file("growth.lxd.yml", {"plugin": f"{OURS}.lxd", "url": url})
    return stage.play([{"ansible.builtin.debug": {"msg": "here"}}], "all", ["-i", str(inventory), "--forks", "20"])


_GROUPED = {"keyed_groups": [{"key": "lxd_config['user.role']", "prefix": "role"}]}
GROWTHS = (
    Growth("inventory, as a play loads it", _inventory("--host", "sim-0")),
    Growth("inventory, printed as JSON by ansible-inventory", _inventory()),
    Growth("inventory, with a keyed group", _inventory("--host", "sim-0", **_GROUPED), 10_000),
    Growth("the same hosts from a script, without fleet.lxd", _script, 10_000),
    Growth("lxd_fleet, nothing to do", _fleet(False)),
    Growth("lxd_fleet --check, a change of every instance", _fleet(True, config={"user.bench": "{n}"}), 10_000),
    Growth("a debug task on every host, 20 forks", _debug, 1_000),
)


def measure(stage: Stage, growths: t.Sequence[Growth], sizes: t.Sequence[int], runs: int) -> list[dict[str, t.Any]]:
    """Rows with ``work`` and, for each size, seconds, CPU and KiB, medians of ``runs``; beyond 10,000 instances of one run."""
    rows: dict[str, dict[str, t.Any]] = {growth.name: {"work": growth.name, "sizes": {}} for growth in growths}
    for size in sizes:
        with running(pathlib.Path(stage.scratch) / "simulated.socket", size) as url:
            for growth in growths:
                if size <= growth.most:
                    side = growth.side(stage, url, size)
                    found = cost.median([side() for _run in range(runs if size <= 10_000 else 1)])
                    rows[growth.name]["sizes"][str(size)] = dataclasses.asdict(found)
                    print(f"{growth.name}: {size:,} instances, {found.seconds:.2f} s, {found.memory / 1024:.0f} MiB", flush=True)
    return list(rows.values())


def factor(row: t.Mapping[str, t.Any], size: int) -> float | None:
    """How many times as much CPU ``size`` instances take as a tenth of them."""
    sizes = row["sizes"]
    if not {str(size // 10), str(size)} <= sizes.keys():
        return None
    return sizes[str(size)]["cpu"] / sizes[str(size // 10)]["cpu"]
