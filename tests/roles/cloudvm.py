# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fresh Debian machine, as a cloud gives it: a container with systemd that may hold containers of its own.

It reaches nothing but the archive of packages of the machine that it runs on.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import typing as t
import urllib.parse

from tests.daemon import images, packages, server

# A nested server needs a view of cgroup2 alone, and user ids enough to give a part of them away. Nothing of this is seen outside.
_NESTABLE = """
umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo root:1000000:2000000000 >"$LXD_DIR/subid"
mount --bind "$LXD_DIR/subid" /etc/subuid && mount --bind "$LXD_DIR/subid" /etc/subgid
exec "$@"
"""
_WRAPPER = ("unshare", "--mount", "--propagation", "slave", "sh", "-ec", _NESTABLE, "sh")

LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}


@dataclasses.dataclass(frozen=True)
class Recap:
    """How a playbook ended."""

    changed: int
    failed: int
    output: str


def apply(role: str, variables: t.Mapping[str, t.Any], *options: str, host: str = "localhost", connection: t.Mapping[str, str]) -> Recap:
    """Apply a role of the collection to one host; ``options`` of ansible-playbook. Its end is in what is returned, whatever it is."""
    play = {"hosts": host, "gather_facts": False, "tasks": [{"name": role, "import_role": {"name": f"fleet.lxd.{role}"}}]}
    with tempfile.TemporaryDirectory() as directory:
        playbook, given = pathlib.Path(directory, "play.yml"), pathlib.Path(directory, "given.json")
        playbook.write_text(json.dumps([play]), encoding="utf-8")
        given.write_text(json.dumps({**connection, **variables}), encoding="utf-8")
        command = ["ansible-playbook", "--inventory", f"{host},", "--extra-vars", f"@{given}", *options, str(playbook)]
        print(f"--- {role} {' '.join(options)}", flush=True)
        started = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(f"{done.stdout}--- {time.monotonic() - started:.0f} seconds", flush=True)
    recap = re.search(rf"^{host} +: .*changed=(\d+) +unreachable=(\d+) +failed=(\d+)", done.stdout, re.M)
    if not recap:
        raise AssertionError("ansible-playbook ended without a recap")
    return Recap(int(recap[1]), int(recap[2]) + int(recap[3]), done.stdout)


@dataclasses.dataclass(frozen=True)
class Machine:
    """An instance that Ansible reaches by our own connection."""

    name: str
    host: server.Server

    def role(self, name: str, variables: t.Mapping[str, t.Any], *options: str) -> Recap:
        way = {"ansible_connection": "fleet.lxd.lxd", "ansible_lxd_url": self.host.url, "ansible_python_interpreter": "/usr/bin/python3"}
        return apply(name, variables, *options, host=self.name, connection=way)

    def shell(self, command: str) -> str:
        """The output of a command that has to succeed."""
        done = self._exec(command)
        if done.returncode:
            raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def succeeds(self, command: str) -> bool:
        return self._exec(command).returncode == 0

    def wait(self, command: str, seconds: float = 60) -> None:
        """Until the command succeeds."""
        deadline = time.monotonic() + seconds
        while not self.succeeds(command):
            if time.monotonic() > deadline:
                raise AssertionError(f"{command} does not succeed in {self.name} within {seconds:g} seconds")
            time.sleep(0.2)

    def write(self, path: str, content: str) -> None:
        self._exec(f"mkdir -p $(dirname {path}) && cat >{path}", content).check_returncode()

    def _exec(self, command: str, given: str = "") -> subprocess.CompletedProcess[str]:
        argv = ["lxc", "exec", "-T", self.name, "--", "sh", "-c", command]
        own = {**os.environ, "LXD_DIR": str(self.host.path)}
        return subprocess.run(argv, env=own, input=given, capture_output=True, text=True, check=False)


@contextlib.contextmanager
def running(name: str = "cloud", devices: t.Mapping[str, t.Mapping[str, str]] | None = None) -> t.Iterator[Machine]:
    """A booted machine (about 6 s) on a server of its own, both gone when the block ends."""
    with server.running("lxd", wrapper=_WRAPPER) as host:
        place = images.debian()
        host.import_split(place / "meta.tar.xz", place / "rootfs.tar", "debian")
        uri, suite = packages.mirror()
        archive = urllib.parse.urlsplit(uri)
        machine = launch(host, name, "debian", {"archive": _proxy_of(archive), **(devices or {})})
        machine.write("/etc/hosts", f"127.0.0.1 localhost {archive.hostname}\n127.0.1.1 {name}\n")
        sources = f"Types: deb\nURIs: {uri}\nSuites: {suite} {suite}-updates\nComponents: main\n"
        machine.write("/etc/apt/sources.list.d/debian.sources", sources)
        yield machine


def launch(host: server.Server, name: str, image: str, devices: t.Mapping[str, t.Mapping[str, str]] | None = None) -> Machine:
    """A container with systemd, booted."""
    call = host.api.call
    body = {"name": name, "source": {"type": "image", "alias": image}, "config": {"security.nesting": "true"}, "devices": devices or {}}
    call("POST", "/1.0/instances", body)
    call("PUT", f"/1.0/instances/{name}/state", {"action": "start", "timeout": 30})
    machine = Machine(name, host)
    machine.wait("systemctl is-system-running | grep -qE 'running|degraded'")
    return machine


def proxy(listen: str, connect: str) -> dict[str, str]:
    """A device that brings an address of this machine into a container."""
    return {"type": "proxy", "listen": f"tcp:{listen}", "connect": f"tcp:{connect}", "bind": "instance"}


def _proxy_of(archive: urllib.parse.SplitResult) -> dict[str, str]:
    """The archive's port on the container's loopback."""
    port = archive.port or {"http": 80, "https": 443}[archive.scheme]
    return proxy(f"127.0.0.1:{port}", f"{socket.gethostbyname(str(archive.hostname))}:{port}")
