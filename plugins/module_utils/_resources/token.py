# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One-time tokens with which a client, or a new member of a cluster, gets itself trusted."""

from __future__ import annotations

import typing as t

from .._client import Client
from .._job import Context, Job
from .._tokens import KINDS, allows, issue, pending, revoke, text


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    kind, name = KINDS[params["type"]], params["name"]
    if any(name in (one.get("name"), one.get("server_name")) for one in client.listed(*kind.collection)):
        return {"changed": False, "trusted": True, "token": None}
    issued = [token for token in pending(client) if kind.issued_to(token["metadata"]) == name]
    fit = [token["metadata"] for token in issued if params["type"] != "client" or allows(token["metadata"], params)]
    others = [token["id"] for token in issued if token["metadata"] not in fit]
    if context.check and (others or not fit):
        return {"changed": True, "trusted": False, "token": None}
    for other in others:
        revoke(client, other)
    about = fit[0] if fit else issue(client, kind, params)
    return {"changed": bool(others or not fit), "trusted": False, "token": text(kind, name, about)}


TOKEN = Job(
    options={
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "choices": ["client", "cluster"], "default": "client"},
        "restricted": {"type": "bool", "default": False},
        "projects": {"type": "list", "elements": "str"},
    },
    run=_run,
)
