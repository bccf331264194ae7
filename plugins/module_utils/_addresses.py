# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of an instance, out of its ``state`` (``GET /1.0/instances/X/state``)."""

from __future__ import annotations

import typing as t

_FAMILIES = {"ipv4": "inet", "ipv6": "inet6"}


def addresses(state: t.Mapping[str, t.Any] | None, family: str = "ipv4") -> dict[str, list[str]]:
    """``{interface: [address, ...]}`` of global scope, without the loopback and interfaces that have none."""
    found: dict[str, list[str]] = {}
    for interface, about in ((state or {}).get("network") or {}).items():
        listed = [
            entry["address"]
            for entry in about.get("addresses") or []
            if entry.get("family") == _FAMILIES[family] and entry.get("scope") == "global"
        ]
        if listed and about.get("type") != "loopback":
            found[interface] = listed
    return found


def interfaces(entity: t.Mapping[str, t.Any], state: t.Mapping[str, t.Any] | None) -> dict[str, str]:
    """``{NIC device: interface in the guest}`` as far as they are up: by hardware address, else by name.

    What else the guest has (docker0, veth pairs) belongs to no device and is not among them.
    """
    network = (state or {}).get("network") or {}
    by_address = {about.get("hwaddr"): interface for interface, about in network.items() if about.get("hwaddr")}
    config = {**(entity.get("expanded_config") or {}), **(entity.get("config") or {})}
    found = {}
    for device, about in (entity.get("expanded_devices") or {}).items():
        if about.get("type") != "nic":
            continue
        hwaddr = about.get("hwaddr") or config.get(f"volatile.{device}.hwaddr")
        name = about.get("name") or config.get(f"volatile.{device}.name") or device
        interface = by_address.get(hwaddr) or (name if name in network else None)
        if interface:
            found[device] = interface
    return found
