# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a simulated server says: the answers of an LXD 5.0, recorded, with names and numbers of their own."""

from __future__ import annotations

import hashlib
import typing as t

Entity = dict[str, t.Any]

IMAGE = "847ffb358e8b1d528afcfaa0b1cb60b21db72594e69c3b312730d662a32f6ac5"
BEGINNING = "2026-01-01T00:00:00Z"
EXTENSIONS = (
    "etag", "patch", "network", "storage", "resources", "network_leases", "event_lifecycle", "clustering", "container_full", "projects",
    "instances", "api_filtering", "projects_networks", "network_acl", "network_dns", "network_dns_records", "network_forward",
    "storage_buckets", "warnings", "instance_all_projects", "instances_files_modify_permissions", "instance_target", "custom_volume_iso",
)  # fmt: skip
STATUS_CODES = {"Running": 103, "Stopped": 102, "Frozen": 110}
_IDMAP = (
    '[{"Isuid":true,"Isgid":false,"Hostid":100000,"Nsid":0,"Maprange":10000001},'
    '{"Isuid":false,"Isgid":true,"Hostid":100000,"Nsid":0,"Maprange":10000001}]'
)
_COUNTERS = dict.fromkeys(
    (f"{what}_{way}" for what in ("bytes", "packets", "errors") for way in ("received", "sent")), 0
)


def server(certificate: str) -> Entity:
    environment = {
        "server": "lxd", "server_name": "simulated", "server_version": "5.0.2", "server_clustered": False, "driver": "lxc",
        "architectures": ["x86_64", "i686"], "addresses": [], "storage": "dir", "project": "default", "os_name": "none",
        "certificate_fingerprint": certificate,
    }  # fmt: skip
    return {
        "api_extensions": list(EXTENSIONS), "api_status": "stable", "api_version": "1.0", "auth": "trusted", "auth_methods": ["tls"],
        "public": False, "config": {}, "environment": environment,
    }  # fmt: skip


def image(fingerprint: str = IMAGE, size: int = 881244) -> Entity:
    properties = {"architecture": "amd64", "description": "busybox for tests", "os": "busybox", "release": "1.35", "variant": "default"}
    return {
        "fingerprint": fingerprint, "properties": properties, "architecture": "x86_64", "type": "container", "size": size,
        "public": False, "auto_update": False, "cached": False, "filename": "unified.tar.xz", "profiles": ["default"],
        "created_at": BEGINNING, "uploaded_at": BEGINNING, "last_used_at": BEGINNING, "expires_at": "1970-01-01T00:00:00Z",
    }  # fmt: skip


def profile(name: str = "default") -> Entity:
    devices = {
        "eth0": {"name": "eth0", "network": "lxdbr0", "type": "nic"},
        "root": {"path": "/", "pool": "default", "type": "disk"},
    }
    return {"name": name, "description": "", "config": {}, "devices": devices}


def volatile(project: str, name: str) -> dict[str, str]:
    """What the server itself writes into the config of an instance."""
    digest = hashlib.sha256(f"{project}/{name}".encode()).hexdigest()
    uuid = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    return {
        "volatile.apply_template": "create",
        "volatile.base_image": IMAGE,
        "volatile.cloud-init.instance-id": uuid,
        "volatile.eth0.hwaddr": hardware_address(digest),
        "volatile.idmap.base": "0",
        "volatile.idmap.next": _IDMAP,
        "volatile.last_state.idmap": "[]",
        "volatile.uuid": uuid,
    }


def hardware_address(digest: str) -> str:
    return f"00:16:3e:{digest[32:34]}:{digest[34:36]}:{digest[36:38]}"


def state(entity: t.Mapping[str, t.Any]) -> Entity:
    status = entity["status"]
    base = {"status": status, "status_code": STATUS_CODES[status], "disk": {}, "cpu": {"usage": 0}}
    memory = dict.fromkeys(("usage", "usage_peak", "swap_usage", "swap_usage_peak"), 0)
    if status == "Stopped":
        return {**base, "memory": memory, "network": None, "pid": 0, "processes": 0}
    hwaddr = entity["config"].get("volatile.eth0.hwaddr", "")
    number = int(hashlib.sha256(entity["name"].encode()).hexdigest()[:6], 16)
    address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    return {
        **base, "memory": {**memory, "usage": 716800}, "pid": 1000, "processes": 3,
        "network": {
            "eth0": _interface("broadcast", hwaddr, [_address("inet", address, "16", "global")]),
            "lo": _interface("loopback", "", [_address("inet", "127.0.0.1", "8", "local"), _address("inet6", "::1", "128", "local")]),
        },
    }  # fmt: skip


def _interface(kind: str, hwaddr: str, addresses: list[Entity]) -> Entity:
    return {"addresses": addresses, "counters": _COUNTERS, "host_name": "", "hwaddr": hwaddr, "mtu": 1500, "state": "up", "type": kind}


def _address(family: str, address: str, netmask: str, scope: str) -> Entity:
    return {"family": family, "address": address, "netmask": netmask, "scope": scope}
