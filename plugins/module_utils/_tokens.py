# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens by which others get themselves trusted: those that are pending, what they allow, and how they are written."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import json
import typing as t

from ._client import Client
from ._errors import LxdError, NotFound
from ._messages import Request


@dataclasses.dataclass(frozen=True)
class Kind:
    """Who is to be trusted: where the server lists it and hands out its tokens, and how a token calls it."""

    collection: tuple[str, ...]
    identity: str
    called: str
    issued_to: t.Callable[[t.Mapping[str, t.Any]], str | None]


KINDS: t.Mapping[str, Kind] = {
    "client": Kind(("certificates",), "name", "client_name", lambda about: (about.get("request") or {}).get("name")),
    "cluster": Kind(("cluster", "members"), "server_name", "server_name", lambda about: about.get("serverName")),
}


def allows(about: t.Mapping[str, t.Any], params: t.Mapping[str, t.Any]) -> bool:
    """Whether a token lets its client do what is wished, no less and no more."""
    request = about["request"]
    same_projects = set(request.get("projects") or ()) == set(params["projects"] or ())
    return bool(request.get("restricted")) == params["restricted"] and same_projects


def revoke(client: Client, operation: str) -> None:
    with contextlib.suppress(NotFound):
        client.start(Request("DELETE", ("operations", operation)))


def issue(client: Client, kind: Kind, params: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    """What the server tells of a new one."""
    body = {kind.identity: params["name"]}
    if params["type"] == "client":
        body.update(type="client", token=True, restricted=params["restricted"], projects=params["projects"] or [])
    operation = client.start(Request("POST", kind.collection, body)).operation
    if operation is None:
        raise LxdError(f"{client.description} answered the request for a token without one")
    return operation["metadata"]


def pending(client: Client) -> t.Iterator[dict[str, t.Any]]:
    """The operation of each token that was not used yet."""
    for operation in client.operations():
        unused = operation.get("class") == "token" and operation.get("status") == "Running"
        if unused and "secret" in (operation.get("metadata") or {}):
            yield operation


def text(kind: Kind, name: str, about: t.Mapping[str, t.Any]) -> str:
    """As the clients of LXD and Incus print and read it."""
    content = {
        kind.called: name,
        "fingerprint": about["fingerprint"],
        "addresses": about["addresses"],
        "secret": about["secret"],
        "expires_at": about.get("expiresAt") or "0001-01-01T00:00:00Z",
    }
    return base64.b64encode(json.dumps(content).encode()).decode("ascii")
