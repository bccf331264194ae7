# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks inside of containers, and large files on their way there and back, through the connection."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import typing as t

from . import cost
from .stage import LIMIT, OURS, PEER, Side, Stage, Work

_SIZE = 200_000_000
# What a module costs its instance, without Ansible and without a connection: the Python that it is piped into, 20 times over.
_ALONE = 'set -- /root/.ansible/tmp/*/AnsiballZ_command.py; for turn in $(seq 20); do /usr/bin/python3 < "$1" || exit; done'


def works(stage: Stage) -> t.Iterator[Work]:
    blob = stage.scratch / "1MB"
    blob.write_bytes(os.urandom(1 << 20))
    copy = {"ansible.builtin.copy": {"src": str(blob), "dest": "/root/blob{{ item }}", "mode": "0600"}}
    yield _inside(stage, "20 raw", "2 times", {"ansible.builtin.raw": "true"}, "busybox")
    if "/1.0/images/aliases/debian" in stage.server.api.call("GET", "/1.0/images/aliases"):
        yield _inside(stage, "20 command", "1.3 times", {"ansible.builtin.command": "true"}, "debian")
        yield _inside(stage, "20 copy of 1 MB", "1.3 times", copy, "debian")
        helper = {"ansible_lxd_helper": True}
        yield _inside(stage, "20 command, with the helper", "2 times", {"ansible.builtin.command": "true"}, "debian", helper)
        yield _inside(stage, "20 copy of 1 MB, with the helper", "2 times", copy, "debian", helper)
    large = stage.scratch / "200MB"
    yield _file(stage, "put", large, "/root/large", ["push", str(large), "inside/root/large"])
    yield _file(stage, "fetch", large, "/root/large", ["pull", "inside/root/large", str(large.with_suffix(".back"))])


def _file(stage: Stage, way: str, local: pathlib.Path, remote: str, arguments: t.Sequence[str]) -> Work:
    """Against ``lxc``; what Ansible takes to start is left out, as a play pays for it once."""
    ends = [str(local), remote] if way == "put" else [remote, str(local.with_suffix(".back"))]

    def before() -> None:
        if not local.exists():
            local.write_bytes(os.urandom(_SIZE))
        stage.run("inside", "busybox")
        if way == "fetch":
            push = ["lxc", "file", "push", "--quiet", str(local), f"inside{remote}"]
            subprocess.run(push, env={**os.environ, **stage.environment}, check=True)

    lxc = ["lxc", "file", *arguments]
    sides = {OURS: _carry(stage, way, ends), LIMIT: lambda: cost.cost(lxc, stage.environment)}
    return Work(f"{way} of 200 MB through the connection", "1.2 of the limit; 80 MB", sides, net=(), before=before, after=stage.clean)


def _carry(stage: Stage, way: str, ends: t.Sequence[str]) -> Side:
    script = pathlib.Path(__file__).with_name("carry.py")
    argv = [str(stage.ansible / "python"), str(script), way, stage.server.url, "inside", *ends]

    def side() -> cost.Cost:
        environment = {**os.environ, **stage.environment}
        done = subprocess.run(argv, env=environment, stdout=subprocess.PIPE, text=True, timeout=cost.LIMIT, check=True)
        return cost.Cost(*json.loads(done.stdout))

    return side


def _inside(stage: Stage, name: str, goal: str, task: dict[str, t.Any], image: str, options: t.Mapping[str, t.Any] | None = None) -> Work:
    hosts = {
        OURS: {"ansible_connection": "fleet.lxd.lxd", "ansible_lxd_url": stage.server.url, **(options or {})},
        PEER: {"ansible_connection": "community.general.lxd"},
    }
    inventories = {}
    for side, variables in hosts.items():
        host = {**variables, "ansible_python_interpreter": "/usr/bin/python3"}
        inventories[side] = ["-i", str(stage.file(f"{side}-{name.replace(', ', '-')}.yml", {"all": {"hosts": {"inside": host}}}))]
    loop = {**task, "loop": list(range(20))}
    sides = {side: stage.play([loop], "inside", inventory, {"ANSIBLE_PIPELINING": "true"}) for side, inventory in inventories.items()}
    leave = []
    if "ansible.builtin.command" in task:
        kept = {"ANSIBLE_PIPELINING": "false", "ANSIBLE_KEEP_REMOTE_FILES": "true"}
        leave.append(stage.play([task], "inside", inventories[OURS], kept))
        sides[LIMIT] = lambda: cost.cost(["lxc", "exec", "inside", "--", "sh", "-c", _ALONE], stage.environment)

    def before() -> None:
        stage.run("inside", image)
        for play in leave:
            play()

    return Work(name, goal, sides, before=before, after=stage.clean)
