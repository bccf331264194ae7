# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A subnet, a bridge name and a port that nobody else uses, also not another test run beside this one."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import ipaddress
import os
import socket
import struct
import subprocess
import tempfile
import typing as t

_LOCKS = os.path.join(tempfile.gettempdir(), "fleet-lxd-test-slots")
_SLOTS = range(1, 200)


@dataclasses.dataclass(frozen=True)
class Slot:
    """What one server may take: bridge ``name``, ``gateway`` (``10.121.N.1/24``) and a loopback ``port``."""

    name: str
    gateway: str
    port: int


@contextlib.contextmanager
def slot() -> t.Iterator[Slot]:
    """A free slot, kept from other runs by a file lock, and a guard: what comes from its bridge never leaves the machine."""
    os.makedirs(_LOCKS, exist_ok=True)
    for number in _SLOTS:
        with open(os.path.join(_LOCKS, str(number)), "w", encoding="ascii") as lock:
            if _locked(lock) and (found := _free(number)):
                with _guard(found.name):
                    yield found
                return
    raise RuntimeError("No free subnet among 10.121.1.0/24 to 10.121.199.0/24")


def free_port(start: int = 20000, count: int = 10000) -> int:
    """The first port of 127.0.0.1 from ``start`` on that nobody listens on; below those that the kernel gives away."""
    for port in range(start, start + count):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise RuntimeError(f"No free port of 127.0.0.1 from {start} to {start + count}")


def routes() -> list[ipaddress.IPv4Network]:
    """Networks that the main routing table knows, without the default route."""
    found = []
    with open("/proc/net/route", encoding="ascii") as table:
        for line in table.readlines()[1:]:
            fields = line.split()
            address, mask = (socket.inet_ntoa(struct.pack("=I", int(fields[at], 16))) for at in (1, 7))
            found.append(ipaddress.IPv4Network(f"{address}/{mask}", strict=False))
    return [network for network in found if network.prefixlen]


def _free(number: int) -> Slot | None:
    subnet = ipaddress.IPv4Network(f"10.121.{number}.0/24")
    name = f"flt{number}"
    if os.path.exists(f"/sys/class/net/{name}") or any(subnet.overlaps(route) for route in routes()):
        return None
    return Slot(name, f"10.121.{number}.1/24", free_port(20000 + 20 * number, 20))


def _locked(file: t.TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _guard(bridge: str) -> t.Iterator[None]:
    table = f"inet guard_{bridge}"
    rule = f'iifname "{bridge}" oifname != "{bridge}" counter reject with icmpx type admin-prohibited'
    chain = f"chain guard {{\n type filter hook forward priority -10; policy accept;\n {rule}\n }}"
    subprocess.run(["nft", f"add table {table}\ndelete table {table}\ntable {table} {{\n {chain}\n}}\n"], check=True)
    try:
        yield
    finally:
        subprocess.run(["nft", f"delete table {table}"], check=False)
