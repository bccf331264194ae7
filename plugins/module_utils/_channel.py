# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What streams to and from an instance: commands and files. No pylxd, no requests; constant memory in both directions."""

from __future__ import annotations

import io
import os
import posixpath
import time
import typing as t

from ._command import Command, Sink, Source
from ._errors import InvalidOption, LxdError, NotFound, NotRunning, OperationFailed, Refused, TransferFailed
from ._http import JSON, Http, encode
from ._options import Remote

# The servers take these exit codes for errors, also when it was a shell that ended with them.
_NO_COMMAND = {"Command not found": 127, "Command not executable": 126}
_AGENT = ("agent isn't currently running", "Failed to connect to lxd-agent", "Failed to connect to incus-agent")
_AGENT_PAUSE = 0.5
# As many symbolic links as Linux follows, one after the other.
_LINKS = 40


class AgentMissing(NotRunning):
    """A virtual machine runs, but nothing in it answers (yet)."""


class Channel:
    """Commands and files of the instances of one server. Opened by the first call; use it as a context manager.

    Every method raises NotFound for an instance that does not exist, NotRunning where it has to run and does not,
    Unreachable, UntrustedServer and NotAuthorized.
    """

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self._http = Http(remote)

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def exec(
        self,
        instance: str,
        argv: t.Sequence[str],
        *,
        environment: t.Mapping[str, str] | None = None,
        cwd: str | None = None,
        user: int | None = None,
        group: int | None = None,
        stdin: Source = None,
        stdout: Sink | None = None,
        stderr: Sink | None = None,
        timeout: float | None = None,
    ) -> int:
        """Run a command to its end, and return its exit code (127 and 126 if there is no such command, or it is no command).

        :param user: uid, and ``group`` gid; None is the server's default, root.
        :param stdin: bytes, an open binary file, or an iterator of bytes. It is read as fast as the command reads. An iterator
            that gives ``b""`` has nothing to say yet, and is asked again after the next output or within a second.
        :param stdout: called with each piece as it comes, as is ``stderr``; without it, output is thrown away.
        :param timeout: seconds; then the command gets a TERM, and a KILL five seconds later.
        :raises TimedOut: then. :raises TransferFailed: when output got lost on its way.
        """
        body = {
            "command": list(argv),
            "environment": dict(environment or {}),
            "wait-for-websocket": True,
            "interactive": False,
            "cwd": cwd or "",
            "user": user or 0,
            "group": group or 0,
        }
        deadline = None if timeout is None else time.monotonic() + timeout
        heard = _Heard(stderr or _discard)
        command = self._about(instance, self._start, instance, body, stdin, stdout or _discard, heard)
        outcome = self._about(instance, command.run, timeout, deadline)
        if outcome.error is None:
            return outcome.code
        for text, code in _NO_COMMAND.items():
            if text in outcome.error:
                if not heard.anything:
                    heard(f"{argv[0]}: {text[0].lower()}{text[1:]}\n".encode(errors="surrogateescape"))
                return code
        raise self._refusal(instance, OperationFailed(outcome.error, operation=command.id))

    def put(
        self,
        instance: str,
        path: str,
        source: bytes | t.BinaryIO,
        *,
        mode: int | None = None,
        uid: int | None = None,
        gid: int | None = None,
    ) -> None:
        """Write a file, in place; its directory has to exist. ``source`` is bytes or an open binary file, from where it stands."""
        octal = None if mode is None else f"0{mode:o}"
        headers = _attributes({"type": "file", "write": "overwrite", "mode": octal, "uid": uid, "gid": gid})
        headers["Content-Type"] = "application/octet-stream"
        if not isinstance(source, bytes):
            headers["Content-Length"] = str(_left(source))
        self._about_file(instance, f"directory for {path}", self._send_file, instance, path, source, headers)

    def get(self, instance: str, path: str, sink: Sink) -> None:
        """Read a file into ``sink``, piece by piece. :raises NotFound: when there is none. :raises TransferFailed: when it is none."""
        response = self._about_file(instance, f"file {path}", self._follow, instance, path)
        if _attribute(response, "type") == "directory":
            self._http.close()
            raise TransferFailed(f"{path} in instance {instance} is a directory, not a file")
        for block in self._http.read(response):
            sink(block)

    def read(self, instance: str, path: str) -> bytes:
        """A small file at once. Errors as of :meth:`get`."""
        buffer = io.BytesIO()
        self.get(instance, path, buffer.write)
        return buffer.getvalue()

    def exists(self, instance: str, path: str) -> bool:
        """Whether there is a file, a directory or anything else at a path."""
        try:
            self._about(instance, self._open_file, instance, path)
        except NotFound as error:
            if error.facts.get("instance"):
                raise
            return False
        self._http.close()
        return True

    def _start(self, instance: str, body: t.Mapping[str, t.Any], stdin: Source, stdout: Sink, stderr: Sink) -> Command:
        self._http.send("POST", ("instances", instance, "exec"), None, encode(body), JSON)
        return Command(self._http, self._http.json(self._http.answer())["metadata"], stdin, stdout, stderr)

    def _send_file(self, instance: str, path: str, source: t.Any, headers: t.Mapping[str, str]) -> None:
        self._http.send("POST", ("instances", instance, "files"), {"path": path}, source, headers)
        self._http.json(self._http.answer())

    def _follow(self, instance: str, path: str) -> t.Any:
        """The open response of what symbolic links lead to, of which the server only tells where."""
        place = path
        for _link in range(_LINKS):
            response = self._open_file(instance, place)
            if _attribute(response, "type") != "symlink":
                return response
            place = posixpath.join(posixpath.dirname(place), b"".join(self._http.read(response)).decode(errors="surrogateescape"))
        raise TransferFailed(f"{path} in instance {instance} leads from symbolic link to symbolic link")

    def _open_file(self, instance: str, path: str) -> t.Any:
        self._http.send("GET", ("instances", instance, "files"), {"path": path})
        response = self._http.answer()
        if response.status >= 400:
            self._http.json(response)
        return response

    def _about(self, instance: str, action: t.Callable[..., t.Any], *arguments: t.Any) -> t.Any:
        """Call, and let a refusal say which instance it is about."""
        try:
            return action(*arguments)
        except Refused as refusal:
            named = self._refusal(instance, refusal)
            if named is refusal:
                raise
            raise named from refusal

    def _refusal(self, instance: str, refusal: Refused) -> LxdError:
        """The server's words as the error that they mean."""
        text, place = str(refusal), f"{self.remote}" + (f", project {self.remote.project}" if self.remote.project else "")
        if any(words in text for words in _AGENT):
            said = f"Instance {instance} is a virtual machine whose agent does not answer: {text}"
            return AgentMissing(said, instance=instance, **refusal.facts)
        if "is not running" in text:
            return NotRunning(f"Instance {instance} is not running ({place})", instance=instance, **refusal.facts)
        if "is frozen" in text:
            return NotRunning(f"Instance {instance} is frozen ({place})", instance=instance, **refusal.facts)
        if isinstance(refusal, NotFound) and ("nstance not found" in text or "roject not found" in text):
            if self._lacks_project():
                return InvalidOption("project", self.remote.project, f"there is no such project on {self.remote}")
            return NotFound(f"There is no instance {instance} ({place})", instance=instance, **refusal.facts)
        return refusal

    def _lacks_project(self) -> bool:
        """LXD says the same of an instance that is not there and of one in a project that is not there."""
        if self.remote.project in (None, "default"):
            return False
        try:
            self._http.call("GET", ("projects", self.remote.project))
        except Refused as refusal:
            return isinstance(refusal, NotFound)
        return False

    def _about_file(self, instance: str, what: str, action: t.Callable[..., t.Any], *arguments: t.Any) -> t.Any:
        try:
            return self._about(instance, action, *arguments)
        except NotFound as error:
            if error.facts.get("instance"):
                raise
            raise NotFound(f"There is no {what} in instance {instance}", **error.facts) from error


class _Heard:
    """A sink that knows whether there was anything."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.anything = False

    def __call__(self, data: bytes) -> None:
        self.anything = True
        self.sink(data)


def patiently(action: t.Callable[[], t.Any], seconds: float) -> t.Any:
    """Call until the agent of the virtual machine is there, for that long. :raises NotRunning: when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except AgentMissing as missing:
            if time.monotonic() + _AGENT_PAUSE >= deadline:
                raise NotRunning(f"{missing}; waited {seconds:g} seconds for it", **missing.facts) from None
        time.sleep(_AGENT_PAUSE)


def _discard(_data: bytes) -> None:
    """Where output goes that nobody wants."""


def _attributes(values: t.Mapping[str, t.Any]) -> dict[str, str]:
    """As headers, in the spelling of both servers: each ignores the other's, and nobody has to ask which one it is."""
    return {f"{prefix}{name}": str(value) for prefix in ("X-LXD-", "X-Incus-") for name, value in values.items() if value is not None}


def _attribute(response: t.Any, name: str) -> str | None:
    return response.getheader(f"X-LXD-{name}") or response.getheader(f"X-Incus-{name}")


def _left(file: t.BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size - file.tell()
