# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One-time tokens with which a client, or a new member of a cluster, gets itself trusted."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import json
import typing as t

from .._client import Client
from .._errors import LxdError, NotFound
from .._job import Context, Job
from .._messages import Request


@dataclasses.dataclass(frozen=True)
class _Kind:
    """Who is to be trusted: where the server lists it and hands out its tokens, and how a token calls it."""

    collection: tuple[str, ...]
    identity: str
    called: str
    issued_to: t.Callable[[t.Mapping[str, t.Any]], str | None]


_KINDS: t.Mapping[str, _Kind] = {
    "client": _Kind(("certificates",), "name", "client_name", lambda about: (about.get("request") or {}).get("name")),
    "cluster": _Kind(("cluster", "members"), "server_name", "server_name", lambda about: about.get("serverName")),
}


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    kind, name = _KINDS[params["type"]], params["name"]
    if any(name in (one.get("name"), one.get("server_name")) for one in client.listed(*kind.collection)):
        return {"changed": False, "trusted": True, "token": None}
    pending = [token for token in _tokens(client) if kind.issued_to(token["metadata"]) == name]
    fit = [token["metadata"] for token in pending if params["type"] != "client" or _allows(token["metadata"], params)]
    others = [token["id"] for token in pending if token["metadata"] not in fit]
    if context.check and (others or not fit):
        return {"changed": True, "trusted": False, "token": None}
    for other in others:
        _revoke(client, other)
    issued = fit[0] if fit else _issue(client, kind, params)
    return {"changed": bool(others or not fit), "trusted": False, "token": _token(kind, name, issued)}


def _allows(about: t.Mapping[str, t.Any], params: t.Mapping[str, t.Any]) -> bool:
    """Whether a token lets its client do what is wished, no less and no more."""
    request = about["request"]
    same_projects = set(request.get("projects") or ()) == set(params["projects"] or ())
    return bool(request.get("restricted")) == params["restricted"] and same_projects


def _revoke(client: Client, operation: str) -> None:
    with contextlib.suppress(NotFound):
        client.start(Request("DELETE", ("operations", operation)))


def _issue(client: Client, kind: _Kind, params: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    body = {kind.identity: params["name"]}
    if params["type"] == "client":
        body.update(type="client", token=True, restricted=params["restricted"], projects=params["projects"] or [])
    operation = client.start(Request("POST", kind.collection, body)).operation
    if operation is None:
        raise LxdError(f"{client.description} answered the request for a token without one")
    return operation["metadata"]


def _tokens(client: Client) -> t.Iterator[dict[str, t.Any]]:
    """The operation of each token that was not used yet."""
    for operation in client.operations():
        pending = operation.get("class") == "token" and operation.get("status") == "Running"
        if pending and "secret" in (operation.get("metadata") or {}):
            yield operation


def _token(kind: _Kind, name: str, about: t.Mapping[str, t.Any]) -> str:
    """As the clients of LXD and Incus print and read it."""
    content = {
        kind.called: name,
        "fingerprint": about["fingerprint"],
        "addresses": about["addresses"],
        "secret": about["secret"],
        "expires_at": about.get("expiresAt") or "0001-01-01T00:00:00Z",
    }
    return base64.b64encode(json.dumps(content).encode()).decode("ascii")


TOKEN = Job(
    options={
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "choices": ["client", "cluster"], "default": "client"},
        "restricted": {"type": "bool", "default": False},
        "projects": {"type": "list", "elements": "str"},
    },
    run=_run,
)
