# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys that a server knows, by its own account where it gives one, and what to do with those that it does not."""

from __future__ import annotations

import functools
import typing as t

from . import _schema
from ._client import Client
from ._errors import LxdError, MissingLibrary
from ._job import Context
from ._resource import text_map

Keys = t.Mapping[str, t.Any]

# The server's own keys, which no server documents in full, those of users, and what says which keys a device has.
_NOT_CHECKED = ("volatile.", "image.", "user.")
_OF_ANY_DEVICE = ("type", "nictype", "gputype")


def in_pool(what: str) -> t.Callable[[Client, Keys], str]:
    """A :attr:`Resource.schema`: ``volume`` or ``bucket``, whose keys are those of the driver of its pool."""

    def schema(client: Client, options: Keys) -> str:
        pool = client.get("storage-pools", options["pool"])
        return f"storage_{what}_{pool.metadata['driver']}" if pool else ""

    return schema


def options(context: Context, entity: str, params: Keys, there: Keys | None = None) -> None:
    """Warn of, or refuse, keys of ``config``, ``devices`` and ``member_config`` that the server does not know.

    :param entity: ``instance``, ``server``, ``network_bridge``, ``storage_volume_dir``, ...: whose config it is.
    :param there: what the server has: a device that the task changes may have its type from it.
    :raises LxdError: with all faults, if ``params["validate"]`` is ``strict``.
    """
    maps = [found for found in _maps(entity, params, (there or {}).get("devices") or {}) if _checked(*found[1:])]
    if not maps or params["validate"] == "off":
        return
    known = documented(t.cast(Client, context.client))
    try:
        faults = [fault for option, of, given in maps for fault in _faults(option, _checked(of, given), keys(known, of))]
    except MissingLibrary as missing:
        if params["validate"] == "strict":
            raise
        faults = [f"{missing} to check the keys of {', '.join(option for option, _of, _given in maps)}; they are left to the server"]
    if faults and params["validate"] == "strict":
        raise LxdError("; ".join(faults))
    for fault in faults:
        context.warn(fault)


def _maps(entity: str, params: Keys, devices: Keys) -> t.Iterator[tuple[str, str, Keys]]:
    """(option, entity, keys) of all that is to be looked at."""
    yield "config", entity, params.get("config") or {}
    for member, config in (params.get("member_config") or {}).items():
        yield f"member_config.{member}", entity, config or {}
    for name, device in (params.get("devices") or {}).items():
        if isinstance(device, dict):
            yield f"devices.{name}", of_device({**(devices.get(name) or {}), **device}), device


def _checked(entity: str, given: Keys) -> Keys:
    but = _OF_ANY_DEVICE if entity.startswith("device_") else ()
    return {key: value for key, value in given.items() if not key.startswith(_NOT_CHECKED) and key not in but}


def of_device(device: Keys) -> str:
    """The entity of a device: ``device_disk``, ``device_nic_bridged``; ``device_nic`` if its network decides."""
    kind = str(device.get("type") or "").replace("-", "_")
    narrower = device.get("nictype") or device.get("gputype") or ("physical" if kind == "gpu" else None)
    return "_".join(["device", kind, *([str(narrower)] if narrower else [])])


def _faults(option: str, given: Keys, known: t.Mapping[str, str]) -> list[str]:
    return _schema.faults(option, text_map(option, given), known) if known else []


def keys(known: t.Mapping[str, t.Mapping[str, str]], entity: str) -> dict[str, str]:
    """``{key: type}`` of an entity; empty if nobody knows. Of a nic without its kind those of all; a pool has defaults of volumes."""
    names = [name for name in known if name == entity or (entity == "device_nic" and name.startswith("device_nic_"))]
    found = {key: kind for name in names for key, kind in known[name].items()}
    if found and entity.startswith("storage_"):
        defaults = known.get(entity.replace("storage_", "storage_volume_", 1), {})
        found.update({f"volume.{key}": kind for key, kind in defaults.items()})
    return found


@functools.lru_cache(maxsize=64)
def documented(client: Client) -> t.Mapping[str, t.Mapping[str, str]]:
    """``{entity: {key: type}}``: what the server itself tells, or what this collection knows of LXD 5.0; once for each connection."""
    if not client.has("metadata_configuration"):
        from ._schemas.lxd import KEYS

        return KEYS
    reply = client.get("metadata", "configuration")
    known: dict[str, dict[str, str]] = {}
    for group, sections in (reply.metadata if reply else {}).get("configs", {}).items():
        for section, content in sections.items():
            for name in _entities(group, section):
                entries = [pair for entry in content.get("keys", []) for pair in entry.items()]
                known.setdefault(name, {}).update({key: about.get("type") or "string" for key, about in entries})
    return known


def _entities(group: str, section: str) -> tuple[str, ...]:
    """What the keys of a section are of, which LXD and Incus name in their own ways."""
    group, section = group.replace("-", "_"), section.replace("-", "_")
    if section.endswith("properties"):
        return ()  # Fields of the API: not keys of its config.
    if group == "devices":
        return ("device_unix_char", "device_unix_block") if section == "unix_char_block" else (f"device_{section}",)
    if section in ("volume_conf", "bucket_conf"):
        return (group.replace("storage_", f"storage_{section.removesuffix('_conf')}_", 1),)
    return ({"kernel": "instance", "device_unix_usb": "device_usb"}.get(group, group),)
