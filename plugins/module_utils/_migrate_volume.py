# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage volumes that come from another server, on the ways on which instances come."""

from __future__ import annotations

import typing as t

from ._client import Client
from ._errors import InvalidOption, LxdError
from ._job import Context
from ._messages import Request
from ._migrate import Transfer, by_some_way, ways_between
from ._options import Remote


def look(client: Client, wish: t.Mapping[str, t.Any], pool: str) -> dict[str, t.Any]:
    """The source of a copy. ``pool`` is its pool, if the wish names no other.

    :raises InvalidOption: where there is none, or it is of the other kind. :raises MissingExtension: for what cannot come.
    """
    with _opened(wish) as origin:
        origin.require_trust(check=True)
        if origin.kind != client.kind:
            # Incus 6.0 dies of a volume of LXD 5.0.
            expected = f"a volume comes from a server of its own kind only, and there is {origin.description}"
            raise InvalidOption("source.remote", wish["remote"], expected)
        if "/" in wish["name"]:
            origin.require("storage_api_remote_volume_snapshot_copy", "a copy of the snapshot of a volume")
        found = origin.get(*_place(wish, pool), **_query(wish))
        if found is None:
            expected = f"there is no such volume in the pool {wish.get('pool') or pool} of {origin.remote}"
            raise InvalidOption("source.name", wish["name"], expected)
        entity: dict[str, t.Any] = found.metadata
        return entity


def bring(context: Context, request: Request) -> None:
    """Carry out a creation whose source is a volume of a remote. :raises LxdError: and nothing is left of it."""
    client = t.cast(Client, context.client)
    with _opened(request.body["source"]) as origin:
        by_some_way(_VolumeTransfer(origin, client, context, request), list(ways_between("auto", origin, client)))


def _opened(wish: t.Mapping[str, t.Any]) -> Client:
    return Client(Remote.named(wish["remote"], wish.get("project"), "source.remote"))


def _place(wish: t.Mapping[str, t.Any], pool: str) -> tuple[str, ...]:
    volume, slash, snapshot = wish["name"].partition("/")
    return ("storage-pools", wish.get("pool") or pool, "volumes", "custom", volume, *(("snapshots", snapshot) if slash else ()))


def _query(wish: t.Mapping[str, t.Any]) -> dict[str, str]:
    return {"target": wish["location"]} if wish.get("location") else {}


class _VolumeTransfer(Transfer):
    """One copy of a volume."""

    @property
    def copied(self) -> str:
        return f"the volume {self.wish['name']}"

    def start_source(self, target: t.Mapping[str, t.Any] | None = None) -> None:
        path = _place(self.wish, self.request.path[1])
        body = {"name": path[-1], "migration": True, "volume_only": self.wish["volume_only"], **({"target": target} if target else {})}
        self.source = _operation(self.origin, Request("POST", path, body, _query(self.wish)))

    def start_target(self, about: t.Mapping[str, t.Any]) -> None:
        source = {"type": "migration", "volume_only": self.wish["volume_only"], **about}
        self.target = _operation(self.client, self.request._replace(body={**self.request.body, "source": source}))


def _operation(server: Client, request: Request) -> t.Mapping[str, t.Any]:
    operation = server.start(request).operation
    if operation is None:
        raise LxdError(f"{server.description} answered {request} without an operation")
    return operation
