# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Snapshots of instances and volumes: when they expire, how they are restored, and how many are kept."""

from __future__ import annotations

import dataclasses
import datetime
import fnmatch
import typing as t

from ._client import Client
from ._errors import InvalidOption
from ._messages import Request
from ._plan import Current, Plan, plan
from ._resource import Field, Resource

_NEVER = "0001-01-01T00:00:00Z"

OPTIONS: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "restore": {"type": "bool", "default": False},
    "keep": {"type": "int"},
    "keep_matching": {"type": "str", "default": "*"},
}


def _time(option: str, value: str) -> str:
    """RFC 3339, of UTC. :raises InvalidOption:"""
    if not value:
        return _NEVER
    try:
        when = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        raise InvalidOption(option, value, "expected a time such as 2030-12-31T23:00:00Z, or empty text for never") from None
    utc = when.astimezone(datetime.timezone.utc) if when.tzinfo else when
    return utc.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


EXPIRES_AT = Field("expires_at", {"type": "str"}, _time)


def look(resource: Resource, client: Client, params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """``snapshots``: the names of all, the oldest first, if some may have to go."""
    if params["keep"] is None or params["state"] == "absent":
        return {}
    listed = client.listed(*resource.path(params), **resource.query(params))
    # Servers that do not know when they were made list them in that order.
    return {"snapshots": [one["name"].rpartition("/")[2] for one in sorted(listed, key=lambda one: str(one.get("created_at") or ""))]}


def plan_snapshot(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    """The default, then the restoration of its instance or volume, and then the removal of older ones."""
    if params["keep"] is not None and params["keep"] < 1:
        raise InvalidOption("keep", params["keep"], "expected a number of snapshots from 1 on")
    planned = plan(resource, params, current, renamed)
    if params["state"] == "absent":
        return planned
    if planned.before is None:
        planned = _with_description(planned)
    if params["restore"]:
        planned = _with_restoration(planned, resource, params, current or renamed)
    return _with_removals(planned, resource, params)


def _with_description(planned: Plan) -> Plan:
    """A new snapshot of a volume gets the description of the volume, whatever it is told."""
    (create,) = planned.requests
    if "description" not in create.body:
        return planned
    told = {"description": create.body["description"]}
    return dataclasses.replace(planned, requests=(create, Request("PATCH", (*create.path, create.body["name"]), told, create.query)))


def _with_restoration(planned: Plan, resource: Resource, params: t.Mapping[str, t.Any], there: Current | None) -> Plan:
    if there is None:
        raise InvalidOption("name", params["name"], "there is no such snapshot to restore")
    at = resource.destination(params)
    body = {"restore": at["name"], **({"stateful": True} if there.entity.get("stateful") else {})}
    restore = Request("PUT", resource.path(at)[:-1], body, resource.query(at))
    after = {**(planned.after or {}), "restored": True}
    return dataclasses.replace(planned, after=after, requests=(*planned.requests, restore))


def _with_removals(planned: Plan, resource: Resource, params: t.Mapping[str, t.Any]) -> Plan:
    if params["keep"] is None:
        return planned
    at = resource.destination(params)
    candidates = [name for name in params["snapshots"] if fnmatch.fnmatchcase(name, params["keep_matching"])]
    others = [name for name in candidates if name not in (params["name"], at["name"])]
    doomed = others[: max(0, len(others) - params["keep"] + 1)]
    if not doomed:
        return planned
    removals = (Request("DELETE", (*resource.path(params), name), query=resource.query(params)) for name in doomed)
    before, after = {**(planned.before or {}), "removed": []}, {**(planned.after or {}), "removed": doomed}
    return Plan(before, after, (*planned.requests, *removals))
