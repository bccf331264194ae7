# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server does in the background."""

from __future__ import annotations

import typing as t

from .._client import Client
from .._job import Context, Job
from .._messages import Request

# Status codes from here on are of operations that have ended.
_ENDED = 200


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    path = ("operations", params["id"].rpartition("/")[2])
    found = client.get(*path)
    if params["state"] == "cancelled":
        running = found is not None and found.metadata["status_code"] < _ENDED
        if running and not context.check:
            client.send(Request("DELETE", path))
            found = client.get(*path)
        return {"changed": running, "operation": found.metadata if found else None}
    if context.check:
        return {"changed": False, "operation": found.metadata if found else None}

    def watch(operation: t.Mapping[str, t.Any]) -> None:
        context.progress(operation.get("description") or path[1], None)

    return {"changed": False, "operation": client.wait({"id": path[1]}, params["timeout"], watch)}


def _list(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    if params["all_projects"]:
        client.require("operations_get_query_all_projects", "all_projects")
        return {"changed": False, "operations": client.operations(**{"all-projects": "true"})}
    operations = client.operations()
    if not operations:
        client.require_project()
    return {"changed": False, "operations": operations}


OPERATION = Job(
    options={
        "id": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["finished", "cancelled"], "default": "finished"},
        "timeout": {"type": "float"},
    },
    run=_run,
)
OPERATION_INFO = Job(
    options={"all_projects": {"type": "bool", "default": False}},
    run=_list,
    rules={"mutually_exclusive": [["all_projects", "project"]]},
)
