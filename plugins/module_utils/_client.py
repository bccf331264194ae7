# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Management calls of the REST API: operations, errors, ETags, API extensions, projects."""

from __future__ import annotations

import copy
import dataclasses
import functools
import time
import typing as t

from ._errors import InvalidOption, MissingExtension, NotAuthorized, NotFound, OperationFailed, Refused, TimedOut, refusal
from ._http import Answer, Lines
from ._messages import Reply, Request
from ._options import Remote

if t.TYPE_CHECKING:
    from ._bulk import Body, Files

# A wait on an operation is asked for in slices, so that a deadline is kept and progress is seen.
SLICE = 10
# How much longer than the slice a silent server is waited for.
GRACE = 20
# No answer of the server other than to a wait takes longer.
READ_TIMEOUT = 300
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
        self._lines = Lines(remote)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._lines.close()
        if "_files" in vars(self):
            self._files.close()

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

    def require_named(self, option: str, value: str, *path: str, what: str) -> None:
        """:raises InvalidOption: when the server does not have what the option names: there is no ``what``."""
        if self.get(*path) is None:
            raise InvalidOption(option, value, f"there is no {what} on {self.remote}")

    def require_project(self, project: str | None = None) -> None:
        """:raises InvalidOption: when the server does not have it, or ours; each is asked for once."""
        project = project or self.remote.project or "default"
        if project not in self._projects:
            self.require_named("project", project, "projects", project, what="such project")
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
        answer = self._call(request)
        said = answer.body
        if said.get("type") == "error":
            raise self._refused(request, said, answer.status)
        operation = said.get("metadata") if said.get("type") == "async" else None
        return Reply(said.get("metadata"), answer.headers.get("ETag"), operation, answer.headers)

    def _refused(self, request: Request, answer: t.Mapping[str, t.Any], status: int) -> Refused:
        """The error that an answer means. Servers say the same of what is not there and of a project or a member that is not."""
        error = refusal(answer.get("error_code") or status, answer.get("error", ""), str(request))
        if isinstance(error, NotFound) and "target" in request.query and _NO_MEMBER in str(error):
            raise InvalidOption("target", request.query["target"], f"there is no such member in a cluster of {self.remote}")
        if isinstance(error, NotFound) and request.path and request.path[0] not in _IN_NO_PROJECT:
            self.expect_project("project", request.query.get("project") or self.remote.project or "default")
        return error

    def expect_project(self, option: str, project: str) -> None:
        """:raises InvalidOption: as :meth:`expect` does, when the server does not have it; each is asked for once."""
        if project not in self._projects:
            self.expect(option, project, "projects", project, what="such project")
            self._projects.add(project)

    def expect(self, option: str, value: str, *path: str, what: str) -> None:
        """:raises InvalidOption: as :meth:`require_named` does; in check mode it only warns."""
        try:
            self.require_named(option, value, *path, what=what)
        except InvalidOption as missing:
            if not self._foresee:
                raise
            self._foresee(f"{missing}; an earlier task may be about to make it, with nothing in it")

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
        (API error, HTTP 200 with an error inside, also a 404 of what it worked on, the running operation): the operation
        itself is asked then."""
        path = ("operations", operation["id"])
        try:
            return self._metadata(Request("GET", (*path, "wait"), query={"timeout": str(seconds)}), seconds + GRACE)
        except Refused as refused:
            try:
                return self._metadata(Request("GET", path), GRACE)
            except NotFound:
                unknown = f"The server no longer knows the operation {operation['id']}; whether it succeeded is unknown"
                said = unknown if isinstance(refused, NotFound) else str(refused)
                raise OperationFailed(said, operation=operation["id"], request=request) from refused

    def _metadata(self, request: Request, seconds: float) -> dict[str, t.Any]:
        said = self._call(request, seconds).body
        if said.get("type") == "error":
            raise refusal(said.get("error_code") or 500, said.get("error", ""), str(request))
        return said["metadata"]

    def cancel(self, operation_id: str) -> None:
        """Ask the server to give an operation up; that it cannot be is no error here."""
        try:
            self.start(Request("DELETE", ("operations", operation_id)))
        except Refused:
            pass

    def download(self, request: Request, silence: float = READ_TIMEOUT) -> Body:
        """The answer to a GET whose body is a file's, to be read and closed. ``silence``: seconds to wait for its next bytes."""
        self.sent.append(str(request))
        body = self._files.download(self.remote, request, silence)
        if body.status >= 400 or body.answer.get("type") == "error":
            raise self._refused(request, body.answer, body.status)
        return body

    def _call(self, request: Request, silence: float = READ_TIMEOUT) -> Answer:
        self.sent.append(str(request))
        carrier = self._lines if request.content is None else self._files
        return carrier.call(self.remote, request, silence)

    @functools.cached_property
    def _files(self) -> Files:
        from ._bulk import Files

        return Files(self.remote)
