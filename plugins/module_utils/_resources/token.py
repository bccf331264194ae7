# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One-time tokens with which a client gets itself trusted."""

from __future__ import annotations

import base64
import json
import typing as t

from .._client import Client
from .._errors import LxdError
from .._job import Context, Job
from .._messages import Request


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    name = params["name"]
    if any(certificate.get("name") == name for certificate in _list(client, "certificates")):
        return {"changed": False, "trusted": True, "token": None}
    pending = next((operation for operation in _operations(client) if _client_name(operation) == name), None)
    if pending is None and not context.check:
        pending = _issue(client, params)
        return {"changed": True, "trusted": False, "token": _token(pending)}
    return {"changed": pending is None, "trusted": False, "token": _token(pending) if pending else None}


def _issue(client: Client, params: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    body = {
        "type": "client",
        "name": params["name"],
        "token": True,
        "restricted": params["restricted"],
        "projects": params["projects"] or [],
    }
    operation = client.start(Request("POST", ("certificates",), body)).operation
    if operation is None:
        raise LxdError(f"{client.description} answered the request for a token without one")
    return operation


def _list(client: Client, collection: str) -> list[dict[str, t.Any]]:
    return client.send(Request("GET", (collection,), query={"recursion": "1"})).metadata or []


def _operations(client: Client) -> list[dict[str, t.Any]]:
    """Those that run; the server lists them by status."""
    by_status = client.send(Request("GET", ("operations",), query={"recursion": "1"})).metadata or {}
    return by_status.get("running") or []


def _client_name(operation: t.Mapping[str, t.Any]) -> str | None:
    """The client for which a token was issued; None for an operation that is no such token."""
    about = operation.get("metadata") or {}
    return (about.get("request") or {}).get("name") if operation.get("class") == "token" and "secret" in about else None


def _token(operation: t.Mapping[str, t.Any]) -> str:
    """As the clients of LXD and Incus print and read it."""
    about = operation["metadata"]
    content = {
        "client_name": about["request"]["name"],
        "fingerprint": about["fingerprint"],
        "addresses": about["addresses"],
        "secret": about["secret"],
        "expires_at": about.get("expiresAt") or "0001-01-01T00:00:00Z",
    }
    return base64.b64encode(json.dumps(content).encode()).decode("ascii")


TOKEN = Job(
    options={
        "name": {"type": "str", "required": True},
        "restricted": {"type": "bool", "default": False},
        "projects": {"type": "list", "elements": "str"},
    },
    run=_run,
)
