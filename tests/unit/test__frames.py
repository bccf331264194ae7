# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Our frames against those of wsproto, which is the server here."""

from __future__ import annotations

import random
import typing as t

import pytest
import wsproto
from wsproto import events

from ansible_collections.fleet.lxd.plugins.module_utils import _frames
from ansible_collections.fleet.lxd.plugins.module_utils._frames import BINARY, CLOSE, CONTINUATION, OPENED, PING, PONG, TEXT, Frames, Piece

SIZES = [0, 1, 125, 126, 127, 65535, 65536, 200_000]


def opened() -> tuple[Frames, wsproto.WSConnection, bytes]:
    """Both sides, and the server's answer, which ours has not heard yet."""
    frames, server = Frames("/1.0/x?secret=s"), wsproto.WSConnection(wsproto.ConnectionType.SERVER)
    server.receive_data(frames.opening)
    request = next(server.events())
    assert isinstance(request, events.Request)
    assert (request.target, request.host) == ("/1.0/x?secret=s", "localhost")
    return frames, server, server.send(events.AcceptConnection())


@pytest.fixture
def frames() -> Frames:
    frames, _server, answer = opened()
    assert list(frames.receive(answer)) == [Piece(OPENED)]
    return frames


@pytest.mark.parametrize("size", SIZES)
def test_what_ours_sends_is_understood(size: int) -> None:
    _ours, server, _answer = opened()
    data = random.Random(size).randbytes(size)
    server.receive_data(_frames.frame(BINARY, data, last=False) + _frames.frame(PING, b"p") + _frames.frame(CONTINUATION, data))
    server.receive_data(_frames.frame(TEXT, "ü".encode()) + _frames.closing())
    heard = list(server.events())
    assert b"".join(event.data for event in heard if isinstance(event, events.BytesMessage)) == data * 2
    assert [event.data for event in heard if isinstance(event, events.TextMessage)] == ["ü"]
    assert [event for event in heard if isinstance(event, (events.Ping, events.CloseConnection))] == [
        events.Ping(payload=b"p"), events.CloseConnection(code=1000, reason=""),
    ]  # fmt: skip


@pytest.mark.parametrize("step", [1, 3, 1 << 20])
@pytest.mark.parametrize("size", SIZES[:5])
def test_what_the_server_sends_is_understood_however_it_is_cut(size: int, step: int) -> None:
    frames, server, stream = opened()
    data = random.Random(size).randbytes(size)
    said = [
        events.BytesMessage(data=data), events.BytesMessage(data=data, message_finished=False), events.Ping(payload=b"p"),
        events.BytesMessage(data=data), events.TextMessage(data=""), events.CloseConnection(code=1000),
    ]  # fmt: skip
    stream += b"".join(server.send(each) for each in said)
    pieces = [piece for start in range(0, len(stream), step) for piece in frames.receive(stream[start : start + step])]
    assert b"".join(piece.data for piece in pieces if piece.kind == BINARY) == data * 3
    assert sum(piece.last for piece in pieces if piece.kind == BINARY) == 2
    assert [piece for piece in pieces if piece.kind != BINARY] == [
        Piece(OPENED), Piece(PING, b"p"), Piece(TEXT), Piece(CLOSE, (1000).to_bytes(2, "big")),
    ]  # fmt: skip


@pytest.mark.parametrize("size", SIZES[5:])
def test_long_frames(frames: Frames, size: int) -> None:
    head = b"\x82\x7e" + size.to_bytes(2, "big") if size < 65536 else b"\x82\x7f" + size.to_bytes(8, "big")
    assert list(frames.receive(head)) == []
    assert list(frames.receive(b"x" * (size - 1))) == [Piece(BINARY, b"x" * (size - 1), last=False)]
    assert list(frames.receive(b"x")) == [Piece(BINARY, b"x")]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"\xc2\x00", "reserved bits"),
        (b"\x82\x80", "masked"),
        (b"\x83\x00", "unknown kind 3"),
        (b"\x8b\x00", "unknown kind 11"),
        (b"\x89\x7e\x00\x80", "too long"),
        (b"\x09\x00", "in parts"),
        (b"\x80\x00", "the rest of none"),
        (b"\x02\x00\x82\x00", "a message within a message"),
    ],
)
def test_what_no_server_may_send(frames: Frames, said: bytes, why: str) -> None:
    with pytest.raises(_frames.ProtocolError, match=why):
        list(frames.receive(said))


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer.replace(b" 101 ", b" 403 "),
        lambda answer: answer.replace(b"101 ", b"200 "),
        lambda answer: b"\r\n\r\n",
        lambda answer: b"x" * 70_000,
        lambda answer: opened()[2],
    ],
)
def test_answers_that_open_nothing(change: t.Callable[[bytes], bytes]) -> None:
    frames, _server, answer = opened()
    with pytest.raises(_frames.ProtocolError):
        list(frames.receive(change(answer)))


def test_no_two_frames_are_masked_alike() -> None:
    assert len({_frames.frame(PONG, b"same") for _turn in range(50)}) == 50
