# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances that come from another server, by the servers' own migration.

Two operations speak to each other, one at the source and one at the target: the target connects to the source (``pull``), the
source to the target (``push``), or both are connected by us (``relay``). What was measured on LXD 5.0 and Incus 6.0:

* The target makes exactly what the request says: config, devices and profiles of the source are for us to send.
* A refresh of an instance that is there leaves its config alone.
* A target that fails removes what it has made. One that waits for a source which never comes gives up after some seconds.
* LXD 5.0 refuses snapshots of Incus for a key of their config; all else goes between the two.
"""

from __future__ import annotations

import re
import time
import typing as t

from ._client import Client
from ._errors import AlreadyExists, InvalidOption, LxdError, OperationFailed, TimedOut
from ._job import Context
from ._messages import Request
from ._options import Remote
from ._relay import relay

Operation = t.Mapping[str, t.Any]

# How long the servers may tell no progress.
STALL = 300
# How long an operation may need to end that has nothing to do any more.
_END = 60
# What servers say when one of them does not reach the other.
_NO_WAY = r"(?i)(unable|failed) to connect|connection refused|no route to host|unreachable|time.?out|timed out|deadline exceeded|x509"


class _NoWay(OperationFailed):
    """The servers do not reach each other in this mode: another one may be tried."""


def look(remote: str, wish: t.Mapping[str, t.Any], client: Client) -> dict[str, t.Any]:
    """The source of a copy. :raises NotFound: where there is none. :raises InvalidOption: for what cannot be."""
    with _opened(remote, wish) as origin:
        entity = _entity(origin, wish)
        _verify(wish, origin, client, entity)
        return entity


def bring(remote: str, client: Client, context: Context, request: Request) -> None:
    """Carry out a creation, or a refresh, whose source is a copy from a remote.

    :raises LxdError: and what has been made by then is gone again, but never the source.
    """
    wish = request.body["source"]
    with _opened(remote, wish) as origin:
        entity = _entity(origin, wish)
        ways = _verify(wish, origin, client, entity)
        transfer = Transfer(origin, client, context, request._replace(body=_body(request.body, entity)))
        by_some_way(transfer, ways)
        if wish.get("move"):
            _remove_source(transfer, entity)


def _opened(remote: str, wish: t.Mapping[str, t.Any]) -> Client:
    return Client(Remote.named(remote, wish.get("project"), "source.remote"))


def _place(wish: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    instance, slash, snapshot = wish["source"].partition("/")
    return ("instances", instance, *(("snapshots", snapshot) if slash else ()))


def _entity(origin: Client, wish: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    origin.require_trust(check=True)
    entity: dict[str, t.Any] = origin.existing(f"instance {wish['source']} to copy", *_place(wish)).metadata
    return entity


def _snapshots(server: Client, name: str) -> set[str]:
    return {snapshot["name"].rpartition("/")[2] for snapshot in server.listed("instances", name, "snapshots")}


def _verify(wish: t.Mapping[str, t.Any], origin: Client, client: Client, entity: t.Mapping[str, t.Any]) -> list[tuple[str, str]]:
    """The ways that may be tried. :raises InvalidOption: for what cannot be."""
    if wish.get("move") and entity.get("status") != "Stopped":
        status = str(entity.get("status")).lower()
        raise InvalidOption("source.move", True, f"{wish['source']} is {status} on {origin.remote}, and has to be stopped to be moved")
    if wish.get("move") and (entity.get("expanded_config") or {}).get("security.protection.delete") == "true":
        raise InvalidOption("source.move", True, f"{wish['source']} is protected on {origin.remote} by security.protection.delete")
    strange = origin.kind == "incus" and not client.has("instance_generation_id")
    if strange and not _only(wish) and "/" not in wish["source"] and _snapshots(origin, wish["source"]):
        expected = f"{client.description} takes no snapshots of Incus: give instance_only=true to leave them behind"
        raise InvalidOption("source.remote", origin.remote.name, expected)
    return list(ways_between(wish.get("mode") or "auto", origin, client))


def _only(wish: t.Mapping[str, t.Any]) -> bool:
    return bool(wish.get("instance_only") or wish.get("container_only"))


def _body(body: t.Mapping[str, t.Any], entity: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The request, completed by what servers ask for even where it is of no use, as in a refresh. Only what runs has a state to bring."""
    about = {key: entity[key] for key in ("architecture", "type") if key in entity}
    live = bool(body["source"].get("live")) and entity.get("status") == "Running"
    return {**about, "config": {}, **body, "source": {**body["source"], "live": live}}


