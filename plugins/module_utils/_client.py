# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Management calls of the REST API: HTTP, certificates, operations, ETags. The only import of pylxd.

pylxd's API node carries each call; its models are not used (they drop what they do not know, and send no ETag).
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import json
import os
import time
import traceback
import typing as t
import urllib.parse

from . import _certificates
from ._errors import (
    InvalidOption,
    LxdError,
    MissingExtension,
    MissingLibrary,
    NotAuthorized,
    NotFound,
    OperationFailed,
    Refused,
    TimedOut,
    Unreachable,
    UntrustedServer,
    refusal,
)
from ._messages import Reply, Request
from ._options import Remote

# A wait on an operation is asked for in slices, so that a deadline is kept and progress is seen.
SLICE = 10
# How much longer than the slice a silent server is waited for.
GRACE = 20
# No answer of the server other than to a wait takes longer.
READ_TIMEOUT = 300
# Bytes of a download that are asked for at once.
BLOCK = 64 * 1024

# What OpenSSL says of a certificate or key of ours that it cannot read.
_OUR_CERTIFICATE = ("PEM lib", "NO_START_LINE", "KEY_VALUES_MISMATCH")

# What belongs to the server as a whole: that it is absent says nothing of a task's project, which may be made later.
_IN_NO_PROJECT = ("auth", "certificates", "cluster", "metadata", "network-integrations", "projects", "warnings")
_NO_MEMBER = "Cluster member not found"

Progress = t.Callable[[t.Mapping[str, t.Any]], None]


