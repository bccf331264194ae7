# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files, directories and symlinks into an instance, as they are wished, and nothing sent that is there."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import posixpath
import stat
import typing as t

from ._errors import InvalidOption, LxdError
from ._file_guest import KEPT, SHOWN, Found, Guest
from ._messages import Request
from ._upload import Upload


@dataclasses.dataclass(frozen=True)
class Wish:
    """What shall be at ``path``. ``content``: bytes, an Upload, or a symlink's target.

    ``born`` is the mode of a new one, but for the bits that are ``lost``.
    """

    path: str
    type: str
    content: t.Any = b""
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    born: int | None = None
    lost: int | None = None

    @property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        for block in [self.content] if isinstance(self.content, bytes) else self.content:
            digest.update(block)
        return digest.hexdigest()

    @property
    def head(self) -> bytes:
        """How it begins, for a diff."""
        if isinstance(self.content, bytes):
            return self.content[: SHOWN + 1]
        with open(self.content.path, "rb") as file:
            return file.read(SHOWN + 1)


def wishes(path: str, params: t.Mapping[str, t.Any], mode: int | None, directory_mode: int | None, **owner: int | None) -> list[Wish]:
    """All that the task is about, directories before what is in them. :raises InvalidOption: for what cannot be read."""
    if params["target"] is not None:
        return [Wish(path, "symlink", params["target"].encode("utf-8", "surrogateescape"))]
    if params["type"] == "directory":
        return [Wish(path, "directory", mode=directory_mode if mode is None else mode, **owner)]
    if params["src"] is None:
        return [Wish(path, "file", _text(params["content"]).encode("utf-8", "surrogateescape"), mode, **owner)]
    try:
        return list(_tree(params["src"], path, mode, directory_mode, owner, follow=True))
    except OSError as error:
        raise InvalidOption("src", params["src"], f"it cannot be read: {error.strerror}") from error


def _text(content: t.Any) -> str:
    """A mapping or a list becomes JSON, as ansible.builtin.copy does it."""
    return json.dumps(content) if isinstance(content, (dict, list)) else str(content)


def _tree(
    source: str, path: str, mode: int | None, directory_mode: int | None, owner: t.Mapping[str, int | None], follow: bool = False
) -> t.Iterator[Wish]:
    about = os.stat(source) if follow else os.lstat(source)
    if stat.S_ISLNK(about.st_mode):
        yield Wish(path, "symlink", os.fsencode(os.readlink(source)))
    elif stat.S_ISDIR(about.st_mode):
        yield Wish(path, "directory", mode=directory_mode, **_new(about, directory_mode), **owner)
        for name in sorted(os.listdir(source)):
            yield from _tree(os.path.join(source, name), posixpath.join(path, name), mode, directory_mode, owner)
    elif stat.S_ISREG(about.st_mode):
        with open(source, "rb"):
            yield Wish(path, "file", Upload(source), mode, **_new(about, mode), **owner)
    else:
        raise InvalidOption("src", source, "expected a file, a directory or a symlink")


def _new(about: os.stat_result, mode: int | None) -> dict[str, int | None]:
    bits = stat.S_IMODE(about.st_mode)
    return {"born": bits & KEPT, "lost": bits & ~KEPT if mode is None else None}


@dataclasses.dataclass
class Pushed:
    """What has to be sent, and what a diff shows: ``{path: ...}``, or the text of the only file."""

    requests: list[Request] = dataclasses.field(default_factory=list)
    before: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    after: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    text: tuple[str, str] | None = None

    @property
    def diff(self) -> dict[str, t.Any]:
        if self.text and len(self.after) == 1:
            path = next(iter(self.after))
            shown = (" ".join(f"{key}={value}" for key, value in (side[path] or {}).items()) for side in (self.before, self.after))
            before_header, after_header = (f"{path} {about}" for about in shown)
            return {"before": self.text[0], "after": self.text[1], "before_header": before_header, "after_header": after_header}
        return {"before": self.before, "after": self.after}


