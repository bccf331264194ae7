# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every work is made of: plays and inventories as commands to be measured, and the instances on the server."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import json
import pathlib
import time
import typing as t

from tests.daemon.bed import Bed

from . import cost

OURS, PEER, LIMIT = "fleet.lxd", "community.general", "limit"
Side = t.Callable[[], cost.Cost]

# Seconds that an instance has to boot, and nanoseconds of CPU in one second below which it has.
_BOOT, _RESTING = 60, 20_000_000


@dataclasses.dataclass(frozen=True)
class Work:
    """``sides`` are run in turn, each after ``before`` and followed by ``after``.

    ``net`` are those from which an empty playbook is subtracted; ``slow`` those that take minutes, and are measured once.
    """

    name: str
    goal: str
    sides: t.Mapping[str, Side]
    net: t.Collection[str] = (OURS, PEER)
    slow: t.Collection[str] = ()
    before: t.Callable[[], None] = lambda: None
    after: t.Callable[[], None] = lambda: None


class Stage:
    """One server. ``ansible`` is the directory of the programs of the environment under test."""

    def __init__(self, bed: Bed, ansible: pathlib.Path, collections: pathlib.Path, scratch: pathlib.Path) -> None:
        self.server = bed.servers["lxd"]
        self.ansible, self.scratch = ansible, scratch
        self.environment = {
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_DISPLAY_FAILED_STDERR": "true",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_HOME": str(scratch / "ansible"),
            # Bytecode is kept as on a user's machine, and not between runs.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(scratch / "compiled"),
            "LXD_DIR": str(self.server.path),
            "LXD_CONF": str(scratch / "conf"),
        }

    def empty(self) -> cost.Cost:
        """An empty playbook, which every other one contains."""
        return self.play([])()

    def play(
        self,
        tasks: list[dict[str, t.Any]],
        hosts: str = "localhost",
        arguments: t.Sequence[str] = (),
        environment: t.Mapping[str, str] | None = None,
    ) -> Side:
        play = {"hosts": hosts, "gather_facts": False, "tasks": tasks}
        path = self.file(f"play{len(list(self.scratch.glob('play*')))}.yml", [play])
        argv = [str(self.ansible / "ansible-playbook"), *arguments, str(path)]
        return lambda: cost.cost(argv, {**self.environment, **(environment or {})})

    def inventory(self, name: str, content: t.Any, *arguments: str) -> Side:
        """``arguments`` as ``ansible-inventory`` takes them; ``--list`` if there are none."""
        return self.inventory_of(self.file(name, content), *arguments)

    def inventory_of(self, path: pathlib.Path, *arguments: str) -> Side:
        argv = [str(self.ansible / "ansible-inventory"), "-i", str(path), *(arguments or ("--list",))]
        return lambda: cost.cost(argv, self.environment)

    def file(self, name: str, content: t.Any) -> pathlib.Path:
        """JSON is YAML."""
        path = self.scratch / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def create(self, count: int, source: t.Mapping[str, t.Any], width: int = 4) -> None:
        """What a bare client needs to create so many stopped instances, ``width`` of them at once: the limit."""

        def create(index: int) -> None:
            self.server.api.call("POST", "/1.0/instances", {"name": f"bench-{index}", "source": source})

        _each(create, range(count), width)

    def run(self, name: str, image: str) -> None:
        self.server.api.call("POST", "/1.0/instances", {"name": name, "source": {"type": "image", "alias": image}})
        self.server.api.call("PUT", f"/1.0/instances/{name}/state", {"action": "start", "timeout": 30})
        self._rest(name)

    def _rest(self, name: str) -> None:
        """Until the instance has booted: what it does then would be measured as well."""
        deadline, used = time.monotonic() + _BOOT, -1
        while time.monotonic() < deadline:
            time.sleep(1)
            before, used = used, self.server.api.call("GET", f"/1.0/instances/{name}/state")["cpu"]["usage"]
            if 0 <= before and used - before < _RESTING:
                return
        raise RuntimeError(f"{name} is still busy {_BOOT} seconds after its start")

    def clean(self) -> None:
        """No instances."""
        instances = self.server.api.call("GET", "/1.0/instances?recursion=1")
        for instance in instances:
            if instance["status"] != "Stopped":
                self.server.api.call("PUT", f"/1.0/instances/{instance['name']}/state", {"action": "stop", "timeout": 30, "force": True})
        _each(lambda instance: self.server.api.call("DELETE", f"/1.0/instances/{instance['name']}"), instances, 4)


def _each(function: t.Callable[[t.Any], t.Any], items: t.Iterable[t.Any], width: int) -> None:
    with concurrent.futures.ThreadPoolExecutor(width) as pool:
        list(pool.map(function, items))