def ways_between(mode: str, origin: Client, client: Client) -> t.Iterator[tuple[str, str]]:
    """(mode, address that one server calls the other by) of what may be tried, in order.

    :raises InvalidOption: where the one that has to be called listens nowhere.
    """
    for way, called, option in (("pull", origin, "source"), ("push", client, "target")):
        addresses = [called.remote.url] if called.remote.url else [f"https://{each}" for each in called.server["environment"]["addresses"]]
        if mode == way and not addresses:
            expected = f"the {option} {called.remote} listens at no https address (core.https_address), at which the other could call it"
            raise InvalidOption("source.mode", mode, f"{expected}; relay needs none")
        yield from ((way, address) for address in addresses if mode in (way, "auto"))
    if mode in ("relay", "auto"):
        yield "relay", ""


def by_some_way(transfer: Transfer, ways: list[tuple[str, str]]) -> None:
    """:raises LxdError: of the last way, if none leads there."""
    for number, (mode, address) in enumerate(ways, 1):
        try:
            return transfer.run(mode, address)
        except _NoWay as failure:
            if number == len(ways):
                raise
            transfer.context.warn(f"{failure}; {ways[number][0]} is tried")


def _remove_source(transfer: Transfer, before: t.Mapping[str, t.Any]) -> None:
    """Of what has moved: only when it is stopped and unchanged, and all of its snapshots have arrived."""
    origin, name = transfer.origin, before["name"]
    try:
        now = _entity(origin, transfer.wish)
        left = sorted(_snapshots(origin, name) - _snapshots(transfer.client, transfer.name))
        if left:
            raise LxdError(f"its snapshots {', '.join(left)} have not arrived")
        if any(now.get(key) != before.get(key) for key in ("status", "last_used_at", "config")):
            raise LxdError("it was used or changed meanwhile")
        origin.send(Request("DELETE", ("instances", name)))
    except LxdError as error:
        raise LxdError(f"{transfer.name} was copied, but {name} was left on {origin.remote}, too: {error}", **error.facts) from error


