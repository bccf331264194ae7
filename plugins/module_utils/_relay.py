# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two operations that speak by websockets, of servers that do not reach each other: all that one says is said to the other."""

from __future__ import annotations

import select
import time
import typing as t

from ._dialer import Dialer
from ._frames import BINARY, CONTINUATION, TEXT, Piece, closing, frame
from ._http import Http
from ._options import Remote
from ._websocket import BLOCK, Websocket

# What is kept of a stream for a reader who is slower than the writer.
_KEPT = 4 * BLOCK
# Seconds between two looks at the operations.
_LOOK = 1.0

End = tuple[Remote, t.Mapping[str, t.Any]]


class _Side(Websocket):
    """One end of a stream; messages go on as they are cut, text ones (which end a part) as such."""

    def __init__(self, dialer: Dialer, target: str) -> None:
        super().__init__(dialer, target, lambda _data: None)
        self.peer = self
        # Whether what was passed on last has not ended its message.
        self._within = False

    @property
    def full(self) -> bool:
        return sum(map(len, self._outgoing)) > _KEPT

    @property
    def interest(self) -> int:
        return super().interest & ~select.POLLIN if self._ready and self.peer.full else super().interest

    @property
    def hungry(self) -> bool:
        return super().hungry and not self.peer.full

    def end(self) -> None:
        """The peer is told, and ends when its server has heard it."""
        if not self.ended:
            super().end()
            if not self.peer.ended:
                self.peer.hang_up()

    def hang_up(self) -> None:
        self._queue(closing())

    def _handle(self, piece: Piece) -> None:
        if piece.kind not in (BINARY, TEXT):
            super()._handle(piece)
        elif not (self.ended or self.peer.ended):
            self.peer._queue(frame(CONTINUATION if self._within else piece.kind, piece.data, piece.last))
            self._within = not piece.last


def relay(source: End, target: End, over: t.Callable[[], bool]) -> None:
    """Carry the streams that both operations have, until all have ended, or both servers have come to an end.

    :param over: asked each second whether they have; what it raises ends the relay.
    """
    names = [name for name in source[1]["metadata"] if name in target[1]["metadata"]]
    sides: list[_Side] = []
    try:
        servers = [(Http(end[0]), end[1]) for end in (source, target)]
        for http, _operation in servers:
            http.dialer.dial().close()
        for name in names:
            one, other = (_open(*server, name) for server in servers)
            one.peer, other.peer = other, one
            sides += [one, other]
        _carry(sides, over)
    finally:
        for side in sides:
            side.end()


def _open(http: Http, operation: t.Mapping[str, t.Any], name: str) -> _Side:
    target = http.target(("operations", operation["id"], "websocket"), {"secret": operation["metadata"][name]})
    return _Side(http.dialer, target)


def _carry(sides: list[_Side], over: t.Callable[[], bool]) -> None:
    look = time.monotonic() + _LOOK
    while live := [side for side in sides if not side.ended]:
        if time.monotonic() >= look:
            if over():
                return
            look = time.monotonic() + _LOOK
        ready = {side for side in live if side.hungry}
        poller = select.poll()
        for side in live:
            poller.register(side, side.interest)
        by_number = {side.fileno(): side for side in live}
        ready |= {by_number[number] for number, _events in poller.poll(0 if ready else _LOOK * 1000)}
        for side in ready:
            if not side.ended:
                side.turn()
