# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks inside of containers, through the connection."""

from __future__ import annotations

import os
import typing as t

from .stage import OURS, PEER, Stage, Work


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


def _inside(stage: Stage, name: str, goal: str, task: dict[str, t.Any], image: str, options: t.Mapping[str, t.Any] | None = None) -> Work:
    hosts = {
        OURS: {"ansible_connection": "fleet.lxd.lxd", "ansible_lxd_url": stage.server.url, **(options or {})},
        PEER: {"ansible_connection": "community.general.lxd"},
    }
    sides = {}
    for side, variables in hosts.items():
        host = {**variables, "ansible_python_interpreter": "/usr/bin/python3"}
        inventory = stage.file(f"{side}-{name.replace(', ', '-')}.yml", {"all": {"hosts": {"inside": host}}})
        sides[side] = stage.play([{**task, "loop": list(range(20))}], "inside", ["-i", str(inventory)], {"ANSIBLE_PIPELINING": "true"})
    return Work(name, goal, sides, before=lambda: stage.run("inside", image), after=stage.clean)
