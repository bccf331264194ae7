# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files, directories and symlinks of an instance to this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import posixpath
import shutil
import tempfile
import typing as t

from ._errors import InvalidOption, LxdError, NotFound
from ._file_guest import Found, Guest
from ._upload import BLOCK


class Pull:
    """One task, of what is at ``root``: ``before`` and ``after`` are, for a diff, what had to be written, by local path."""

    def __init__(self, guest: Guest, check: bool, mode: int | None, root: str) -> None:
        self.guest, self.check, self.mode, self.root = guest, check, mode, root
        self.before: dict[str, t.Any] = {}
        self.after: dict[str, t.Any] = {}

    def run(self, dest: str) -> Found:
        """:raises NotFound: if nothing is at the root. :raises LxdError: for what cannot be written."""
        try:
            return self._take(self.root, dest)
        except OSError as error:
            raise LxdError(f"dest: cannot write {error.filename or dest}: {error.strerror}") from error

    def _take(self, path: str, dest: str) -> Found:
        with tempfile.TemporaryDirectory(prefix=".fleet-lxd-", dir=self._scratch(dest)) as scratch:
            part = os.path.join(scratch, "part")
            with open(part, "wb") as file:
                found = self.guest.look(path, None if self.check else file.write)
            if found is None:
                raise NotFound(f"There is no {path} in the instance {self.guest.place[1]}", status=404)
            if path == self.root and found.type != "directory" and os.path.isdir(dest) and not os.path.islink(dest):
                raise InvalidOption("dest", dest, f"it is a directory, and {path} is a {found.type}: expected the path of a file")
            if found.type == "file" and self._differs(dest, found):
                self._note(dest, found)
                if not self.check:
                    os.chmod(part, self.mode if self.mode is not None else found.mode & 0o777)
                    self._clear(dest)
                    os.replace(part, dest)
        if found.type == "symlink":
            self._take_link(self._target(path, found.target or ""), dest, found)
        if found.type == "directory":
            self._take_directory(path, dest, found)
        return found

    def _take_link(self, target: str, dest: str, found: Found) -> None:
        if os.path.islink(dest) and os.readlink(dest) == target:
            return
        self._note(dest, found)
        if not self.check:
            self._clear(dest)
            os.symlink(target, dest)

    def _target(self, path: str, target: str) -> str:
        """Relative, if it leads to something that is fetched, too."""
        inside = target == self.root or target.startswith(f"{self.root.rstrip('/')}/")
        return posixpath.relpath(target, posixpath.dirname(path)) if inside and path != self.root else target

    def _scratch(self, dest: str) -> str | None:
        """Beside the destination, so that a file can be put in its place at once."""
        directory = os.path.dirname(os.path.abspath(dest))
        return directory if os.path.isdir(directory) and not self.check else None

    def _take_directory(self, path: str, dest: str, found: Found) -> None:
        # A link is not followed: the guest may have made us put it there.
        if os.path.islink(dest) or not os.path.isdir(dest):
            self._note(dest, found)
            if not self.check:
                self._clear(dest)
                os.mkdir(dest, 0o755)
        for name in found.names:
            if "/" in name or name in (".", "..", ""):
                raise LxdError(f"{path}: the instance has a file named {name!r} there, which is no name")
            self._take(posixpath.join(path, name), os.path.join(dest, name))

    def _differs(self, dest: str, found: Found) -> bool:
        if os.path.islink(dest) or not os.path.isfile(dest) or os.path.getsize(dest) != found.size:
            return True
        if self.mode is not None and os.stat(dest).st_mode & 0o7777 != self.mode:
            return True
        return _sha256(dest) != found.sha256

    def _note(self, dest: str, found: Found) -> None:
        self.before[dest] = _local(dest)
        shown = found.about
        self.after[dest] = {key: shown[key] for key in ("type", "checksum", "target") if key in shown}

    @staticmethod
    def _clear(dest: str) -> None:
        if os.path.isdir(dest) and not os.path.islink(dest):
            shutil.rmtree(dest)
        else:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(dest)


def _local(path: str) -> dict[str, t.Any] | None:
    if os.path.islink(path):
        return {"type": "symlink", "target": os.readlink(path)}
    if os.path.isdir(path):
        return {"type": "directory"}
    return {"type": "file", "checksum": f"sha256:{_sha256(path)}"} if os.path.isfile(path) else None


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