class Transfer:
    """One copy of an instance. ``source`` and ``target`` are its operations, empty until they are started."""

    def __init__(self, origin: Client, client: Client, context: Context, request: Request) -> None:
        self.origin, self.client, self.context, self.request = origin, client, context, request
        self.wish: t.Mapping[str, t.Any] = request.body["source"]
        self.name: str = request.body["name"]
        self.source: Operation = {}
        self.target: Operation = {}
        self._told: list[str] = []
        self._heard = 0.0

    @property
    def copied(self) -> str:
        """What the source calls it."""
        return str(self.wish["source"])

    def run(self, mode: str, address: str) -> None:
        """:raises _NoWay: when the servers do not reach each other so."""
        self.source, self.target, self._heard = {}, {}, time.monotonic()
        self.context.progress(f"{self.name}: {mode} {address}".rstrip(), None)
        try:
            {"pull": self._pull, "push": self._push, "relay": self._relay}[mode](address)
            self._finish()
        except LxdError as error:
            self._undo(error)
            raise

    def _pull(self, address: str) -> None:
        self.start_source()
        self.start_target({"mode": "pull", **_called(address, self.source), "certificate": _certificate(self.origin)})

    def _push(self, address: str) -> None:
        self.start_target({"mode": "push"})
        self.start_source({**_called(address, self.target), "certificate": _certificate(self.client)})

    def _relay(self, _address: str) -> None:
        self.start_source()
        self.start_target({"mode": "push"})
        relay((self.origin.remote, self.source), (self.client.remote, self.target), self._watch)

    def start_source(self, target: t.Mapping[str, t.Any] | None = None) -> None:
        """:param target: how the source reaches the target, if it has to."""
        path, only = _place(self.wish), _only(self.wish)
        what = {"name": path[-1]} if "snapshots" in path else {"instance_only": only, "container_only": only}
        body = {"migration": True, "live": bool(self.wish.get("live")), **what, **({"target": target} if target else {})}
        self.source = self.origin.start(Request("POST", path, body)).operation or {}

    def start_target(self, about: t.Mapping[str, t.Any]) -> None:
        """:param about: the mode, and how the target reaches the source, if it has to."""
        only = _only(self.wish)
        kept = {key: bool(self.wish.get(key)) for key in ("live", "refresh")}
        base = {"base-image": self.request.body["config"].get("volatile.base_image", "")}
        source = {"type": "migration", "instance_only": only, "container_only": only, **kept, **base, **about}
        self.target = self.client.start(self.request._replace(body={**self.request.body, "source": source})).operation or {}

    def _finish(self) -> None:
        """Wait for both. Where one fails, the other one often knows better why."""
        try:
            self.client.wait(self.target, progress=self._follow)
            self.origin.wait(self.source, _END)
        except OperationFailed as failure:
            said = [" ".join(str(each or "").split()) for each in (failure, *(state.get("err") for state in self._states()))]
            kind = _NoWay if any(re.search(_NO_WAY, each) for each in said) else OperationFailed
            news = [each for each in dict.fromkeys(said) if each and not any(each != other and each in other for other in said)]
            place = f"{self.copied} of {self.origin.remote}"
            raise kind(f"{self.name} could not be made of {place}: {'; '.join(news)}", **failure.facts) from failure

    def _states(self) -> list[Operation]:
        """The operations at the source and at the target; empty for one that the server has forgotten, soon after its end."""
        found = (self.origin.get("operations", self.source["id"]), self.client.get("operations", self.target["id"]))
        return [reply.metadata if reply else {} for reply in found]

    def _follow(self, _target: Operation) -> None:
        """:raises OperationFailed: where the source has failed, for which the target may wait in vain."""
        self._watch()
        source = self._states()[0]
        if source.get("status_code", 0) >= 400:
            raise OperationFailed(source.get("err") or "", operation=source["id"])

    def _watch(self) -> bool:
        """Show how far it is; whether it is over. :raises TimedOut: when nothing happens."""
        states = self._states()
        told = [text for state in states for key, text in (state.get("metadata") or {}).items() if key.endswith("_progress")]
        if told != self._told:
            self._told, self._heard = told, time.monotonic()
            self.context.progress(f"{self.name}: {told[0] if told else ''}", None)
        if time.monotonic() - self._heard > STALL:
            raise TimedOut(f"{self.name}: the servers have told of no progress for {STALL} seconds, and the copy was given up")
        return any(state.get("status_code", 200) >= 200 for state in states)

    def _undo(self, error: LxdError) -> None:
        """A copy that failed leaves nothing, on neither side. Only what is refreshed, or is of somebody else, stays."""
        try:
            if self.source:
                self.origin.cancel(self.source["id"])
            if self.target and not isinstance(error, AlreadyExists):
                self.client.cancel(self.target["id"])
                self.remove_half()
        except LxdError as failure:
            self.context.warn(f"{self.name} may have been left half made: {failure}")

    def remove_half(self) -> None:
        """What the target has made, if its server has not removed it itself."""
        try:
            self.client.wait(self.target, _END)
        except OperationFailed:
            return
        if not self.wish.get("refresh"):
            self.client.send(Request("DELETE", (*self.request.path, self.name), query=self.request.query))


def _called(address: str, operation: Operation) -> dict[str, t.Any]:
    return {"operation": f"{address}/1.0/operations/{operation['id']}", "secrets": operation["metadata"]}


def _certificate(server: Client) -> str:
    """The one that it shows, for the other server to know it by."""
    return str(server.server["environment"]["certificate"])
