# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bodies that are files, to and from the API: images, backups, exports. The only import of pylxd.

pylxd's API node carries each call; its models are not used (they drop what they do not know, and send no ETag). Calls in JSON
do without: to import pylxd takes a process longer than all else that such a call needs.
"""

from __future__ import annotations

import functools
import os
import traceback
import typing as t
import urllib.parse

from ._dialer_tls import pin, untrusted
from ._errors import LxdError, MissingLibrary, Unreachable
from ._http import Answer, decode, in_project, quoted
from ._messages import Request
from ._options import Remote

# Bytes of a download that are asked for at once.
BLOCK = 64 * 1024

# What OpenSSL says of a certificate or key of ours that it cannot read.
_OUR_CERTIFICATE = ("PEM lib", "NO_START_LINE", "KEY_VALUES_MISMATCH")


class Body:
    """What a server sends, as it comes. ``status`` is 200, or 206 where a range was asked for; that of an error otherwise.

    ``answer`` is what the API says where it sends no file, such as an error, or as ``metadata`` the names in a directory.
    """

    def __init__(self, response: t.Any, request: Request, remote: Remote, answer: t.Mapping[str, t.Any] | None = None) -> None:
        self.answer: t.Mapping[str, t.Any] = answer or {}
        self.status: int = response.status_code
        self.headers: t.Mapping[str, str] = response.headers
        self._response, self._request, self._remote = response, str(request), remote
        # Older releases of urllib3 can only wait for as many bytes as they are asked for.
        self._some = getattr(response.raw, "read1", response.raw.read)

    def read(self) -> bytes:
        """The next bytes, empty at the end. :raises Unreachable: when the line breaks or is silent."""
        try:
            return self._some(BLOCK)
        except (OSError, _library().urllib3.exceptions.HTTPError) as error:
            said = f"The answer to {self._request} of {self._remote} broke off: {_reason(error)}"
            raise Unreachable(said, request=self._request) from error

    def whole(self) -> bytes:
        """All of it, for what is known to be small; it is closed then."""
        try:
            return b"".join(iter(self.read, b""))
        finally:
            self.close()

    def close(self) -> None:
        self._response.close()


class Files:
    """Uploads to a server and downloads from it, over connections that are kept. pylxd is loaded when the first is to be made."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def close(self) -> None:
        if "_session" in vars(self):
            self._session.close()

    def call(self, remote: Remote, request: Request, silence: float) -> Answer:
        """Send the content of a request, and return what the API says to it, be it an error.

        :param silence: seconds to wait for its next bytes.
        """
        response = self._send(remote, request, silence, data=request.content)
        return Answer(response.status_code, response.headers, decode(response.content, response.status_code, remote, str(request)))

    def download(self, remote: Remote, request: Request, silence: float) -> Body:
        """What the API sends, be it an error."""
        response = self._send(remote, request, silence, stream=True)
        # Incus calls an empty file JSON.
        json_body = "application/json" in response.headers.get("Content-Type", "") and response.headers.get("Content-Length") != "0"
        if response.status_code >= 400 or json_body:
            answer = decode(response.content, response.status_code, remote, str(request))
            return Body(response, request, remote, answer)
        return Body(response, request, remote)

    @functools.cached_property
    def _session(self) -> t.Any:
        return _library().session(self._remote)

    def _send(self, remote: Remote, request: Request, silence: float, **body: t.Any) -> t.Any:
        query, timeout = in_project(remote, request.query), (remote.connect_timeout, silence)
        return _library().call(self._session, remote, request, {"params": query, "headers": request.fields, "timeout": timeout, **body})


