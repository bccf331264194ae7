# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One LXD or Incus server of our own: started, set up, and taken away without a trace."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import typing as t

from . import network, packages
from .api import Api, ApiError
from .certificates import KeyPair

_INOTIFY = pathlib.Path("/proc/sys/fs/inotify/max_user_instances")
_INSTANCES_WANTED = 1024
# What runs for a server beside the daemon itself.
_PROGRAMS = ("lxd", "incusd", "dnsmasq", "[lxc monitor]")


@dataclasses.dataclass(frozen=True)
class Kind:
    """How to run one kind of server. ``directory`` is the environment variable of its directory."""

    name: str
    program: str
    directory: str
    header: str


KINDS = {
    "lxd": Kind("lxd", "lxd", "LXD_DIR", "X-LXD-"),
    "incus": Kind("incus", packages.INCUSD, "INCUS_DIR", "X-Incus-"),
}


@dataclasses.dataclass(frozen=True)
class Server:
    """A running server with a ``dir`` pool, a bridge and a ``default`` profile with both."""

    kind: Kind
    path: pathlib.Path
    slot: network.Slot
    api: Api

    @property
    def url(self) -> str:
        return f"unix:{self.path / 'unix.socket'}"

    @property
    def https_url(self) -> str:
        return f"https://127.0.0.1:{self.slot.port}"

    @property
    def cert(self) -> pathlib.Path:
        return self.path / "server.crt"

    def trust(self, pair: KeyPair, name: str) -> None:
        body = {"type": "client", "name": name, "certificate": base64.b64encode(pair.der).decode()}
        self.api.call("POST", "/1.0/certificates", body)

    def import_unified(self, tarball: pathlib.Path, alias: str) -> str:
        """Returns the fingerprint."""
        with open(tarball, "rb") as content:
            return self._named(self.api.upload("/1.0/images", content, {"Content-Type": "application/octet-stream"}), alias)

    def import_split(self, meta: pathlib.Path, root: pathlib.Path, alias: str) -> str:
        """Returns the fingerprint. The two files go as one multipart body, metadata first."""
        boundary = "fleet-lxd-tests"
        with tempfile.TemporaryFile() as content:
            for field, path in (("metadata", meta), ("rootfs", root)):
                part = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{path.name}"\r\n\r\n'
                content.write(part.encode())
                with open(path, "rb") as file:
                    shutil.copyfileobj(file, content, 1 << 20)
                content.write(b"\r\n")
            content.write(f"--{boundary}--\r\n".encode())
            length = content.tell()
            content.seek(0)
            headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(length)}
            return self._named(self.api.upload("/1.0/images", content, headers), alias)

    def _named(self, image: t.Mapping[str, t.Any], alias: str) -> str:
        self.api.call("POST", "/1.0/images/aliases", {"name": alias, "target": image["fingerprint"]})
        return str(image["fingerprint"])


@contextlib.contextmanager
def running(
    kind: str, environment: t.Mapping[str, str] | None = None, wrapper: t.Sequence[str] = (), bare: bool = False
) -> t.Iterator[Server]:
    """A new server of ``lxd`` or ``incus`` (root), gone when the block ends, however it ends.

    :param environment: more variables for the daemon, for example ``SSL_CERT_FILE``.
    :param wrapper: a command that becomes the daemon whose words follow.
    :param bare: it only listens: no pool, no bridge, and a profile that is empty, as who joins a cluster must be.
    """
    raise_inotify_limit()
    with contextlib.ExitStack() as stack:
        slot = stack.enter_context(network.slot())
        path = pathlib.Path(tempfile.mkdtemp(prefix=f"{kind}-"))
        path.chmod(0o711)
        server = Server(KINDS[kind], path, slot, Api(str(path / "unix.socket")))
        process = None
        try:
            process = _start(server, environment or {}, wrapper)
            _listen(server)
            if not bare:
                _furnish(server)
            yield server
        finally:
            _tear_down(server, process)


def raise_inotify_limit() -> None:
    """The kernel's default lets only some 14 containers with systemd live."""
    if int(_INOTIFY.read_text(encoding="ascii")) < _INSTANCES_WANTED:
        _INOTIFY.write_text(str(_INSTANCES_WANTED), encoding="ascii")


