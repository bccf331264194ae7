# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an instance, whether it runs or not: what is there, and the requests that change it."""

from __future__ import annotations

import dataclasses
import hashlib
import typing as t

from ._bulk import Body
from ._client import Client
from ._errors import InvalidOption, NotFound
from ._messages import Request

# The bits of a mode that the API sets and tells.
KEPT = 0o777
# Text up to this size is shown in a diff.
SHOWN = 128 * 1024


@dataclasses.dataclass(frozen=True)
class Found:
    """A ``file``, ``directory`` or ``symlink``. ``names`` are a directory's, ``target`` is a symlink's; ``head`` is how a file begins."""

    type: str
    mode: int
    uid: int
    gid: int
    size: int = 0
    sha256: str | None = None
    head: bytes = b""
    names: tuple[str, ...] = ()
    target: str | None = None

    @property
    def about(self) -> dict[str, t.Any]:
        """For a diff or a result."""
        told = {"type": self.type, "mode": f"{self.mode:04o}", "uid": self.uid, "gid": self.gid}
        if self.type == "file":
            told.update(size=self.size, checksum=f"sha256:{self.sha256}")
        return {**told, "target": self.target} if self.type == "symlink" else told


class Guest:
    """The files of one instance. :raises NotFound: if there is no such instance."""

    def __init__(self, client: Client, instance: str) -> None:
        self.client, self.place = client, ("instances", instance, "files")
        self.prefix = client.header_prefix
        client.existing(f"instance {instance}", "instances", instance)

    def look(self, path: str, sink: t.Callable[[bytes], t.Any] | None = None) -> Found | None:
        """What is at ``path``, None if nothing is; ``sink`` gets the content of a file as it comes."""
        try:
            body = self.client.download(Request("GET", self.place, query={"path": path}))
        except NotFound:
            return None
        try:
            return self._found(body, sink)
        finally:
            body.close()

    def _found(self, body: Body, sink: t.Callable[[bytes], t.Any] | None) -> Found:
        told = {key: body.headers.get(f"{self.prefix}{key}") or "0" for key in ("type", "mode", "uid", "gid")}
        found = Found(told["type"], int(told["mode"], 8), int(told["uid"]), int(told["gid"]))
        if found.type == "directory":
            return dataclasses.replace(found, names=tuple(sorted(body.answer.get("metadata") or ())))
        digest, head, size = hashlib.sha256(), b"", 0
        for block in iter(body.read, b""):
            digest.update(block)
            size += len(block)
            head += block[: max(0, SHOWN + 1 - len(head))]
            if sink and found.type == "file":
                sink(block)
        if found.type == "symlink":
            return dataclasses.replace(found, target=head.decode("utf-8", "surrogateescape"))
        return dataclasses.replace(found, size=size, sha256=digest.hexdigest(), head=head)

    def numeric(self, option: str, value: str | None) -> int | None:
        """A user's or group's number, by the instance's own lists if it is a name. :raises InvalidOption:"""
        if value is None or value.isdigit():
            return None if value is None else int(value)
        lines: list[bytes] = []
        self.look("/etc/passwd" if option == "owner" else "/etc/group", lines.append)
        for line in b"".join(lines).decode("utf-8", "replace").splitlines():
            name, _colon, rest = line.partition(":")
            if name == value:
                return int(rest.split(":")[1])
        raise InvalidOption(option, value, "the instance has none of that name")

    def delete(self, path: str) -> Request:
        return Request("DELETE", self.place, query={"path": path})

    def create(self, path: str, kind: str, content: t.Any, mode: int | None, uid: int | None, gid: int | None) -> Request:
        """Write a file or make a directory or symlink; of a file that is there just the content changes, where the server is old."""
        given = {"mode": None if mode is None else f"{mode:04o}", "uid": uid, "gid": gid}
        headers = {f"{self.prefix}{key}": str(value) for key, value in given.items() if value is not None}
        # Anything else than this is taken for a form, and read as one.
        headers.update({"Content-Type": "application/octet-stream", f"{self.prefix}type": kind, f"{self.prefix}write": "overwrite"})
        if self.client.has("instances_files_modify_permissions"):
            headers[f"{self.prefix}modify-perm"] = ",".join(key for key, value in given.items() if value is not None)
        return Request("POST", self.place, query={"path": path}, content=content, headers=headers)
