# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured: each work as ours, as the peer's, and as the limit, with what has to be there before."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import json
import os
import pathlib
import typing as t

from tests.daemon.bed import Bed

from . import cost

OURS, PEER, LIMIT = "fleet.lxd", "community.general", "limit"
Side = t.Callable[[], cost.Cost]


@dataclasses.dataclass(frozen=True)
class Work:
    """``sides`` are run in turn, each after ``before`` and followed by ``after``. ``net``: an empty playbook is subtracted."""

    name: str
    goal: str
    sides: t.Mapping[str, Side]
    net: bool = True
    before: t.Callable[[], None] = lambda: None
    after: t.Callable[[], None] = lambda: None


class Scenarios:
    """All works on one server. ``ansible`` is the directory of the programs of the environment under test."""

    def __init__(self, bed: Bed, ansible: pathlib.Path, collections: pathlib.Path, scratch: pathlib.Path) -> None:
        self.server = bed.servers["lxd"]
        self.ansible, self.scratch = ansible, scratch
        self.environment = {
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_HOME": str(scratch / "ansible"),
            "LXD_DIR": str(self.server.path),
            "LXD_CONF": str(scratch / "conf"),
        }

    def empty(self) -> cost.Cost:
        """An empty playbook, which every other one contains."""
        return self._play([])()

    def all(self) -> list[Work]:
        return [*self._noops(), self._create(), self._inventory(), *self._connection()]

    def _noops(self) -> t.Iterator[Work]:
        shipped = {"FLEET_LXD_DIRECT": "never"}
        yield Work(
            "no-op container, loop of 50", "30 times",
            {OURS: self._loop(OURS, 50), PEER: self._loop(PEER, 50)},
            before=lambda: self._instances(50), after=self._clean,
        )
        yield Work(
            "no-op container, 50 tasks", "8 times",
            {OURS: self._tasks(OURS, 50), PEER: self._tasks(PEER, 50)},
            before=lambda: self._instances(50), after=self._clean,
        )
        yield Work(
            "no-op container, loop of 20, shipped as a module", "not slower",
            {OURS: self._loop(OURS, 20, shipped), PEER: self._loop(PEER, 20)},
            before=lambda: self._instances(20), after=self._clean,
        )
        for kind in ("profile", "project"):
            arguments = {"url": self.server.url, "name": "default"}
            tasks = {side: {f"{side}.lxd_{kind}": arguments, "loop": list(range(20))} for side in (OURS, PEER)}
            yield Work(f"no-op {kind}, loop of 20", "as containers", {side: self._play([task]) for side, task in tasks.items()})

    def _create(self) -> Work:
        return Work(
            "create 100 stopped containers, loop", "as the limit",
            {OURS: self._loop(OURS, 100), PEER: self._loop(PEER, 100), LIMIT: lambda: cost.call(lambda: self._instances(100))},
            after=self._clean,
        )

    def _inventory(self) -> Work:
        ours = self._file("bench.lxd.yml", {"plugin": "fleet.lxd.lxd", "url": self.server.url})
        peer = self._file("peer.lxd.yml", {"plugin": "community.general.lxd", "url": self.server.url})
        return Work(
            "inventory of 400 stopped", "18 times",
            {OURS: self._inventory_of(ours), PEER: self._inventory_of(peer), LIMIT: self._inventory_of(self._empty_inventory())},
            net=False, before=lambda: self._instances(400, none=True), after=self._clean,
        )

    def _connection(self) -> t.Iterator[Work]:
        raw = {"ansible.builtin.raw": "true"}
        command = {"ansible.builtin.command": "true"}
        blob = self.scratch / "1MB"
        blob.write_bytes(os.urandom(1 << 20))
        copy = {"ansible.builtin.copy": {"src": str(blob), "dest": "/root/blob{{ item }}", "mode": "0600"}}
        yield self._inside("20 raw", "2 times", raw, "busybox")
        if self.server.api.call("GET", "/1.0/images/aliases") and self._has("debian"):
            yield self._inside("20 command", "1.3 times", command, "debian")
            yield self._inside("20 copy of 1 MB", "1.3 times", copy, "debian")

    def _has(self, alias: str) -> bool:
        return f"/1.0/images/aliases/{alias}" in self.server.api.call("GET", "/1.0/images/aliases")

    def _inside(self, name: str, goal: str, task: dict[str, t.Any], image: str) -> Work:
        hosts = {
            OURS: {"ansible_connection": "fleet.lxd.lxd", "ansible_lxd_url": self.server.url},
            PEER: {"ansible_connection": "community.general.lxd"},
        }
        sides = {}
        for side, variables in hosts.items():
            host = {**variables, "ansible_python_interpreter": "/usr/bin/python3"}
            inventory = self._file(f"{side}.yml", {"all": {"hosts": {"inside": host}}})
            sides[side] = self._play([{**task, "loop": list(range(20))}], "inside", ["-i", str(inventory)], {"ANSIBLE_PIPELINING": "true"})
        return Work(name, goal, sides, before=lambda: self._running("inside", image), after=self._clean)

    def _loop(self, side: str, count: int, environment: t.Mapping[str, str] | None = None) -> Side:
        return self._play([{**self._container(side, "bench-{{ item }}"), "loop": list(range(count))}], environment=environment)

    def _tasks(self, side: str, count: int) -> Side:
        return self._play([self._container(side, f"bench-{index}") for index in range(count)])

    def _container(self, side: str, name: str) -> dict[str, t.Any]:
        source = {"type": "image", "alias": "busybox"}
        return {f"{side}.lxd_container": {"url": self.server.url, "name": name, "state": "stopped", "source": source}}

    def _play(
        self,
        tasks: list[dict[str, t.Any]],
        hosts: str = "localhost",
        arguments: t.Sequence[str] = (),
        environment: t.Mapping[str, str] | None = None,
    ) -> Side:
        play = {"hosts": hosts, "gather_facts": False, "tasks": tasks}
        path = self._file(f"play{len(list(self.scratch.glob('play*')))}.yml", [play])
        argv = [str(self.ansible / "ansible-playbook"), *arguments, str(path)]
        return lambda: cost.cost(argv, {**self.environment, **(environment or {})})

    def _inventory_of(self, path: pathlib.Path) -> Side:
        argv = [str(self.ansible / "ansible-inventory"), "-i", str(path), "--list"]
        return lambda: cost.cost(argv, self.environment)

    def _empty_inventory(self) -> pathlib.Path:
        return self._file("empty.yml", {"all": {"hosts": {"nobody": {}}}})

    def _file(self, name: str, content: t.Any) -> pathlib.Path:
        """JSON is YAML."""
        path = self.scratch / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def _instances(self, count: int, none: bool = False) -> None:
        """What a bare client needs to create them: the limit."""
        source = {"type": "none"} if none else {"type": "image", "alias": "busybox"}

        def create(index: int) -> None:
            self.server.api.call("POST", "/1.0/instances", {"name": f"bench-{index}", "source": source})

        self._each(create, range(count))

    def _running(self, name: str, image: str) -> None:
        self.server.api.call("POST", "/1.0/instances", {"name": name, "source": {"type": "image", "alias": image}})
        self.server.api.call("PUT", f"/1.0/instances/{name}/state", {"action": "start", "timeout": 30})

    def _clean(self) -> None:
        for instance in self.server.api.call("GET", "/1.0/instances?recursion=1"):
            if instance["status"] != "Stopped":
                self.server.api.call("PUT", f"/1.0/instances/{instance['name']}/state", {"action": "stop", "timeout": 30, "force": True})
        names = [path.rpartition("/")[2] for path in self.server.api.call("GET", "/1.0/instances")]
        self._each(lambda name: self.server.api.call("DELETE", f"/1.0/instances/{name}"), names)

    @staticmethod
    def _each(function: t.Callable[[t.Any], t.Any], items: t.Iterable[t.Any]) -> None:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(function, items))
