# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be there first, and what may go only afterwards. Pure."""

from __future__ import annotations

import graphlib
import typing as t

from ._errors import LxdError
from ._fleet_kinds import WHOLES, Kind, Params

# What something refers to: a key of the document, and a name.
Reference = tuple[str, str]


def references(kind: Kind, params: Params, project: str | None) -> set[Reference]:
    """What an entry, or a thing that is there, refers to by its options or fields."""
    found: set[Reference] = {("projects", project)} if project else set()
    found.update((WHOLES[parent], str(params[parent])) for parent in kind.parents if params.get(parent))
    profiles = params.get("profiles")
    unsaid = ("default",) if kind.key == "instances" and profiles is None else ()
    found.update(("profiles", str(name)) for name in profiles or unsaid)
    found.update(_of_config(kind, params.get("config") or {}))
    for device in (params.get("devices") or {}).values():
        found.update(_of_device(device or {}))
    if kind.key == "instances":
        found.update(_of_image(params))
    if isinstance(params.get("source"), dict):
        found.update(_of_source(kind, params["source"]))
    return found


def named(kind: Kind, params: Params) -> t.Iterator[tuple[str, str, str]]:
    """(option, key of the document, name) of what only a server or its document can have: pools, networks, and zones."""
    yield from ((parent, WHOLES[parent], str(params[parent])) for parent in kind.parents if params.get(parent))
    for name, device in (params.get("devices") or {}).items():
        for key in ("pool", "network"):
            if (device or {}).get(key):
                yield f"devices.{name}.{key}", WHOLES[key], str(device[key])


def _of_config(kind: Kind, config: t.Mapping[str, t.Any]) -> t.Iterator[Reference]:
    for key, value in config.items():
        if key == "security.acls":
            yield from (("network_acls", name.strip()) for name in str(value).split(","))
        elif kind.key == "networks" and key in ("network", "parent"):
            yield "networks", str(value)
        elif kind.key == "networks" and key.startswith("dns.zone."):
            yield from (("network_zones", name.strip()) for name in str(value).split(","))


def _of_device(device: t.Mapping[str, t.Any]) -> t.Iterator[Reference]:
    if device.get("type") == "nic":
        yield from (("networks", str(device[key])) for key in ("network", "parent") if device.get(key))
        yield from (("network_acls", name.strip()) for name in str(device.get("security.acls") or "").split(",") if name)
    elif device.get("type") == "disk" and device.get("pool"):
        yield "storage_pools", str(device["pool"])
        if device.get("source"):
            yield "storage_volumes", str(device["source"])


def _of_image(params: Params) -> t.Iterator[Reference]:
    source = params.get("source") or {}
    named = params.get("image") or source.get("alias") or source.get("fingerprint")
    if named and ":" not in named and not source.get("server"):
        yield "images", str(named)


def _of_source(kind: Kind, source: t.Mapping[str, t.Any]) -> t.Iterator[Reference]:
    if kind.key == "storage_volumes" and source.get("name"):
        yield "storage_volumes", str(source["name"])
    elif kind.key == "instances" and source.get("type") == "copy":
        yield "instances", str(source.get("source") or "").partition("/")[0]
    elif kind.key == "images" and source.get("type") in ("instance", "snapshot"):
        yield "instances", str(source.get("name") or "").partition("/")[0]


def in_order(needs: t.Mapping[int, t.Collection[int]], names: t.Callable[[int], str]) -> list[int]:
    """The numbers, each behind all that it needs.

    :raises LxdError: for a circle.
    """
    try:
        return list(graphlib.TopologicalSorter(needs).static_order())
    except graphlib.CycleError as error:
        circle = " needs ".join(names(number) for number in reversed(error.args[1]))
        raise LxdError(f"document: {circle}: none of them can be the first") from error
