# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server itself: what it is, and what it runs on."""

from __future__ import annotations

import typing as t

from .._client import Client
from .._job import Context, Job
from .._messages import Request
from .._resource import without_secrets


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    result: dict[str, t.Any] = {"changed": False, "server": without_secrets(client.server), "kind": client.kind}
    if "resources" in params["include"]:
        result["resources"] = client.send(Request("GET", ("resources",))).metadata
    if "members" in params["include"]:
        clustered = client.server["environment"].get("server_clustered")
        result["members"] = client.listed("cluster", "members") if clustered else []
    return result


INFO = Job(
    options={"include": {"type": "list", "elements": "str", "choices": ["resources", "members"], "default": []}},
    run=_run,
)
