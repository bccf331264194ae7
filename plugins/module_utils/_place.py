# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an instance is (project, pool, member of a cluster), and what brings it elsewhere. Pure, like ``_plan``."""

from __future__ import annotations

import dataclasses
import typing as t

from ._messages import Request

Entity = t.Mapping[str, t.Any]

OPTIONS = ("new_pool", "new_project", "new_target")
SPEC: t.Mapping[str, t.Mapping[str, t.Any]] = {option: {"type": "str"} for option in OPTIONS}


@dataclasses.dataclass(frozen=True)
class Move:
    """The way to another place. ``before`` and ``after`` are what of the place changes; all are empty if nothing does.

    ``entity`` is the instance at its end; with ``live`` it may run on the way.
    """

    entity: Entity
    requests: tuple[Request, ...] = ()
    before: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    after: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    live: bool = False


def move(params: Entity, entity: Entity, name: str, new_name: str | None) -> Move:
    """How the instance gets to where it shall be; a renaming goes along with a change of the project, in which the old name may be taken.

    One request for each: LXD 5.0 forgets the project of one that tells a pool.
    """
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    requests: list[Request] = []
    at = name
    for part, body, query in _steps(params, entity):
        before[part], after[part] = place(entity)[part], body.get(part) or query[part]
        then = new_name if new_name and part == "project" else at
        requests.append(Request("POST", ("instances", at), {"name": then, "migration": True, "live": False, **body}, query))
        at = then
    live = [*after] == ["target"] and (entity.get("expanded_config") or {}).get("migration.stateful") == "true"
    moved = {**entity, "name": at, **({"devices": with_pool(entity, after["pool"])} if "pool" in after else {})}
    return Move(moved, tuple(requests), before, after, live)


def _steps(params: Entity, entity: Entity) -> t.Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """(part of the place, what the body says of it, what the query does) of each that is not as wished."""
    here = place(entity)
    if params.get("new_pool") and here["pool"] != params["new_pool"]:
        yield "pool", {"pool": params["new_pool"]}, {}
    if params.get("new_project") and here["project"] != params["new_project"]:
        yield "project", {"project": params["new_project"]}, {}
    members = params.get("members") or [params.get("new_target")]
    if params.get("new_target") and here["target"] not in members:
        # LXD 5.0 takes no group here.
        yield "target", {}, {"target": members[0]}


def place(entity: Entity) -> dict[str, str]:
    """``pool``, ``project`` and ``target``."""
    return {
        "pool": root(entity)[1].get("pool", ""),
        "project": entity.get("project") or "default",
        "target": entity.get("location") or "none",
    }


def root(entity: Entity) -> tuple[str, dict[str, str]]:
    """Name and keys of the disk that its root is on, be it of a profile; empty keys where there is none (yet)."""
    devices = entity.get("expanded_devices") or entity.get("devices") or {}
    return next(((name, dict(device)) for name, device in devices.items() if device.get("path") == "/"), ("root", {}))


def with_pool(entity: Entity, pool: str) -> dict[str, t.Any]:
    """Its own devices with the root on that pool: a root of a profile becomes one of the instance."""
    name, device = root(entity)
    return {**(entity.get("devices") or {}), name: {"type": "disk", "path": "/", **device, "pool": pool}}


def leaves(request: Request) -> bool:
    """Whether an instance is in another project after this request."""
    return request.method == "POST" and bool((request.body or {}).get("migration") and request.body.get("project"))
