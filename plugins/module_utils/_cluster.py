# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each member of a cluster has of a network or a storage pool: defined on every member first, then created at once."""

from __future__ import annotations

import typing as t

from ._client import Client
from ._errors import InvalidOption
from ._messages import Request
from ._plan import Current, Entity, Plan
from ._resource import Resource, concealed, merge, text_map, without_secrets

MEMBER_CONFIG: t.Mapping[str, t.Any] = {"type": "dict"}


def look(resource: Resource, client: Client, params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """``members``: ``{member: {entity, etag} or None}``, what each has; nothing is asked of those that the task does not name.

    Empty for a server that is not in a cluster.
    :raises InvalidOption: for a member that the cluster has not.
    """
    wished = params.get("member_config") or {}
    clustered = client.server["environment"].get("server_clustered")
    names = [one["server_name"] for one in client.listed("cluster", "members")] if clustered and params["state"] == "present" else []
    if unknown := wished.keys() - set(names) if params["state"] == "present" else ():
        known = f"the members of the cluster are {', '.join(sorted(names))}" if clustered else "the server is not in a cluster"
        raise InvalidOption("member_config", ", ".join(sorted(unknown)), known)
    path = (*resource.path(params), params[resource.identity])
    found = {name: client.get(*path, target=name) if name in wished else None for name in names}
    return {"members": {name: {"entity": reply.metadata, "etag": reply.etag} if reply else None for name, reply in found.items()}}


def plan(planned: Plan, resource: Resource, params: t.Mapping[str, t.Any], current: Current | None) -> Plan:
    """``planned``, with what has to be sent to the members: before a creation, or to those whose keys differ."""
    if not params.get("members"):
        return planned
    members = {name: Current(**found) if found else None for name, found in params["members"].items()}
    wished = {name: text_map(f"member_config.{name}", keys) for name, keys in (params.get("member_config") or {}).items()}
    updates = list(_updates(resource, params, members, wished))
    if current is None or current.entity.get("status") != "Created":
        return _plan_creation(planned, resource, params, wished, updates, current)
    if not updates:
        return planned
    before, after = ({name: one[key] for name, one in updates} for key in ("before", "after"))
    # The members come first: their ETags cover what all have in common, the common one does not cover theirs.
    return Plan(
        {**(planned.before or {}), "members": before},
        {**(planned.after or {}), "members": after},
        (*(one["request"] for _name, one in updates), *planned.requests),
    )


def _updates(
    resource: Resource, params: t.Mapping[str, t.Any], members: t.Mapping[str, Current | None], wished: t.Mapping[str, Entity]
) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    """For each member whose keys differ: ``before``, ``after`` and ``request``."""
    path = (*resource.path(params), params[resource.identity])
    for name, keys in wished.items():
        found = members[name]
        config = (found.entity.get("config") or {}) if found else {}
        merged = merge(config, keys)
        if found and merged != config:
            request = Request("PUT", path, {**found.entity, "config": merged}, {"target": name}, found.etag)
            before, after = (concealed(side) for side in ({key: config.get(key) for key in keys}, keys))
            yield name, {"before": before, "after": after, "request": request}


def _plan_creation(
    planned: Plan,
    resource: Resource,
    params: t.Mapping[str, t.Any],
    wished: t.Mapping[str, Entity],
    updates: t.Iterable[tuple[str, dict[str, t.Any]]],
    current: Current | None,
) -> Plan:
    """A creation that stopped half-way is completed."""
    collection, defined = resource.path(params), (current.entity.get("locations") or []) if current else []
    entity = planned.requests[-1].body if planned.requests else current.entity if current else {}
    given = {field.name: entity[field.name] for field in resource.fields if entity.get(field.name) not in (None, "")}
    whole = {**given, resource.identity: params[resource.identity]}
    define = (
        Request("POST", collection, {**whole, "config": merge(None, wished.get(name, {}))}, {"target": name})
        for name in params["members"]
        if name not in defined
    )
    shown = {name: concealed(keys) for name, keys in wished.items()}
    after = {**without_secrets(whole), **({"members": shown} if wished else {})}
    create = [*define, *(one["request"] for _name, one in updates), Request("POST", collection, whole)]
    if whole.get("description"):
        # LXD 5.0 forgets it when it creates for a cluster.
        create.append(Request("PATCH", (*collection, whole[resource.identity]), {"description": whole["description"]}))
    return Plan(None, after, tuple(create))


def members(client: Client, option: str, target: str | None) -> list[str]:
    """The members of a cluster that an option means: the one of that name, or those of the ``@group``; none if it is not given.

    :raises InvalidOption: where there are none.
    """
    if not target:
        return []
    if not client.server["environment"].get("server_clustered"):
        raise InvalidOption(option, target, "the server is not in a cluster")
    group = target.startswith("@")
    found = client.get("cluster", *(("groups", target[1:]) if group else ("members", target)))
    if found is None or not found.metadata.get("members", True):
        what = "group, or nobody is in it" if group else "member"
        raise InvalidOption(option, target, f"the cluster of {client.remote} has no such {what}")
    return sorted(found.metadata["members"]) if group else [target]