class _Library:
    """pylxd and requests, imported when first needed and kept."""

    def __init__(self) -> None:
        os.environ.setdefault("PYLXD_WARNINGS", "none")
        try:
            import pylxd.client
            import pylxd.exceptions
            import requests
            import urllib3
        except ImportError as error:
            raise MissingLibrary("pylxd", traceback.format_exc()) from error
        self.requests = requests
        self.urllib3 = urllib3
        self.refusal = pylxd.exceptions.LXDAPIException
        self.node = _node_class(pylxd.client._APINode)
        self.socket_adapter = _socket_adapter(requests, urllib3)
        self.pinned_adapter = _pinned_adapter(requests)

    def session(self, remote: Remote) -> t.Any:
        session = self.requests.Session()
        if remote.socket:
            session.trust_env = False
            session.mount("http+unix://", self.socket_adapter(remote.socket))
            return session
        pinned = pin(remote)
        if pinned:
            # From the environment, requests would take another set of authorities, and so another pin.
            session.trust_env = False
            session.mount("https://", self.pinned_adapter(pinned))
        if remote.client_cert and remote.client_key:
            session.cert = (remote.client_cert, remote.client_key)
        return session

    def call(self, session: t.Any, remote: Remote, request: Request, arguments: dict[str, t.Any]) -> t.Any:
        base = remote.url or "http+unix://" + urllib.parse.quote(remote.socket or "", safe="")
        node = self.node(f"{base}/1.0{quoted(request.path)}", session)
        try:
            return getattr(node, request.method.lower())(**arguments)
        except self.refusal as refusal:
            return refusal.response
        except self.requests.exceptions.SSLError as error:
            if any(words in str(error) for words in _OUR_CERTIFICATE):
                raise LxdError(f"Cannot use the client certificate {remote.client_cert} and its key: {_reason(error)}") from error
            raise untrusted(remote, _reason(error)) from error
        except self.requests.exceptions.RequestException as error:
            raise Unreachable(f"No answer from {remote} to {request}: {_reason(error)}", request=str(request)) from error
        except OSError as error:
            raise LxdError(f"Cannot use the client certificate {remote.client_cert}: {error}") from error


def load() -> bool:
    """Import what the first call would import; whether it is there."""
    try:
        _library()
    except MissingLibrary:
        return False
    return True


@functools.lru_cache(maxsize=None)
def _library() -> _Library:
    return _Library()


def _node_class(base: type) -> type:
    class Node(base):
        """pylxd's API node on a session of ours: releases before 2.3 opened a new one for each node."""

        def __init__(self, url: str, session: t.Any) -> None:
            self._api_endpoint, self.session, self._timeout, self._project = url, session, None, None

        def _assert_response(self, response: t.Any, *_arguments: t.Any, **_options: t.Any) -> None:
            """Answers are judged by their bodies, in one place: see ``Client``."""

    return Node


def _socket_adapter(requests: t.Any, urllib3: t.Any) -> type:
    import socket

    class Connection(urllib3.connection.HTTPConnection):
        def __init__(self, path: str, **options: t.Any) -> None:
            super().__init__("localhost", **options)
            self.path = path

        def connect(self) -> None:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(self.timeout)
            self.sock.connect(self.path)

    class Pool(urllib3.HTTPConnectionPool):
        def __init__(self, path: str) -> None:
            super().__init__("localhost")
            self.path = path

        def _new_conn(self) -> Connection:
            return Connection(self.path, timeout=self.timeout.connect_timeout)

    class Adapter(requests.adapters.HTTPAdapter):
        """One pool for one socket: pylxd's own makes one for each URL, and so never uses a connection twice."""

        def __init__(self, path: str) -> None:
            self.pool = Pool(path)
            super().__init__()

        def get_connection_with_tls_context(self, *_arguments: t.Any, **_options: t.Any) -> Pool:
            return self.pool

        def get_connection(self, *_arguments: t.Any, **_options: t.Any) -> Pool:
            return self.pool

        def request_url(self, request: t.Any, proxies: t.Any) -> str:
            return request.path_url

        def close(self) -> None:
            self.pool.close()

    return Adapter


def _pinned_adapter(requests: t.Any) -> type:
    class Adapter(requests.adapters.HTTPAdapter):
        """The server is the one with this certificate, whatever its name and whoever signed it."""

        def __init__(self, fingerprint: str) -> None:
            self.fingerprint = fingerprint
            super().__init__()

        def init_poolmanager(self, *arguments: t.Any, **options: t.Any) -> None:
            super().init_poolmanager(*arguments, assert_fingerprint=self.fingerprint, assert_hostname=False, **options)

        def cert_verify(self, conn: t.Any, url: str, verify: t.Any, cert: t.Any) -> None:
            super().cert_verify(conn, url, False, cert)

        def build_connection_pool_key_attributes(self, request: t.Any, verify: t.Any, cert: t.Any = None) -> t.Any:
            return super().build_connection_pool_key_attributes(request, False, cert)

    return Adapter


def _reason(error: Exception) -> str:
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = t.cast(BaseException, cause.__cause__ or cause.__context__)
    return str(cause) or type(cause).__name__