def _start(server: Server, environment: t.Mapping[str, str], wrapper: t.Sequence[str]) -> subprocess.Popen[bytes]:
    own = {**os.environ, server.kind.directory: str(server.path), **environment}
    logs = server.path / "logs"
    logs.mkdir(mode=0o700)
    command = [*wrapper, server.kind.program, "--group", "root", "--logfile", str(logs / "daemon.log")]
    with open(logs / "console.log", "wb") as console:
        process = subprocess.Popen(command, env=own, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)
    ready = subprocess.run([server.kind.program, "waitready", "--timeout=60"], env=own, capture_output=True, text=True, check=False)
    if ready.returncode:
        console_text = (logs / "console.log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"{server.kind.name} does not come up: {ready.stderr.strip()}\n{console_text[-2000:]}")
    return process


def _listen(server: Server) -> None:
    config = {"core.https_address": f"127.0.0.1:{server.slot.port}", "images.auto_update_interval": "0"}
    server.api.call("PATCH", "/1.0", {"config": config})


def _furnish(server: Server) -> None:
    call, bridge = server.api.call, server.slot.name
    addresses = {"ipv4.address": server.slot.gateway, "ipv4.nat": "false", "ipv6.address": "none"}
    call("POST", "/1.0/storage-pools", {"name": "default", "driver": "dir"})
    call("POST", "/1.0/networks", {"name": bridge, "type": "bridge", "config": addresses})
    devices = {
        "root": {"type": "disk", "path": "/", "pool": "default"},
        "eth0": {"type": "nic", "name": "eth0", "network": bridge},
    }
    call("PUT", "/1.0/profiles/default", {"devices": devices})


def _tear_down(server: Server, process: subprocess.Popen[bytes] | None) -> None:
    with contextlib.suppress(OSError, ApiError, ValueError):
        _empty(server.api)
    if process is not None:
        _shut_down(server, process)
    _kill_left_over(server.path)
    subprocess.run(["ip", "link", "delete", server.slot.name], stderr=subprocess.DEVNULL, check=False)
    for mount in _mounts_below(server.path):
        subprocess.run(["umount", "--lazy", mount], stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(server.path, ignore_errors=True)


def _empty(api: Api) -> None:
    """Instances, then what ties networks to profiles, then networks: their firewall rules and DHCP servers go with them."""
    for project in api.call("GET", "/1.0/projects?recursion=1"):
        query = f"?project={project['name']}"
        for instance in api.call("GET", f"/1.0/instances{query}&recursion=1"):
            path = f"/1.0/instances/{instance['name']}"
            with contextlib.suppress(ApiError):
                api.call("PUT", f"{path}/state{query}", {"action": "stop", "force": True, "timeout": 30})
            with contextlib.suppress(ApiError):
                api.call("DELETE", path + query)
        with contextlib.suppress(ApiError):
            api.call("PUT", f"/1.0/profiles/default{query}", {"devices": {}})
        for found in api.call("GET", f"/1.0/networks{query}&recursion=1"):
            if found["managed"]:
                with contextlib.suppress(ApiError):
                    api.call("DELETE", f"/1.0/networks/{found['name']}{query}")


def _shut_down(server: Server, process: subprocess.Popen[bytes]) -> None:
    own = {**os.environ, server.kind.directory: str(server.path)}
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run([server.kind.program, "shutdown", "--timeout=30"], env=own, timeout=40, capture_output=True, check=False)
        process.wait(10)
        return
    process.kill()
    process.wait()


def _kill_left_over(path: pathlib.Path) -> None:
    """What the daemon started and did not end (DHCP servers, monitors of containers): its command names our directory."""
    for _attempt in range(10):
        found = list(_processes_of(path))
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def _processes_of(path: pathlib.Path) -> t.Iterator[int]:
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            command = entry.read_bytes().decode(errors="replace")
            program = os.path.basename(command.split("\0")[0].split(" /")[0])
            if program in _PROGRAMS and f"{path}/" in command:
                yield int(entry.parent.name)


def _mounts_below(path: pathlib.Path) -> list[str]:
    """Deepest first."""
    with open("/proc/self/mountinfo", encoding="utf-8") as table:
        points = [line.split()[4] for line in table]
    return sorted((point for point in points if point.startswith(f"{path}/")), reverse=True)