def plan(guest: Guest, wanted: t.Sequence[Wish], parents: bool) -> Pushed:
    """Compare each with what is there; below a directory that is not there, nothing is."""
    pushed = Pushed()
    missing: set[str] = set()
    _with_parents(guest, posixpath.dirname(wanted[0].path), parents, pushed, missing)
    for wish in wanted:
        found = None if posixpath.dirname(wish.path) in missing else guest.look(wish.path)
        if found is None or found.type != wish.type:
            missing.add(wish.path)
        _plan_one(guest, wish, found, pushed)
    return pushed


def _with_parents(guest: Guest, directory: str, create: bool, pushed: Pushed, missing: set[str]) -> None:
    if directory == "/" or guest.look(directory) is not None:
        return
    if not create:
        raise InvalidOption("path", directory, "there is no such directory in the instance; parents=true creates it")
    _with_parents(guest, posixpath.dirname(directory), create, pushed, missing)
    missing.add(directory)
    pushed.requests.append(guest.create(directory, "directory", b"", 0o755, None, None))
    pushed.before[directory], pushed.after[directory] = None, {"type": "directory", "mode": "0755"}


def _plan_one(guest: Guest, wish: Wish, found: Found | None, pushed: Pushed) -> None:
    same = found is not None and _same_content(wish, found)
    attributes = {} if wish.type == "symlink" else {"mode": wish.mode, "uid": wish.uid, "gid": wish.gid}
    wrong = [key for key, value in attributes.items() if found and value is not None and getattr(found, key) != value]
    if same and not wrong:
        return
    keep = found if found and found.type == wish.type else None
    mode, uid, gid = (_first(value, getattr(keep, key, None)) for key, value in (("mode", wish.mode), ("uid", wish.uid), ("gid", wish.gid)))
    if found and (found.type != wish.type or wish.type == "symlink" or (wrong and not _modifies(guest))):
        if found.names:
            raise LxdError(f"{wish.path}: this server can neither replace a directory that is not empty, nor change its owner or mode")
        pushed.requests.append(guest.delete(wish.path))
    if wish.type == "symlink":
        mode = uid = gid = None
    pushed.requests.append(guest.create(wish.path, wish.type, wish.content, _first(mode, wish.born), uid, gid))
    pushed.before[wish.path] = found.about if found else None
    pushed.after[wish.path] = _about(wish, keep)
    if wish.type == "file" and not same:
        pushed.text = _texts(keep.head if keep else b"", wish.head)


def _same_content(wish: Wish, found: Found) -> bool:
    if found.type != wish.type or wish.type == "directory":
        return found.type == wish.type
    if wish.type == "symlink":
        # The servers tell a relative target as the absolute one that it means.
        wanted = wish.content.decode("utf-8", "surrogateescape")
        return found.target in (wanted, posixpath.normpath(posixpath.join(posixpath.dirname(wish.path), wanted)))
    return found.size == len(wish.content) and found.sha256 == wish.sha256


def _modifies(guest: Guest) -> bool:
    return guest.client.has("instances_files_modify_permissions")


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _about(wish: Wish, keep: Found | None) -> dict[str, t.Any]:
    told: dict[str, t.Any] = {"type": wish.type}
    if wish.type == "symlink":
        return {**told, "target": wish.content.decode("utf-8", "surrogateescape")}
    mode = _first(wish.mode, keep.mode if keep else None, wish.born)
    told["mode"] = None if mode is None else f"{mode:04o}"
    for key, value in (("uid", wish.uid), ("gid", wish.gid)):
        told[key] = _first(value, getattr(keep, key, None))
    if wish.type == "file":
        told.update(size=len(wish.content), checksum=f"sha256:{wish.sha256}")
    return {key: value for key, value in told.items() if value is not None}


def _texts(before: bytes, after: bytes) -> tuple[str, str] | None:
    """Both as text, if they are, and not too long."""
    if max(len(before), len(after)) > SHOWN or b"\0" in before + after:
        return None
    try:
        return before.decode("utf-8"), after.decode("utf-8")
    except UnicodeDecodeError:
        return None
