# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that may be granted."""

from __future__ import annotations

import typing as t

from .._client import Client
from .._job import Context, Job


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    client.require("access_management", "a list of permissions")
    query = {"entity-type": params["entity_type"]} if params["entity_type"] else {}
    return {"changed": False, "auth_permissions": client.listed("auth", "permissions", **query)}


AUTH_PERMISSION_INFO = Job(options={"entity_type": {"type": "str"}}, run=_run)
