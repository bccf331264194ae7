# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sockets to a server over TLS: through a proxy if there is one, verified by the pin or by the authorities of the system."""

from __future__ import annotations

import base64
import errno
import hashlib
import http.client
import os
import socket
import ssl
import typing as t
import urllib.parse

from . import _certificates
from ._dialer import SILENCE, Dialer
from ._errors import LxdError, UntrustedServer
from ._options import Remote


class TlsDialer(Dialer):
    """Makes verified sockets to a server at ``https://``."""

    tls = True

    def __init__(self, remote: Remote) -> None:
        super().__init__(remote)
        self._context = _context(remote)
        self._peer: tuple[int, t.Any] | None = None
        self._verified: ssl.SSLSocket | None = None
        self._pin = pin(remote)
        self._proxy = _proxy(remote)

    def dial(self, asked: str = "") -> socket.socket:
        try:
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
        try:
            sock = self._dial_tcp() if self._proxy else self._on_its_way()
        except (OSError, http.client.HTTPException) as error:
            raise self.story(error) from error
        sock.setblocking(False)
        return sock

    def _on_its_way(self) -> socket.socket:
        family, address = t.cast("tuple[int, t.Any]", self._peer)
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        failure = sock.connect_ex(address)
        if failure not in (0, errno.EINPROGRESS):
            sock.close()
            raise OSError(failure, os.strerror(failure))
        return sock

    def secure(self, plain: socket.socket) -> ssl.SSLSocket:
        """The session of a verified socket is resumed, which halves the time of a command with its three streams."""
        _keep_alive(plain)
        session = self._verified.session if self._verified else None
        return self._context.wrap_socket(plain, server_hostname=self.remote.address[0], do_handshake_on_connect=False, session=session)

    def verify(self, secure: ssl.SSLSocket) -> None:
        shown = hashlib.sha256(secure.getpeercert(binary_form=True) or b"").hexdigest()
        if self._pin and shown != self._pin:
            secure.close()
            raise untrusted(self.remote, f"its fingerprint is {shown}")

    def story(self, error: Exception, asked: str = "") -> LxdError:
        if isinstance(error, ssl.SSLCertVerificationError):
            return untrusted(self.remote, error.verify_message)
        return super().story(error, asked)

    def _dial_tcp(self) -> socket.socket:
        """To the server, through the proxy if there is one."""
        if self._proxy is None:
            return socket.create_connection(self.remote.address, self.remote.connect_timeout)
        tunnel = http.client.HTTPConnection(self._proxy.host, self._proxy.port, timeout=self.remote.connect_timeout)
        tunnel.set_tunnel(*self.remote.address, headers=dict(self._proxy.headers))
        tunnel.connect()
        return tunnel.sock


def untrusted(remote: Remote, reason: str) -> UntrustedServer:
    """Of a certificate that is not the pinned one, or that no authority has signed."""
    if remote.server_fingerprint or remote.server_cert:
        return UntrustedServer(f"The server at {remote} is not the one that was pinned: {reason}")
    return UntrustedServer(
        f"Nobody vouches for the certificate of {remote} ({reason}); LXD and Incus sign their own: "
        "pin it with server_fingerprint or server_cert, or use a remote that fleet.lxd.lxd_remote added"
    )


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
    if remote.server_cert or remote.server_fingerprint:
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


def pin(remote: Remote) -> str | None:
    """The fingerprint of the certificate that the server has to show, if one is pinned."""
    if remote.server_fingerprint or not remote.server_cert:
        return remote.server_fingerprint
    return _certificates.fingerprint_of_file(remote.server_cert)


def _context(remote: Remote) -> ssl.SSLContext:
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
