# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kept HTTP connections to a server, by the standard library alone, as it is loaded in each task."""

from __future__ import annotations

import http.client
import json
import select
import typing as t
import urllib.parse

from ._dialer import SILENCE, Dialer
from ._errors import LxdError, Unreachable, refusal
from ._messages import Request
from ._options import Remote

BLOCK = 256 * 1024
JSON: t.Mapping[str, str] = {"Content-Type": "application/json"}


class _Connection(http.client.HTTPConnection):
    def __init__(self, dialer: Dialer) -> None:
        super().__init__("localhost" if dialer.remote.socket else "%s:%d" % dialer.remote.address, blocksize=BLOCK)
        self._dialer = dialer
        self.asked = ""

    def connect(self) -> None:
        self.sock = self._dialer.dial(self.asked)


class Answer(t.NamedTuple):
    """What the API says: its JSON object, which may be an error, and what came with it."""

    status: int
    headers: t.Mapping[str, str]
    body: dict[str, t.Any]


class Http:
    """A kept connection. A request that may have reached the server is never sent again."""

    def __init__(self, remote: Remote, dialer: Dialer | None = None) -> None:
        self.remote = remote
        self.dialer = dialer or _dialer(remote)
        self._connection = _Connection(self.dialer)

    def close(self) -> None:
        self._connection.close()

    def fileno(self) -> int:
        return self._connection.sock.fileno()

    @property
    def readable(self) -> bool:
        """Whether there are bytes (or the end) to be read without waiting."""
        sock = self._connection.sock
        poller = select.poll()
        poller.register(sock, select.POLLIN)
        return bool(getattr(sock, "pending", lambda: 0)() or poller.poll(0))

    def target(self, path: t.Sequence[str], query: t.Mapping[str, str] | None = None) -> str:
        """The quoted target below ``/1.0`` of raw path segments, in our project."""
        given = in_project(self.remote, query or {})
        return f"/1.0{quoted(path)}" + ("?" + urllib.parse.urlencode(given) if given else "")

    def send(
        self,
        method: str,
        path: t.Sequence[str],
        query: t.Mapping[str, str] | None = None,
        body: t.Any = None,
        headers: t.Mapping[str, str] | None = None,
        silence: float = SILENCE,
    ) -> None:
        """Send a request; ``body`` is bytes or an open binary file. Its answer is read by :meth:`answer`.

        :param silence: seconds to wait for its next bytes.
        """
        connection = self._connection
        connection.asked = str(Request(method, tuple(path), query=query or {}))
        if connection.sock is not None and self.readable:
            # An idle connection has nothing to say: the server has closed it.
            connection.close()
        if connection.sock is None:
            connection.connect()
        connection.sock.settimeout(silence)
        try:
            connection.request(method, self.target(path, query), body, dict(headers or {}))
        except (BrokenPipeError, ConnectionResetError):
            # A server may refuse before it has read everything: its answer tells.
            return
        except (OSError, http.client.HTTPException) as error:
            raise self._broken(error) from error

    def answer(self) -> http.client.HTTPResponse:
        """The open response to what was sent last. :raises Unreachable:"""
        try:
            return self._connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise self._broken(error) from error

    def _broken(self, error: OSError | http.client.HTTPException) -> LxdError:
        self._connection.close()
        return self.dialer.story(error, self._connection.asked)

    def read(self, response: http.client.HTTPResponse) -> t.Iterator[bytes]:
        """The body in blocks. :raises Unreachable: also when it ends early."""
        expected, seen = response.length, 0
        try:
            while block := response.read(BLOCK):
                seen += len(block)
                yield block
            if expected is not None and seen != expected:
                raise http.client.IncompleteRead(b"", expected - seen)
        except (OSError, http.client.HTTPException) as error:
            raise self._broken(error) from error

    def whole(self, response: http.client.HTTPResponse) -> Answer:
        """What the API says in a response. :raises Unreachable: also when that is no JSON."""
        try:
            body = decode(b"".join(self.read(response)), response.status, self.remote, self._connection.asked)
        except Unreachable:
            self.close()
            raise
        return Answer(response.status, t.cast("t.Mapping[str, str]", response.headers), body)

    def json(self, response: http.client.HTTPResponse) -> dict[str, t.Any]:
        """The API's answer. :raises Refused: or a child of it, with the server's words."""
        answer = self.whole(response)
        if answer.body.get("type") == "error":
            raise refusal(answer.body.get("error_code") or answer.status, answer.body.get("error", ""), self._connection.asked)
        return answer.body

    def call(self, method: str, path: t.Sequence[str], query: t.Mapping[str, str] | None = None, body: t.Any = None) -> dict[str, t.Any]:
        """Send JSON, and return the API's answer."""
        self.send(method, path, query, encode(body), JSON)
        return self.json(self.answer())


class Lines:
    """Connections to one server, as many as there are calls at once; each is kept for the next call."""

    def __init__(self, remote: Remote) -> None:
        self._dialer = _dialer(remote)
        self._idle: list[Http] = []

    def call(self, remote: Remote, request: Request, silence: float) -> Answer:
        """Send JSON to the server, in the project of ``remote``, and return what the API says to it, be it an error.

        :param silence: seconds to wait for its next bytes.
        """
        try:
            http = self._idle.pop()
        except IndexError:
            http = Http(remote, self._dialer)
        http.remote = remote
        http.send(request.method, request.path, request.query, encode(request.body), {**JSON, **request.fields}, silence)
        answer = http.whole(http.answer())
        self._idle.append(http)
        return answer

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


def _dialer(remote: Remote) -> Dialer:
    """What makes sockets to a server."""
    if remote.socket:
        return Dialer(remote)
    from ._dialer_tls import TlsDialer

    return TlsDialer(remote)


def quoted(path: t.Sequence[str]) -> str:
    """Raw segments as the path of a URL."""
    return "".join("/" + urllib.parse.quote(segment, safe="") for segment in path)


def in_project(remote: Remote, query: t.Mapping[str, str]) -> dict[str, str]:
    """A query with the project of ``remote``, unless it says which."""
    named = not remote.project or "project" in query or "all-projects" in query
    return dict(query) if named else {**query, "project": t.cast(str, remote.project)}


def encode(body: t.Any) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def decode(content: bytes, status: int, remote: Remote, asked: str) -> dict[str, t.Any]:
    """The object in an answer of the API. :raises Unreachable: when it is none."""
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return answer
    said = f"{remote} answered {asked} with HTTP {status} and no JSON: is this the API of LXD or Incus?"
    raise Unreachable(said, status=status, request=asked)
