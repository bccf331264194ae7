# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A websocket on a non-blocking socket, plain or TLS: does what can be done now, and says what it waits for."""

from __future__ import annotations

import collections
import errno
import select
import socket
import ssl
import typing as t

from ._dialer import Dialer
from ._frames import BINARY, CLOSE, OPENED, PING, PONG, TEXT, Frames, Piece, ProtocolError, frame

BLOCK = 256 * 1024


class Websocket:
    """One stream of the server. ``receive`` is called with each piece of binary data.

    ``opened``: the server took it. ``ended``: nothing more will come. ``whole``: it ended as it should, by an empty text
    message or a close frame, not by a broken connection.
    """

    def __init__(self, dialer: Dialer, target: str, receive: t.Callable[[bytes], object]) -> None:
        self._dialer = dialer
        self._receive = receive
        self._frames = Frames(target)
        self._outgoing: collections.deque[memoryview] = collections.deque([memoryview(self._frames.opening)])
        self._early: list[bytes] = []
        self._sock: t.Any = dialer.begin()
        self._connected = self._ready = False
        self._interest = select.POLLOUT
        self.opened = self.ended = self.whole = False

    def fileno(self) -> int:
        return self._sock.fileno()

    @property
    def interest(self) -> int:
        """The events of ``select.poll`` after which :meth:`turn` has something to do."""
        return self._interest

    @property
    def hungry(self) -> bool:
        """Whether TLS holds data that no event will tell of."""
        return self._ready and bool(getattr(self._sock, "pending", lambda: 0)())

    @property
    def drained(self) -> bool:
        """Whether all that was sent has left."""
        return not self._outgoing

    def send(self, data: bytes) -> None:
        """Queue binary data."""
        self._queue(frame(BINARY, data))

    def say(self, text: str) -> None:
        """Queue a text message; an empty one is the end of a stream."""
        self._queue(frame(TEXT, text.encode()))

    def turn(self) -> None:
        """Connect, shake hands, write and read as far as that goes without waiting."""
        try:
            if self._ready or self._shake_hands():
                self._write()
                self._read()
        except OSError:
            self.end()

    def end(self) -> None:
        """Close the socket. Safe to call again."""
        self.ended = True
        self._outgoing.clear()
        self._sock.close()

    def _queue(self, data: bytes) -> None:
        if not self.opened:
            self._early.append(data)
            return
        self._outgoing.append(memoryview(data))
        self._interest |= select.POLLOUT

    def _shake_hands(self) -> bool:
        if not self._connected:
            failure = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if failure:
                raise OSError(failure, "connect failed")
            self._connected = True
            if self._dialer.tls:
                self._sock = self._dialer.secure(self._sock)
        if self._dialer.tls:
            self._interest = select.POLLIN
            try:
                self._sock.do_handshake()
            except ssl.SSLWantReadError:
                return False
            except ssl.SSLWantWriteError:
                self._interest = select.POLLOUT
                return False
            self._dialer.verify(self._sock)
        self._ready = True
        return True

    def _write(self) -> None:
        self._interest = select.POLLIN
        try:
            while self._outgoing:
                self._outgoing[0] = self._outgoing[0][self._sock.send(self._outgoing[0]) :]
                if not self._outgoing[0]:
                    self._outgoing.popleft()
        except ssl.SSLWantReadError:
            pass
        except (BlockingIOError, ssl.SSLWantWriteError):
            self._interest |= select.POLLOUT
        except OSError as error:
            # The other side reads no more; what it has written is still to be read.
            if error.errno not in (errno.EPIPE, errno.ECONNRESET) and not isinstance(error, ssl.SSLError):
                raise
            self._outgoing.clear()

    def _read(self) -> None:
        try:
            data = self._sock.recv(BLOCK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except ssl.SSLWantWriteError:
            self._interest |= select.POLLOUT
            return
        if not data:
            self.end()
            return
        try:
            for piece in self._frames.receive(data):
                self._handle(piece)
        except ProtocolError:
            self.end()

    def _handle(self, piece: Piece) -> None:
        if self.ended:
            return
        if piece.kind == BINARY:
            self._receive(piece.data)
        elif piece.kind == OPENED:
            self.opened = True
            for early in self._early:
                self._queue(early)
        elif piece.kind == PING:
            self._queue(frame(PONG, piece.data))
        elif piece.kind in (TEXT, CLOSE):
            self.whole = True
            self.end()
