# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client's side of the websocket protocol (RFC 6455), without sockets: bytes in, pieces of messages out.

A library does the same, and takes 15 to 25 ms to import in each task, which is more than a command takes. The tests hold this
against one of them, wsproto.
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct
import typing as t

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
# Not of the protocol: the server has taken the websocket.
OPENED = 16

_OPENING = (
    "GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
)
_MARK = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# Bytes that an answer to the opening may have, and a frame of control.
_ANSWER, _CONTROL = 65536, 125
_LONG: t.Mapping[int, str] = {126: ">H", 127: ">Q"}


class ProtocolError(Exception):
    """The server refused the websocket, or does not speak as one does."""


class Piece(t.NamedTuple):
    """Part of a message, or a whole frame of control. ``last``: the message ends with it."""

    kind: int
    data: bytes = b""
    last: bool = True


class Frames:
    """One websocket to ``target``, from ``opening`` (what to send first) on."""

    def __init__(self, target: str) -> None:
        key = base64.b64encode(os.urandom(16))
        self.opening = _OPENING.format(target=target, key=key.decode()).encode()
        self._accept = base64.b64encode(hashlib.sha1(key + _MARK, usedforsecurity=False).digest())
        self._opened = False
        self._buffer = bytearray()
        # Kind, end of the message, and bytes still to come of the frame that has begun; kind of the message that has.
        self._frame: tuple[int, bool, int] | None = None
        self._message = CONTINUATION

    def receive(self, data: bytes) -> t.Iterator[Piece]:
        """What the server says with ``data``. :raises ProtocolError:"""
        self._buffer += data
        if not self._opened:
            if not self._answered():
                return
            self._opened = True
            yield Piece(OPENED)
        while (piece := self._next()) is not None:
            yield piece

    def _answered(self) -> bool:
        """Whether the answer to the opening is whole; it is taken off the buffer. :raises ProtocolError: when it says no."""
        head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not end:
            if len(head) > _ANSWER:
                raise ProtocolError("no end of the answer to the opening")
            return False
        status, *lines = head.split(b"\r\n")
        fields = {name.strip().lower(): value.strip() for name, _colon, value in (line.partition(b":") for line in lines)}
        if status.split()[1:2] != [b"101"] or fields.get(b"sec-websocket-accept") != self._accept:
            raise ProtocolError(f"no websocket: {status.decode(errors='replace')}")
        self._buffer[:] = rest
        return True

    def _next(self) -> Piece | None:
        self._frame = self._frame or self._head()
        if self._frame is None:
            return None
        kind, last, left = self._frame
        size = min(left, len(self._buffer))
        if size < left and (kind >= CLOSE or not size):
            return None
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._frame = None if size == left else (kind, last, left - size)
        return Piece(kind, data, last and size == left)

    def _head(self) -> tuple[int, bool, int] | None:
        if len(self._buffer) < 2:
            return None
        kind, last, short = self._buffer[0] & 0x0F, bool(self._buffer[0] & 0x80), self._buffer[1]
        self._verify(kind, last, short)
        form = _LONG.get(short, "")
        start = 2 + struct.calcsize(form)
        if len(self._buffer) < start:
            return None
        size = struct.unpack(form, self._buffer[2:start])[0] if form else short
        del self._buffer[:start]
        if kind >= CLOSE:
            return kind, True, size
        kind = kind or self._message
        self._message = CONTINUATION if last else kind
        return kind, last, size

    def _verify(self, kind: int, last: bool, short: int) -> None:
        """:raises ProtocolError: for a frame that no server may send."""
        if self._buffer[0] & 0x70 or short & 0x80:
            raise ProtocolError("a frame with reserved bits, or a masked one")
        if kind not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise ProtocolError(f"a frame of the unknown kind {kind}")
        if kind >= CLOSE and (short > _CONTROL or not last):
            raise ProtocolError("a frame of control that is too long, or in parts")
        if kind < CLOSE and (kind == CONTINUATION) != (self._message != CONTINUATION):
            raise ProtocolError("a message within a message, or the rest of none")


def frame(kind: int, data: bytes = b"", last: bool = True) -> bytes:
    """What a client sends: one frame, masked."""
    size, mask = len(data), os.urandom(4)
    short, form = (size, "") if size <= _CONTROL else (126, ">H") if size < 1 << 16 else (127, ">Q")
    head = bytes((kind | (0x80 if last else 0), short | 0x80)) + (struct.pack(form, size) if form else b"")
    pad = (mask * (size // 4 + 1))[:size]
    masked = int.from_bytes(data, "little") ^ int.from_bytes(pad, "little")
    return head + mask + masked.to_bytes(size, "little")


def closing(code: int = 1000) -> bytes:
    """The last frame of a client, with the reason why; 1000 is a good end."""
    return frame(CLOSE, struct.pack(">H", code))
