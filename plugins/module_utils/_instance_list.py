# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances, listed with what they are and where they can be reached."""

from __future__ import annotations

import typing as t

from ._addresses import addresses
from ._client import Client
from ._errors import InvalidOption
from ._instance import NAME
from ._job import Context
from ._messages import Request


def listed(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """``instances``, by project and name; ``params`` are those of lxd_container_info."""
    client = t.cast(Client, context.client)
    query = {"recursion": "2"}
    if params["name"] is not None and not NAME.fullmatch(params["name"]):
        raise InvalidOption("name", params["name"], "expected the name of an instance: letters, digits and hyphens")
    if params["all_projects"]:
        if client.remote.project:
            raise InvalidOption("all_projects", True, f"it does not go with the project {client.remote.project}")
        query["all-projects"] = "true"
    wishes = [f"{key} eq {params[option]}" for option, key in (("name", "name"), ("type", "type"), ("status", "status")) if params[option]]
    wishes += [params["filter"]] if params["filter"] else []
    if wishes:
        query["filter"] = " and ".join(wishes)
    found = client.send(Request("GET", ("instances",), query=query)).metadata
    if not found:
        client.require_project()
    rows = sorted(map(_row, found), key=lambda row: (row.get("project", ""), row["name"]))
    return {"changed": False, "instances": rows}


def _row(entity: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The columns of ``lxc list`` as data, beside all that the server tells."""
    state = entity.get("state")
    snapshots = [snapshot["name"].rpartition("/")[2] for snapshot in entity.get("snapshots") or []]
    return {**entity, "ipv4": addresses(state, "ipv4"), "ipv6": addresses(state, "ipv6"), "snapshots": snapshots}