class Client:
    """A server, opened by a :class:`Remote`. Nothing is sent before the first call. Use it as a context manager."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.sent: list[str] = []
        self._projects = {"default"}
        self._foresee: t.Callable[[str], None] | None = None
        self._session = _transport().session(remote)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    @functools.cached_property
    def server(self) -> dict[str, t.Any]:
        """``GET /1.0``: ``environment``, ``config``, ``api_extensions``, ``auth``; asked once."""
        return self.send(Request("GET", ())).metadata

    def require_trust(self, check: bool = False) -> None:
        """:param check: whether nothing may be changed, so that the trust password is not used.
        :raises NotAuthorized: when the server does not trust our certificate, and no trust password makes it.
        """
        if self.server.get("auth") == "trusted":
            return
        if self.remote.trust_password and not check:
            self._use_trust_password()
            del self.server
            return
        cert = self.remote.client_cert
        shown = f"the client certificate {cert}" if cert else "us: no client certificate was given or found"
        raise NotAuthorized(f"The server {self.remote} does not trust {shown}; fleet.lxd.lxd_remote gets it trusted", status=403)

    def _use_trust_password(self) -> None:
        try:
            self.send(Request("POST", ("certificates",), {"type": "client", "password": self.remote.trust_password}))
        except Refused as refused:
            said = f"trust_password: the server {self.remote} does not accept it ({refused})"
            raise NotAuthorized(f"{said}; newer servers take tokens only, see fleet.lxd.lxd_token", **refused.facts) from refused

    @property
    def kind(self) -> str:
        """``lxd`` or ``incus``."""
        return "incus" if self.server["environment"].get("server") == "incus" else "lxd"

    @property
    def header_prefix(self) -> str:
        """What the names of the server's own HTTP headers begin with."""
        return "X-Incus-" if self.kind == "incus" else "X-LXD-"

    @property
    def description(self) -> str:
        """For messages: kind and version."""
        return f"{self.kind} {self.server['environment'].get('server_version', '?')} at {self.remote}"

    def has(self, extension: str) -> bool:
        return extension in self.server["api_extensions"]

    def require(self, extension: str, purpose: str) -> None:
        """:raises MissingExtension: unless the server has the API extension."""
        if not self.has(extension):
            raise MissingExtension(extension, purpose, self.description)

    def require_project(self, project: str | None = None) -> None:
        """:raises InvalidOption: when the server does not have it, or ours; each is asked for once."""
        project = project or self.remote.project or "default"
        if project not in self._projects and self.get("projects", project) is None:
            raise InvalidOption("project", project, f"there is no such project on {self.remote}")
        self._projects.add(project)

    def at(self, project: str | None) -> Client:
        """The same server over the same connection, in another project if one is given."""
        if project in (None, "", self.remote.project or "default"):
            return self
        other = copy.copy(self)
        other.remote = dataclasses.replace(self.remote, project=project)
        return other

    def foresee(self, warn: t.Callable[[str], None]) -> None:
        """For check mode, in which nobody has made what earlier tasks make: of a project that is not there it only warns."""
        self._foresee = warn

    def get(self, *path: str, **query: str) -> Reply | None:
        """The reply to a GET, or None where there is no such thing (404), and for no other reason.

        :raises InvalidOption: where there is not even the project, or the member of the cluster.
        """
        try:
            return self.send(Request("GET", path, query=query))
        except NotFound:
            return None

    def existing(self, what: str, *path: str, **query: str) -> Reply:
        """The reply to a GET of what has to be there. :raises NotFound: where it is not: there is no ``what``."""
        reply = self.get(*path, **query)
        if reply is None:
            raise NotFound(f"There is no {what} on {self.remote}", status=404)
        return reply

    def listed(self, *path: str, **query: str) -> list[dict[str, t.Any]]:
        """All of a collection, with their fields. :raises NotFound: where there is no such collection."""
        return self.send(Request("GET", path, query={"recursion": "1", **query})).metadata or []

    def operations(self, **query: str) -> list[dict[str, t.Any]]:
        """What the server does in the background. It lists them by their status."""
        by_status = self.send(Request("GET", ("operations",), query={"recursion": "1", **query})).metadata or {}
        return [operation for operations in by_status.values() for operation in operations]

    def send(self, request: Request, timeout: float | None = None, progress: Progress | None = None) -> Reply:
        """Send, and wait for what the server started, whatever the verb.

        :param timeout: seconds for the operation, if one is started; None waits as long as it takes.
        :param progress: called with each state of the operation that was seen.
        :raises Refused, OperationFailed, TimedOut, Unreachable: and their children.
        """
        reply = self.start(request)
        if reply.operation is None:
            return reply
        operation = self.wait(reply.operation, timeout, progress, str(request))
        return Reply(metadata=operation.get("metadata"), operation=operation)

    def start(self, request: Request) -> Reply:
        """Send; an operation that the server starts is returned as it is now, not waited for."""
        response = self._call(request)
        answer = _decode(response, request)
        if answer.get("type") == "error":
            raise self._refused(request, answer, response.status_code)
        operation = answer.get("metadata") if answer.get("type") == "async" else None
        return Reply(answer.get("metadata"), response.headers.get("ETag"), operation, dict(response.headers))

    def _refused(self, request: Request, answer: t.Mapping[str, t.Any], status: int) -> Refused:
        """The error that an answer means. Servers say the same of what is not there and of a project or a member that is not."""
        error = refusal(answer.get("error_code") or status, answer.get("error", ""), str(request))
        if isinstance(error, NotFound) and "target" in request.query and _NO_MEMBER in str(error):
            raise InvalidOption("target", request.query["target"], f"there is no such member in a cluster of {self.remote}")
        if isinstance(error, NotFound) and request.path and request.path[0] not in _IN_NO_PROJECT:
            self._look_for_project(request.query.get("project") or self.remote.project or "default")
        return error

    def _look_for_project(self, project: str) -> None:
        try:
            self.require_project(project)
        except InvalidOption as missing:
            if not self._foresee:
                raise
            self._foresee(f"{missing}; an earlier task may be about to make it, with nothing in it")
            self._projects.add(project)

    def wait(
        self,
        operation: t.Mapping[str, t.Any],
        timeout: float | None = None,
        progress: Progress | None = None,
        request: str | None = None,
    ) -> dict[str, t.Any]:
        """The operation when it has ended well.

        :raises OperationFailed: with the server's own words. :raises TimedOut: it runs on.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = SLICE if deadline is None else max(0.0, deadline - time.monotonic())
            state = self._slice(operation, 1 if progress else min(SLICE, int(left) + 1), request)
            if progress:
                progress(state)
            code = state.get("status_code", 0)
            if code == 200:
                return state
            if code >= 400:
                raise refusal(code, state.get("err") or state.get("status", ""), request, operation["id"])
            if deadline is not None and time.monotonic() >= deadline:
                what = state.get("description") or "The operation"
                raise TimedOut(
                    f"{what} did not end within {timeout:g} seconds and goes on at the server as operation {operation['id']}",
                    operation=operation["id"],
                    request=request,
                )

    def _slice(self, operation: t.Mapping[str, t.Any], seconds: int, request: str | None) -> dict[str, t.Any]:
        """One look of up to ``seconds``. What a server answers to a wait that ends badly or is over differs a lot
        (API error, HTTP 200 with an error inside, the running operation): the operation itself is asked then."""
        path = ("operations", operation["id"])
        try:
            return self._metadata(Request("GET", (*path, "wait"), query={"timeout": str(seconds)}), seconds + GRACE)
        except NotFound as error:
            raise OperationFailed(
                f"The server no longer knows the operation {operation['id']}; whether it succeeded is unknown",
                operation=operation["id"],
                request=request,
            ) from error
        except Refused as refused:
            try:
                return self._metadata(Request("GET", path), GRACE)
            except NotFound:
                raise OperationFailed(str(refused), operation=operation["id"], request=request) from refused

    def _metadata(self, request: Request, seconds: float) -> dict[str, t.Any]:
        answer = _decode(self._call(request, read_timeout=seconds), request)
        if answer.get("type") == "error":
            raise refusal(answer.get("error_code") or 500, answer.get("error", ""), str(request))
        return answer["metadata"]

    def cancel(self, operation_id: str) -> None:
        """Ask the server to give an operation up; that it cannot be is no error here."""
        try:
            self.start(Request("DELETE", ("operations", operation_id)))
        except Refused:
            pass

    def download(self, request: Request, silence: float = READ_TIMEOUT) -> Body:
        """The answer to a GET whose body is a file's, to be read and closed. ``silence``: seconds to wait for its next bytes."""
        response = self._call(request, silence, stream=True)
        # Incus calls an empty file JSON.
        json_body = "application/json" in response.headers.get("Content-Type", "") and response.headers.get("Content-Length") != "0"
        if response.status_code >= 400 or json_body:
            answer = _decode(response, request)
            if answer.get("type") == "error" or response.status_code >= 400:
                raise self._refused(request, answer, response.status_code)
            return Body(response, request, self.remote, answer.get("metadata"))
        return Body(response, request, self.remote)

    def _call(self, request: Request, read_timeout: float = READ_TIMEOUT, stream: bool = False) -> t.Any:
        query = dict(request.query)
        if self.remote.project and "all-projects" not in query:
            query.setdefault("project", self.remote.project)
        headers = dict(request.headers)
        if request.etag:
            headers["If-Match"] = request.etag
        body = {"data": request.content} if request.content is not None else {"json": request.body}
        timeout = (self.remote.connect_timeout, read_timeout)
        self.sent.append(str(request))
        return _transport().call(
            self._session,
            self.remote,
            request,
            {"params": query, "headers": headers, "timeout": timeout, "stream": stream, **body},
        )


