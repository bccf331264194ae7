# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of the server itself."""

from __future__ import annotations

import dataclasses
import typing as t

from .._messages import Request
from .._plan import Current, Plan, plan
from .._resource import CONFIG, Resource


def _plan_server(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    """A secret is read back as a bare ``true``: it cannot be compared."""
    known: t.Mapping[str, t.Any] = (current.entity.get("config") if current else None) or {}
    config = params.get("config") or {}
    unseen = {key for key in config if known.get(key) is True}
    if params.get("update_secrets") != "always":
        config = {key: value for key, value in config.items() if key not in unseen or value is None}
    planned = plan(resource, {**params, "config": config}, current, renamed)
    gone = {key: "" for key, value in config.items() if value in (None, "") and key in known}
    requests = tuple(_unsetting(request, gone) for request in planned.requests)
    return dataclasses.replace(planned, requests=requests)


def _unsetting(request: Request, gone: t.Mapping[str, str]) -> Request:
    """The servers keep those keys of users that a PUT does not mention."""
    return request._replace(body={**request.body, "config": {**request.body["config"], **gone}})


SERVER = Resource(
    kind="server",
    schema="server",
    collection="",
    fields=(CONFIG,),
    options={"update_secrets": {"type": "str", "choices": ["on_create", "always"], "default": "on_create"}},
    plan=_plan_server,
)
