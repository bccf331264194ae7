# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage volumes: where new ones come from (nothing, a copy, an ISO image), and their way to another member of a cluster."""

from __future__ import annotations

import dataclasses
import os
import re
import typing as t
import urllib.parse

from . import _migrate_volume
from ._client import Client
from ._errors import InvalidOption, OperationFailed
from ._job import Context
from ._messages import Reply, Request
from ._plan import Current, Plan, plan, view
from ._resource import Field, Resource, merge, text_map
from ._upload import Upload

# What a server must have to take a volume from one of its members to another.
_BETWEEN_MEMBERS = "cluster_internal_custom_volume_copy"


def _merge_config(current: t.Mapping[str, t.Any] | None, wanted: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A copy has its size in bytes, however the task says it."""
    known = (current or {}).get("size")
    same = known and wanted.get("size") and _bytes(known) == _bytes(wanted["size"])
    return merge(current, {**wanted, "size": known} if same else wanted)


def _bytes(size: str) -> int | str:
    """What the server understands; what it does not is only itself."""
    number = re.fullmatch(r"(\d+)\s*(?:bytes|B|([kKMGTPE])(i?)B)?", size.strip())
    if number is None:
        return size
    return int(number[1]) * (1024 if number[3] else 1000) ** (" KMGTPE".index(number[2].upper()) if number[2] else 0)


# For a volume, whose size may be told in several ways.
CONFIG = Field("config", {"type": "dict"}, text_map, _merge_config)


def look(client: Client, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> t.Mapping[str, t.Any]:
    """For a new volume ``prefix`` of the server's headers, or what the source of a copy holds, which a server would not add to
    what is wished."""
    if params["state"] == "absent":
        return {}
    _require_members(client, params, "new_target", params.get("new_target"))
    if params.get("new_pool") and not renamed:
        client.expect("new_pool", params["new_pool"], "storage-pools", params["new_pool"], what="such storage pool")
    return {} if current or renamed else _look_at_source(client, params)


def _look_at_source(client: Client, params: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    source = params.get("source")
    if params.get("iso"):
        client.require("custom_volume_iso", "the import of an ISO image")
    if not source:
        return {"prefix": client.header_prefix}
    if source.get("remote"):
        return {"origin": _migrate_volume.look(client, source, params["pool"])}
    _require_members(client, params, "source.location", source.get("location"))
    if source.get("project"):
        client.expect_project("source.project", source["project"])
    query = {key: source[given] for key, given in (("project", "project"), ("target", "location")) if source.get(given)}
    pool = source.get("pool") or params["pool"]
    found = client.get("storage-pools", pool, "volumes", "custom", source["name"], **query)
    if found is None:
        raise InvalidOption("source.name", source["name"], f"there is no such volume in the pool {pool} of {client.remote}")
    return {"origin": found.metadata}


def _require_members(client: Client, params: t.Mapping[str, t.Any], option: str, member: str | None) -> None:
    if not member or member == params.get("target"):
        return
    if not client.server["environment"].get("server_clustered"):
        raise InvalidOption(option, member, "the server is not in a cluster")
    client.require(_BETWEEN_MEMBERS, f"{option}: what brings a volume from one member of a cluster to another")


def plan_volume(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    if current and params.get("new_target"):
        # Without a target, what is there may be there already.
        params = {**params, "target": current.entity["location"]}
    planned = plan(resource, params, current, renamed)
    if not planned.requests or params["state"] == "absent":
        return planned
    first, *rest = planned.requests
    if planned.before is None:
        return _plan_import(params, planned, first) if params.get("iso") else _plan_new(resource, params, first)
    if first.method == "POST" and "target" in first.body:
        return dataclasses.replace(planned, requests=(_between_members(params, first), *rest))
    return planned


def send(context: Context, request: Request) -> Reply:
    """A copy from a remote is more than a request; a move to another member goes on after its own operation has ended: its end is
    when the first member has let go."""
    client = t.cast(Client, context.client)
    if isinstance(request.body, dict) and (request.body.get("source") or {}).get("remote"):
        _migrate_volume.bring(context, request)
        return Reply()
    reply = client.send(request)
    if isinstance(request.body, dict) and request.body.get("migration"):
        home = {**request.query, "target": request.body["source"]["location"]}
        place = "/".join(("/1.0", *(urllib.parse.quote(segment, safe="") for segment in request.path)))
        for operation in client.operations(**{key: value for key, value in request.query.items() if key == "project"}):
            if operation["status"] == "Running" and _concerns(operation, place):
                client.wait(operation, request=str(request))
        if client.get(*request.path, **home) is not None:
            left = f"The move of the volume {request.path[-1]} ended, and it still is on {home['target']}"
            raise OperationFailed(left, request=str(request))
    return reply


def _concerns(operation: t.Mapping[str, t.Any], place: str) -> bool:
    return any(url.partition("?")[0] == place for urls in (operation.get("resources") or {}).values() for url in urls or ())


def _plan_new(resource: Resource, params: t.Mapping[str, t.Any], create: Request) -> Plan:
    body = {"type": "custom", **create.body}
    requests = [create._replace(body=body)]
    if params.get("source"):
        given = {key: value for key, value in params["source"].items() if value is not None}
        body.update(_inherited(params, params.get("origin") or {}), source={"type": "copy", "pool": params["pool"], **given})
        if params.get("description") == "":
            # To the servers that is none, and a copy without one gets that of its source.
            requests.append(Request("PATCH", (*create.path, body["name"]), {"description": ""}, create.query))
    elif body.get("content_type") == "iso":
        raise InvalidOption("content_type", "iso", "a new volume of that type is made of a file; give iso, and no content_type")
    after = {"name": body["name"], **view(resource.fields, body)}
    return Plan(None, after, tuple(requests))


def _inherited(params: t.Mapping[str, t.Any], origin: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What a copy has of its source, and of the wishes laid over it."""
    given = params.get("description")
    return {
        "config": merge(_kept(origin.get("config")), text_map("config", params.get("config") or {})),
        "description": origin.get("description", "") if given is None else given,
        "content_type": origin.get("content_type"),
    }


def _kept(config: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
    return {key: value for key, value in (config or {}).items() if not key.startswith("volatile.")}


def _plan_import(params: t.Mapping[str, t.Any], planned: Plan, create: Request) -> Plan:
    """The file, and then what the server can't be told along with it."""
    if not os.path.isfile(params["iso"]):
        raise InvalidOption("iso", params["iso"], "there is no such file")
    prefix = params["prefix"]
    headers = {"Content-Type": "application/octet-stream", f"{prefix}name": create.body["name"], f"{prefix}type": "iso"}
    later = {key: create.body[key] for key in ("config", "description") if create.body.get(key)}
    upload = create._replace(body=None, content=Upload(params["iso"]), headers=headers)
    patch = Request("PATCH", (*create.path, create.body["name"]), later, create.query)
    return dataclasses.replace(planned, requests=(upload, patch) if later else (upload,))


def _between_members(params: t.Mapping[str, t.Any], move: Request) -> Request:
    """The query says where it goes, the body where it comes from."""
    body = {**move.body, "migration": True, "source": {"location": params["target"]}}
    return move._replace(body=body, query={**move.query, "target": body.pop("target")})
