# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Projects."""

from __future__ import annotations

import dataclasses
import re
import typing as t
import urllib.parse

from .._messages import Request
from .._plan import Current, Plan, plan
from .._resource import CONFIG, DESCRIPTION, Resource

# In this order nothing is removed that something else still uses.
_ORDER = ("instances", "images", "profiles", "storage-pools", "networks", "network-acls", "network-zones")


def _plan_project(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    planned = plan(resource, params, current, renamed)
    if current is None or not (params.get("force") and params["state"] == "absent"):
        return planned
    used_by = current.entity.get("used_by") or []
    before = {**(planned.before or {}), "used_by": used_by}
    return dataclasses.replace(planned, before=before, requests=(*_emptying(params["name"], used_by), *planned.requests))


def _emptying(name: str, used_by: t.Iterable[str]) -> t.Iterator[Request]:
    """Removes what the server says to be in the project. The default profile stays, and lets go of what it uses."""
    project = {"project": name}
    entries = sorted((_entry(url) for url in used_by), key=lambda entry: _rank(entry[0][0]))
    if any(path[0] == "instances" for path, _query in entries):
        yield Request("PUT", ("instances",), {"state": {"action": "stop", "force": True, "timeout": -1}}, project)
    acls = [path for path, _query in entries if path[0] == "network-acls"]
    for path, query in entries:
        if path in acls[:1] and acls[1:]:
            # They may refer to each other, in circles even.
            for acl in acls:
                yield Request("PUT", acl, {"description": "", "config": {}, "ingress": [], "egress": []}, project)
        if path == ("profiles", "default"):
            yield Request("PUT", path, {"description": "", "config": {}, "devices": {}}, project)
        else:
            yield Request("DELETE", path, query={**query, **project})


def _entry(url: str) -> tuple[tuple[str, ...], dict[str, str]]:
    address = urllib.parse.urlsplit(url)
    return tuple(map(_decoded, address.path.split("/")[2:])), dict(urllib.parse.parse_qsl(address.query))


def _decoded(segment: str) -> str:
    """LXD 5.0 encodes some names twice."""
    name = urllib.parse.unquote(segment)
    return urllib.parse.unquote(name) if re.search("%[0-9A-Fa-f]{2}", name) else name


def _rank(collection: str) -> int:
    return _ORDER.index(collection) if collection in _ORDER else len(_ORDER)


# ``merge_project`` of community.general never changed a key; merging is the only way here.
PROJECT = Resource(
    kind="project",
    schema="project",
    collection="projects",
    fields=(CONFIG, DESCRIPTION),
    renames=True,
    extension="projects",
    details=("state",),
    options={"merge_project": {"type": "bool"}, "force": {"type": "bool", "default": False}},
    plan=_plan_project,
)
