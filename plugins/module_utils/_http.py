# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kept HTTP connections to a server, and more sockets to the very same one: what calls and streams are carried by.

Only the standard library, so that it costs a process some 25 ms to load. Every socket is verified by the same rule.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import http.client
import json
import os
import select
import socket
import ssl
import typing as t
import urllib.parse

from . import _certificates
from ._errors import LxdError, Unreachable, UntrustedServer, refusal
from ._messages import Request
from ._options import Remote

# Seconds without a byte after which a server that owes us an answer counts as gone.
SILENCE = 60
BLOCK = 256 * 1024
JSON: t.Mapping[str, str] = {"Content-Type": "application/json"}


class Dialer:
    """Makes sockets to one server: plain ones to a unix socket, or verified TLS."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.context = _tls_context(remote) if remote.url else None
        self._peer: tuple[int, t.Any] | None = None
        self._verified: ssl.SSLSocket | None = None
        self._pin = _pin(remote)
        self._proxy = _proxy(remote)

    def dial(self, asked: str = "") -> socket.socket:
        """A connected, verified, blocking socket, on which ``asked`` is to be sent. :raises Unreachable, UntrustedServer:"""
        try:
            if self.remote.socket:
                return self._dial_unix(self.remote.socket)
            plain = self._dial_tcp()
            self._peer = (plain.family, plain.getpeername())
            secure = self.secure(plain)
            secure.do_handshake()
        except (OSError, http.client.HTTPException) as error:
            raise self.story(error, asked) from error
        self.verify(secure)
        self._verified = secure
        secure.settimeout(SILENCE)
        return secure

    def begin(self) -> socket.socket:
        """A non-blocking socket on its way to the address that :meth:`dial` has reached; not yet connected, plain."""
        if self.remote.socket:
            # A unix socket is connected at once, or its server is too busy: then waiting helps, and no event would tell.
            return self._nonblocking(self.dial())
        if self._proxy:
            try:
                return self._nonblocking(self._dial_tcp())
            except (OSError, http.client.HTTPException) as error:
                raise self.story(error) from error
        family, address = t.cast("tuple[int, t.Any]", self._peer)
        sock = self._nonblocking(socket.socket(family, socket.SOCK_STREAM))
        failure = sock.connect_ex(address)
        if failure not in (0, errno.EINPROGRESS):
            sock.close()
            raise self.story(OSError(failure, os.strerror(failure)))
        return sock

    @staticmethod
    def _nonblocking(sock: socket.socket) -> socket.socket:
        sock.setblocking(False)
        return sock

    def secure(self, plain: socket.socket) -> ssl.SSLSocket:
        """TLS on a connected socket; the handshake is left to the caller, and then :meth:`verify`.

        The session of a verified socket is resumed, which halves the time of a command with its three streams.
        """
        context = t.cast(ssl.SSLContext, self.context)
        _keep_alive(plain)
        session = self._verified.session if self._verified else None
        return context.wrap_socket(plain, server_hostname=self.remote.address[0], do_handshake_on_connect=False, session=session)

    def verify(self, secure: ssl.SSLSocket) -> None:
        """:raises UntrustedServer: when the server shows another certificate than the pinned one."""
        shown = hashlib.sha256(secure.getpeercert(binary_form=True) or b"").hexdigest()
        if self._pin and shown != self._pin:
            secure.close()
            raise untrusted(self.remote, f"its fingerprint is {shown}")

    def story(self, error: OSError | http.client.HTTPException, asked: str = "") -> LxdError:
        """What went wrong with what was ``asked``, as the error that it means."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return untrusted(self.remote, error.verify_message)
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if not asked:
            return Unreachable(f"No answer from {self.remote}: {reason}")
        return Unreachable(f"No answer from {self.remote} to {asked}: {reason}", request=asked)

    def _dial_tcp(self) -> socket.socket:
        """To the server, through the proxy if there is one."""
        if self._proxy is None:
            return socket.create_connection(self.remote.address, self.remote.connect_timeout)
        tunnel = http.client.HTTPConnection(self._proxy.host, self._proxy.port, timeout=self.remote.connect_timeout)
        tunnel.set_tunnel(*self.remote.address, headers=dict(self._proxy.headers))
        tunnel.connect()
        return tunnel.sock

    def _dial_unix(self, path: str) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(self.remote.connect_timeout)
        try:
            sock.connect(path)
        except OSError:
            sock.close()
            raise
        sock.settimeout(SILENCE)
        return sock


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
        self.dialer = dialer or Dialer(remote)
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
        self._dialer = Dialer(remote)
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


def untrusted(remote: Remote, reason: str) -> UntrustedServer:
    """Of a certificate that is not the pinned one, or that no authority has signed."""
    if remote.server_fingerprint or remote.server_cert:
        return UntrustedServer(f"The server at {remote} is not the one that was pinned: {reason}")
    return UntrustedServer(
        f"Nobody vouches for the certificate of {remote} ({reason}); LXD and Incus sign their own: "
        "pin it with server_fingerprint or server_cert, or use a remote that fleet.lxd.lxd_remote added"
    )


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


def _keep_alive(sock: socket.socket) -> None:
    """No waiting for full packets, and an end to a connection whose other side has vanished: within a minute."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class _Proxy(t.NamedTuple):
    host: str
    port: int
    headers: t.Mapping[str, str]


def _proxy(remote: Remote) -> _Proxy | None:
    """The environment's, for a server that authorities vouch for. One that is pinned is called directly."""
    if not remote.url or remote.server_cert or remote.server_fingerprint:
        return None
    if not any(name.lower() in ("https_proxy", "all_proxy") and value for name, value in os.environ.items()):
        return None
    from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

    known = getproxies_environment()
    parts = urllib.parse.urlsplit(known.get("https") or known.get("all") or "")
    if not parts.hostname or proxy_bypass_environment("%s:%d" % remote.address):
        return None
    user = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}" if parts.username else ""
    headers = {"Proxy-Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"} if user else {}
    return _Proxy(parts.hostname, parts.port or 80, headers)


def _pin(remote: Remote) -> str | None:
    if remote.server_fingerprint or not remote.server_cert:
        return remote.server_fingerprint
    return _certificates.fingerprint_of_file(remote.server_cert)


def _tls_context(remote: Remote) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if remote.server_cert or remote.server_fingerprint:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the pin is compared instead, before a byte is sent
    else:
        context.load_default_certs()
    if remote.client_cert:
        try:
            context.load_cert_chain(os.fspath(remote.client_cert), remote.client_key)
        except OSError as error:
            raise LxdError(f"Cannot use the client certificate {remote.client_cert}: {error}") from error
    return context
