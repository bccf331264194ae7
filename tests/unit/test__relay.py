# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Streams of two operations, carried between servers that are the other ends of pairs of sockets."""

from __future__ import annotations

import select
import socket
import threading
import types
import typing as t

import pytest
import wsproto
from wsproto import events

from ansible_collections.fleet.lxd.plugins.module_utils import _relay

MESSAGES = [
    events.BytesMessage(data=b"one"),
    events.TextMessage(data=""),
    events.BytesMessage(data=b"tw", message_finished=False),
    events.BytesMessage(data=b"o" * 3_000_000),
]


class Server:
    """Accepts one stream, says what it shall, and hears until the end."""

    def __init__(self, says: t.Sequence[t.Any], closes: bool) -> None:
        near, self.sock = socket.socketpair()
        near.setblocking(False)
        self.sock.settimeout(10)
        self.near = near
        self.protocol = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        self.says, self.closes = says, closes
        self.heard: list[tuple[str, t.Any]] = []
        self.dialer = types.SimpleNamespace(tls=False, begin=lambda: near, dial=socket.socket)
        self.thread = threading.Thread(target=self.serve)

    def target(self, path: t.Sequence[str], query: t.Mapping[str, str]) -> str:
        return f"/1.0/{'/'.join(path)}?secret={query['secret']}"

    def serve(self) -> None:
        with self.sock:
            while data := self._receive():
                self.protocol.receive_data(data)
                for event in self.protocol.events():
                    self._handle(event)

    def _receive(self) -> bytes:
        try:
            return self.sock.recv(1 << 16)
        except ConnectionError:
            return b""

    def _handle(self, event: t.Any) -> None:
        if isinstance(event, events.Request):
            said = [events.AcceptConnection(), *self.says, *([events.CloseConnection(code=1000)] if self.closes else [])]
            self.sock.sendall(b"".join(self.protocol.send(each) for each in said))
        elif isinstance(event, events.Message):
            self.heard.append((type(event).__name__, event.data if isinstance(event.data, str) else bytes(event.data)))
        elif isinstance(event, events.CloseConnection):
            self.heard.append(("closed", event.code))
            self.sock.shutdown(socket.SHUT_RDWR)


def carried(monkeypatch: pytest.MonkeyPatch, source: Server, target: Server, over: t.Callable[[], bool]) -> None:
    monkeypatch.setattr(_relay, "Http", lambda server: server)
    operation = {"id": "o", "metadata": {"fs": "s", "download_progress": "1%"}}
    for server in (source, target):
        server.thread.start()
    try:
        _relay.relay((t.cast(t.Any, source), operation), (t.cast(t.Any, target), {**operation, "metadata": {"fs": "s"}}), over)
    finally:
        for server in (source, target):
            server.thread.join(10)


def test_all_that_one_says_reaches_the_other_as_it_was_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = Server(MESSAGES, closes=True), Server([], closes=False)
    carried(monkeypatch, source, target, lambda: False)
    kinds = [kind for kind, _data in target.heard]
    assert kinds[:2] == ["BytesMessage", "TextMessage"] and target.heard[0][1] == b"one"
    assert b"".join(data for kind, data in target.heard if kind == "BytesMessage") == b"onetw" + b"o" * 3_000_000
    assert target.heard[-1] == ("closed", 1000)


def test_it_ends_when_both_operations_have(monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = Server([events.BytesMessage(data=b"x")], closes=False), Server([], closes=False)
    monkeypatch.setattr(_relay, "_LOOK", 0.05)
    carried(monkeypatch, source, target, lambda: bool(target.heard))
    assert target.heard[0] == ("BytesMessage", b"x")


def test_a_slow_reader_slows_the_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_relay, "_KEPT", 1000)
    one, other = (_relay._Side(t.cast(t.Any, Server([], False).dialer), "/") for _number in range(2))
    one.peer, other.peer = other, one
    one._ready, one._interest = True, select.POLLIN
    assert one.interest == select.POLLIN
    other._outgoing.append(memoryview(b"x" * 1001))
    assert one.interest == 0 and not one.hungry
    for side in (one, other):
        side.end()
