# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command that runs at the server: its three streams and its end, in one poll loop with back-pressure.

A command is over when the server says so, not when a stream closes or nobody reads its input: the answer to the GET that
asks for the end is polled for with the streams.
"""

from __future__ import annotations

import json
import select
import time
import typing as t

from ._dialer import SILENCE
from ._errors import NotFound, OperationFailed, Refused, TimedOut, TransferFailed, Unreachable
from ._http import BLOCK, Http
from ._websocket import Websocket

Source = t.Union[bytes, t.BinaryIO, t.Iterator[bytes], None]
Sink = t.Callable[[bytes], object]

_STREAMS = ("0", "1", "2")

# The server is asked for the end in slices, so that a connection is never long without a word.
SLICE = 30
# Seconds from the end of the time allowed to each signal; after the last the streams are cut, which the server takes for a KILL.
_SIGNALS = ((0, 15), (5, 9))
_GIVE_UP = 7
# Seconds after which a server has either taken the streams or given the command up (5 and 10, by version).
_OPENING = 15
# A source that has nothing to say is asked again after so many seconds.
_PAUSE = 1.0


class Outcome(t.NamedTuple):
    """The exit code, or the server's words on why there is none."""

    code: int
    error: str | None = None


class Command:
    """An exec operation that the server has just accepted. ``source`` and the sinks are as ``Channel.exec`` says."""

    def __init__(self, http: Http, operation: t.Mapping[str, t.Any], source: Source, stdout: Sink, stderr: Sink) -> None:
        self._http = http
        self.id = operation["id"]
        self._secrets = operation["metadata"]["fds"]
        self._chunks = _chunks(source)
        self._outputs = {"1": stdout, "2": stderr}
        self._sockets: dict[str, Websocket] = {}
        self._signals = list(_SIGNALS)
        self._outcome: Outcome | None = None
        self._asked = self._fed = self._paused = False
        self._started = self._heard = time.monotonic()

    def run(self, timeout: float | None, deadline: float | None) -> Outcome:
        """Carry the streams until the command has ended. :raises TimedOut, TransferFailed, OperationFailed, Unreachable:"""
        try:
            for name in _STREAMS:
                self._sockets[name] = self._open(name)
            while not self._finished():
                self._turn(deadline)
                self._keep_time(timeout, deadline)
            return self._judge(timeout)
        finally:
            self._close()

    def _finished(self) -> bool:
        """The server has told the end, and the outputs have been read to theirs; one that is not open by then never will be."""
        outputs = [self._sockets[name] for name in self._outputs]
        return self._outcome is not None and all(output.ended or not output.opened for output in outputs)

    def _judge(self, timeout: float | None) -> Outcome:
        outcome = t.cast(Outcome, self._outcome)
        if len(self._signals) < len(_SIGNALS):
            raise self._overdue(timeout)
        if outcome.error is None and not all(self._sockets[name].whole for name in self._outputs):
            raise TransferFailed("The command ended, but its output did not arrive whole", operation=self.id)
        return outcome

    def _turn(self, deadline: float | None) -> None:
        ready = self._poll(self._patience(deadline))
        for name in ready:
            if name == "end":
                self._hear()
            else:
                self._sockets[name].turn()
                self._heard = time.monotonic()
        self._paused = False
        if not self._asked and self._quiet:
            self._ask()
        if self._thirsty:
            self._feed()

    def _poll(self, seconds: float) -> set[str]:
        """Names of the sockets that have something to do, after waiting so long at most; ``end`` is the answer to our GET."""
        live = {name: websocket for name, websocket in self._sockets.items() if not websocket.ended}
        ready = {name for name, websocket in live.items() if websocket.hungry}
        poller = select.poll()
        names = {websocket.fileno(): name for name, websocket in live.items()}
        for websocket in live.values():
            poller.register(websocket, websocket.interest)
        if self._asked and self._outcome is None:
            names[self._http.fileno()] = "end"
            poller.register(self._http, select.POLLIN)
        return ready | {names[fd] for fd, _events in poller.poll(0 if ready else seconds * 1000)}

    def _patience(self, deadline: float | None) -> float:
        if self._thirsty:
            return 0.0
        times: list[float] = [_PAUSE if self._paused else _OPENING]
        if deadline is not None:
            next_step = self._signals[0][0] if self._signals else _GIVE_UP
            times.append(deadline + next_step - time.monotonic())
        return max(0.0, min(times))

    @property
    def _thirsty(self) -> bool:
        """Whether the command would take more input now, and there may be some."""
        stdin = self._sockets["0"]
        return not (self._fed or self._paused or stdin.ended) and stdin.opened and stdin.drained

    def _feed(self) -> None:
        stdin = self._sockets["0"]
        chunk = next(self._chunks, None)
        if chunk is None:
            stdin.say("")
            self._fed = True
        elif chunk:
            stdin.send(chunk)
        else:
            self._paused = True
        stdin.turn()

    @property
    def _quiet(self) -> bool:
        """Whether the outputs have ended, or the streams did not open when the server must have given them up."""
        if all(self._sockets[name].ended for name in self._outputs):
            return True
        return time.monotonic() > self._started + _OPENING and not all(self._sockets[name].opened for name in _STREAMS)

    def _ask(self) -> None:
        """Not before the outputs have ended: a GET that waits may keep Incus 6.0 from opening and from closing them."""
        self._asked = True
        self._http.send("GET", ("operations", self.id, "wait"), {"timeout": str(SLICE)})
        self._heard = time.monotonic()

    def _hear(self) -> None:
        self._heard = time.monotonic()
        try:
            state = self._http.json(self._http.answer())["metadata"]
        except Refused as refusal:
            state = self._look(refusal)
        if state["status_code"] < 200:
            self._ask()
            return
        code = (state.get("metadata") or {}).get("return")
        self._outcome = Outcome(-1 if code is None else code, state.get("err") or None)

    def _look(self, refusal: Refused) -> dict[str, t.Any]:
        """What a server answers to a wait that is over or has ended badly may be a mere error: the operation itself tells which."""
        try:
            return self._http.call("GET", ("operations", self.id))["metadata"]
        except NotFound:
            if not isinstance(refusal, NotFound):
                return {"status_code": 400, "err": str(refusal)}
            raise OperationFailed(
                f"The server no longer knows the operation {self.id}; how the command ended is unknown", operation=self.id
            ) from refusal

    def _keep_time(self, timeout: float | None, deadline: float | None) -> None:
        now = time.monotonic()
        if self._asked and now - self._heard > SILENCE:
            if self._outcome is None:
                raise Unreachable(f"{self._http.remote} has been silent for {SILENCE} seconds", operation=self.id)
            raise TransferFailed("The command ended, but its output never did", operation=self.id)
        if deadline is None or now < deadline or self._outcome is not None:
            return
        if self._signals and now >= deadline + self._signals[0][0]:
            self._signal(self._signals.pop(0)[1])
        elif not self._signals and now >= deadline + _GIVE_UP:
            raise self._overdue(timeout)

    def _signal(self, number: int) -> None:
        control = self._sockets.get("control")
        if control is None:
            control = self._sockets["control"] = self._open("control")
        if not control.ended:
            control.say(json.dumps({"command": "signal", "signal": number}))

    def _overdue(self, timeout: float | None) -> TimedOut:
        return TimedOut(f"The command did not end within {timeout:g} seconds, and was killed", operation=self.id)

    def _open(self, name: str) -> Websocket:
        target = self._http.target(("operations", self.id, "websocket"), {"secret": self._secrets[name]})
        return Websocket(self._http.dialer, target, self._outputs.get(name, lambda _data: None))

    def _close(self) -> None:
        for websocket in self._sockets.values():
            websocket.end()
        if self._outcome is None:
            self._http.close()


def _chunks(source: Source) -> t.Iterator[bytes]:
    if source is None:
        return iter(())
    if isinstance(source, bytes):
        return (source[start : start + BLOCK] for start in range(0, len(source), BLOCK))
    read = getattr(source, "read", None)
    return iter(lambda: read(BLOCK), b"") if read else source
