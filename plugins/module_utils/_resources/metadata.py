# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance took over from its image: its metadata, and the templates of its files."""

from __future__ import annotations

import typing as t

from .._client import Client
from .._converge import fulfil
from .._errors import InvalidOption
from .._job import Context, Job
from .._messages import Request
from .._plan import Current, Plan, plan_update, wishes
from .._resource import Field, Resource, merge, merge_devices, refuse_name, text_map


def _templates(option: str, value: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    for path, template in value.items():
        if not isinstance(template, (dict, type(None))):
            expected = "expected a mapping such as {template: x.tpl, when: [start]}, or null to remove it"
            raise InvalidOption(f"{option}.{path}", template, expected)
    return value


_METADATA = Resource(
    "metadata",
    "",
    (
        Field("properties", {"type": "dict"}, text_map, merge),
        Field("architecture", {"type": "str"}),
        Field("creation_date", {"type": "int"}),
        Field("expiry_date", {"type": "int"}),
        Field("templates", {"type": "dict"}, _templates, merge_devices),
    ),
)
_FILES: t.Mapping[str, t.Any] = {"type": "dict", "default": {}}


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    refuse_name("instance", params["instance"])
    params = {**params, "files": text_map("files", params["files"])}
    path = ("instances", params["instance"], "metadata")
    result, (found, files) = fulfil(context, lambda: _read(client, path, params["files"]), lambda seen: plan(path, params, *seen))
    return {**result, "metadata": found.entity, "files": files}


def _read(client: Client, path: tuple[str, ...], named: t.Mapping[str, t.Any]) -> tuple[Current, dict[str, str | None]]:
    """The metadata, and the content of the templates that the task names (None: not there)."""
    reply = client.existing(f"instance {path[1]}", *path)
    listed = client.send(Request("GET", (*path, "templates"))).metadata if named else None
    return Current(reply.metadata, reply.etag), {name: _content(client, path, name) if name in (listed or ()) else None for name in named}


def _content(client: Client, path: tuple[str, ...], name: str) -> str:
    body = client.download(Request("GET", (*path, "templates"), query={"path": name}))
    return body.whole().decode("utf-8", "surrogateescape")


def plan(path: tuple[str, ...], params: t.Mapping[str, t.Any], current: Current, files: t.Mapping[str, str | None]) -> Plan:
    """The templates' files first: the metadata names them."""
    update = plan_update(_METADATA, path, wishes(_METADATA.fields, params), current)
    changed = {name: content for name, content in params["files"].items() if content != files[name]}
    before = {**(update.before or {}), "files": {name: files[name] for name in changed}}
    after = {**(update.after or {}), "files": changed}
    return Plan(before, after, (*(_write(path, name, content) for name, content in changed.items()), *update.requests))


def _write(path: tuple[str, ...], name: str, content: str | None) -> Request:
    where = ((*path, "templates"), {"path": name})
    if content is None:
        return Request("DELETE", where[0], query=where[1])
    headers = {"Content-Type": "application/octet-stream"}
    return Request("POST", where[0], query=where[1], content=content.encode("utf-8", "surrogateescape"), headers=headers)


METADATA = Job(
    options={"instance": {"type": "str", "required": True}, **{field.name: field.spec for field in _METADATA.fields}, "files": _FILES},
    run=_run,
    files=True,
)