class Body:
    """What a server sends, as it comes. ``status`` is 200, or 206 where a range was asked for.

    ``metadata`` is that of an answer which was no file, such as the names in a directory.
    """

    def __init__(self, response: t.Any, request: Request, remote: Remote, metadata: t.Any = None) -> None:
        self.metadata = metadata
        self.status: int = response.status_code
        self.headers: t.Mapping[str, str] = response.headers
        self._response, self._request, self._remote = response, str(request), remote
        # Older releases of urllib3 can only wait for as many bytes as they are asked for.
        self._some = getattr(response.raw, "read1", response.raw.read)

    def read(self) -> bytes:
        """The next bytes, empty at the end. :raises Unreachable: when the line breaks or is silent."""
        try:
            return self._some(BLOCK)
        except (OSError, _transport().urllib3.exceptions.HTTPError) as error:
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


class _Transport:
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
        pin = remote.server_fingerprint or (_certificates.fingerprint_of_file(remote.server_cert) if remote.server_cert else None)
        if pin:
            # From the environment, requests would take another set of authorities, and so another pin.
            session.trust_env = False
            session.mount("https://", self.pinned_adapter(pin))
        if remote.client_cert and remote.client_key:
            session.cert = (remote.client_cert, remote.client_key)
        return session

    def call(self, session: t.Any, remote: Remote, request: Request, arguments: dict[str, t.Any]) -> t.Any:
        base = remote.url or "http+unix://" + urllib.parse.quote(remote.socket or "", safe="")
        path = "".join("/" + urllib.parse.quote(segment, safe="") for segment in request.path)
        node = self.node(f"{base}/1.0{path}", session)
        try:
            return getattr(node, request.method.lower())(**arguments)
        except self.refusal as refusal:
            return refusal.response
        except self.requests.exceptions.SSLError as error:
            if any(words in str(error) for words in _OUR_CERTIFICATE):
                raise LxdError(f"Cannot use the client certificate {remote.client_cert} and its key: {_reason(error)}") from error
            raise UntrustedServer(_tls_story(remote, error)) from error
        except self.requests.exceptions.RequestException as error:
            raise Unreachable(f"No answer from {remote} to {request}: {_reason(error)}", request=str(request)) from error
        except OSError as error:
            raise LxdError(f"Cannot use the client certificate {remote.client_cert}: {error}") from error


def load() -> bool:
    """Import what the first call would import; whether it is there."""
    try:
        _transport()
    except MissingLibrary:
        return False
    return True


@functools.lru_cache(maxsize=None)
def _transport() -> _Transport:
    return _Transport()


def _node_class(base: type) -> type:
    class Node(base):
        """pylxd's API node on a session of ours: releases before 2.3 opened a new one for each node."""

        def __init__(self, url: str, session: t.Any) -> None:
            self._api_endpoint, self.session, self._timeout, self._project = url, session, None, None

        def _assert_response(self, response: t.Any, *_arguments: t.Any, **_options: t.Any) -> None:
            """Answers are judged by their bodies, in one place: see ``_decode``."""

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


def _decode(response: t.Any, request: Request) -> dict[str, t.Any]:
    try:
        answer = json.loads(response.content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Unreachable(
            f"{request} was answered with HTTP {response.status_code} and no JSON: is this the API of LXD or Incus?",
            status=response.status_code,
            request=str(request),
        )
    return answer


def _reason(error: Exception) -> str:
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = t.cast(BaseException, cause.__cause__ or cause.__context__)
    return str(cause) or type(cause).__name__


def _tls_story(remote: Remote, error: Exception) -> str:
    if remote.server_fingerprint or remote.server_cert:
        return f"The server at {remote} is not the one that was pinned: {_reason(error)}"
    return (
        f"Nobody vouches for the certificate of {remote} ({_reason(error)}); LXD and Incus sign their own: "
        "pin it with server_fingerprint or server_cert, or use a remote that fleet.lxd.lxd_remote added"
    )
