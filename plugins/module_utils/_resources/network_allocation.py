# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses are taken, by what."""

from __future__ import annotations

import typing as t

from .._client import Client
from .._job import Context, Job
from .._messages import Request


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    client.require("network_allocations", "a list of allocations")
    query = {"all-projects": "true"} if params["all_projects"] else {}
    allocations = client.send(Request("GET", ("network-allocations",), query=query)).metadata or []
    return {"changed": False, "network_allocations": allocations}


NETWORK_ALLOCATION_INFO = Job(
    options={"all_projects": {"type": "bool", "default": False}},
    run=_run,
    rules={"mutually_exclusive": [["all_projects", "project"]]},
)
