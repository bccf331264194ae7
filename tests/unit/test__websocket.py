# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import types
import typing as t

import pytest
import wsproto
from wsproto import events

from ansible_collections.fleet.lxd.plugins.module_utils._websocket import Websocket


class Peer:
    """The server's side of a websocket, on the other end of a pair of sockets."""

    def __init__(self) -> None:
        near, self.sock = socket.socketpair()
        near.setblocking(False)
        self.sock.settimeout(5)
        self.protocol = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        self.got: list[bytes] = []
        dialer = types.SimpleNamespace(tls=False, begin=lambda: near)
        self.websocket = Websocket(t.cast(t.Any, dialer), "/1.0/x?secret=s", self.got.append)

    def hear(self) -> list[t.Any]:
        self.websocket.turn()
        self.protocol.receive_data(self.sock.recv(1 << 20))
        return list(self.protocol.events())

    def tell(self, *said: t.Any) -> None:
        self.sock.sendall(b"".join(self.protocol.send(event) for event in said))
        self.websocket.turn()

    def state(self) -> tuple[bool, bool, bool]:
        return self.websocket.opened, self.websocket.ended, self.websocket.whole


@pytest.fixture
def peer() -> t.Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.sock.close()
    peer.websocket.end()


@pytest.fixture
def opened(peer: Peer) -> Peer:
    request = peer.hear()[0]
    assert (request.target, dict(request.extra_headers).get(b"origin")) == ("/1.0/x?secret=s", None)
    peer.tell(events.AcceptConnection())
    assert peer.state() == (True, False, False)
    return peer


def test_data_in_frames_and_fragments(opened: Peer) -> None:
    opened.tell(events.BytesMessage(data=b"one"), events.BytesMessage(data=b"tw", message_finished=False), events.BytesMessage(data=b"o"))
    assert b"".join(opened.got) == b"onetwo"


def test_data_with_the_handshake(peer: Peer) -> None:
    peer.hear()
    peer.tell(events.AcceptConnection(), events.BytesMessage(data=b"at once"), events.TextMessage(data=""))
    assert (b"".join(peer.got), peer.state()) == (b"at once", (True, True, True))


@pytest.mark.parametrize("last", [events.TextMessage(data=""), events.CloseConnection(code=1000)])
def test_the_ends_that_are_whole(opened: Peer, last: t.Any) -> None:
    opened.tell(last)
    assert opened.state() == (True, True, True)


def test_an_end_that_is_not_whole(opened: Peer) -> None:
    opened.sock.close()
    opened.websocket.turn()
    assert opened.state() == (True, True, False)


def test_pings_are_answered(opened: Peer) -> None:
    opened.tell(events.Ping(payload=b"x"))
    assert opened.hear() == [events.Pong(payload=b"x")]


def test_what_is_said_before_it_is_opened_is_sent_then(peer: Peer) -> None:
    peer.websocket.say("early")
    peer.hear()
    peer.tell(events.AcceptConnection())
    assert [event.data for event in peer.hear()] == ["early"]


def test_a_refusal_ends_it(peer: Peer) -> None:
    peer.hear()
    peer.tell(events.RejectConnection(status_code=403, headers=[]))
    assert peer.state() == (False, True, False)


def test_what_does_not_fit_waits(opened: Peer) -> None:
    data = bytes(range(256)) * 16384
    opened.websocket.send(data)
    opened.websocket.turn()
    assert not opened.websocket.drained
    got = b""
    while len(got) < len(data):
        got += b"".join(bytes(event.data) for event in opened.hear())
    assert (got, opened.websocket.drained) == (data, True)


def test_nobody_reads_any_more_but_there_is_something_to_read(opened: Peer) -> None:
    opened.sock.sendall(opened.protocol.send(events.BytesMessage(data=b"last")) + opened.protocol.send(events.TextMessage(data="")))
    opened.sock.shutdown(socket.SHUT_RD)
    opened.websocket.send(b"x")
    opened.websocket.turn()
    assert (opened.got, opened.state()) == ([b"last"], (True, True, True))
