# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage volumes that users made; those of instances and images belong to these."""

from __future__ import annotations

import dataclasses
import os
import typing as t

from .._client import Client
from .._errors import InvalidOption, NotFound
from .._job import Context, Job
from .._messages import Request
from .._plan import Current, Plan, plan
from .._resource import CONFIG, DESCRIPTION, Field, Resource, text_map
from .._upload import Upload

_SOURCE: t.Mapping[str, t.Any] = {
    "type": "dict",
    "options": {
        "name": {"type": "str", "required": True},
        "pool": {"type": "str"},
        "project": {"type": "str"},
        "location": {"type": "str"},
        "volume_only": {"type": "bool", "default": False},
    },
}


def _look(client: Client, params: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    """``prefix`` of the server's headers, and what the source of a copy holds, which a server would not add to what is wished."""
    if params["state"] == "absent":
        return {}
    if params.get("iso"):
        client.require("custom_volume_iso", "the import of an ISO image")
    source = params.get("source")
    if not source:
        return {"prefix": client.header_prefix}
    query = {key: source[given] for key, given in (("project", "project"), ("target", "location")) if source.get(given)}
    path = ("storage-pools", source["pool"] or params["pool"], "volumes", "custom", source["name"])
    return {"origin": client.send(Request("GET", path, query=query)).metadata}


def _plan_volume(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    planned = plan(resource, params, current, renamed)
    if planned.before is not None or not planned.requests:
        return planned
    (create,) = planned.requests
    if params.get("iso"):
        return dataclasses.replace(planned, requests=_imported(params, create))
    body = {"type": "custom", **create.body}
    if params.get("source"):
        given = {key: value for key, value in params["source"].items() if value is not None}
        body["source"] = {"type": "copy", "pool": params["pool"], **given}
        origin = params.get("origin") or {}
        body["config"] = {**_kept(origin.get("config")), **text_map("config", body.get("config") or {})}
        body["content_type"] = origin.get("content_type", body.get("content_type"))
    return dataclasses.replace(planned, requests=(dataclasses.replace(create, body=body),))


def _kept(config: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
    return {key: value for key, value in (config or {}).items() if not key.startswith("volatile.")}


def _imported(params: t.Mapping[str, t.Any], create: Request) -> tuple[Request, ...]:
    """The file, and then what the server can't be told along with it."""
    if not os.path.isfile(params["iso"]):
        raise InvalidOption("iso", params["iso"], "there is no such file")
    prefix = params["prefix"]
    headers = {"Content-Type": "application/octet-stream", f"{prefix}name": create.body["name"], f"{prefix}type": "iso"}
    later = {key: create.body[key] for key in ("config", "description") if create.body.get(key)}
    upload = dataclasses.replace(create, body=None, content=Upload(params["iso"]), headers=headers)
    patch = Request("PATCH", (*create.path, create.body["name"]), later, create.query)
    return (upload, patch) if later else (upload,)


STORAGE_VOLUME = Resource(
    kind="storage_volume",
    collection="storage-pools/{pool}/volumes/custom",
    fields=(
        CONFIG,
        DESCRIPTION,
        Field("content_type", {"type": "str", "choices": ["filesystem", "block", "iso"]}, create_only=True),
    ),
    renames=True,
    moves=("pool", "project"),
    targeted=True,
    options={"source": _SOURCE, "iso": {"type": "path"}},
    rules={"mutually_exclusive": [["source", "iso"], ["content_type", "iso"], ["content_type", "source"]]},
    look=_look,
    plan=_plan_volume,
)


def _info(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    query = {"recursion": "1", **({"all-projects": "true"} if params["all_projects"] else {})}
    listed = client.send(Request("GET", ("storage-pools", params["pool"], "volumes"), query=query)).metadata or []
    wanted = {key: params[key] for key in ("name", "type") if params[key]}
    found = [one for one in listed if wanted.items() <= one.items()]
    if params["name"] and not found:
        raise NotFound(f"There is no storage volume {params['name']} in the pool {params['pool']} of {client.remote}", status=404)
    return {"changed": False, "storage_volumes": found}


STORAGE_VOLUME_INFO = Job(
    options={
        "pool": {"type": "str", "required": True},
        "name": {"type": "str"},
        "type": {"type": "str"},
        "all_projects": {"type": "bool", "default": False},
    },
    rules={"mutually_exclusive": [["all_projects", "project"]]},
    run=_info,
)
