# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that an image consists of: one tarball, or metadata and root; their fingerprint, and the body of an upload."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import secrets
import typing as t

from ._errors import InvalidOption, TransferFailed

BLOCK = 256 * 1024

Progress = t.Callable[[str, "float | None"], None]


@dataclasses.dataclass(frozen=True)
class Part:
    """``size`` bytes of a file from ``offset`` on; ``name`` is what the file is called, without directories."""

    path: str
    name: str
    offset: int
    size: int

    @classmethod
    def whole(cls, path: str, name: str | None = None) -> Part:
        return cls(path, name or os.path.basename(path), 0, os.path.getsize(path))

    def blocks(self) -> t.Iterator[bytes]:
        """Its bytes, some at a time."""
        left = self.size
        with open(self.path, "rb") as file:
            file.seek(self.offset)
            while left and (block := file.read(min(BLOCK, left))):
                left -= len(block)
                yield block


@dataclasses.dataclass(frozen=True)
class Files:
    """``root`` is None for a unified tarball. ``virtual_machine`` tells what ``root`` is: a file system or a disk."""

    metadata: Part
    root: Part | None = None
    virtual_machine: bool = False

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.metadata, self.root) if self.root else (self.metadata,)

    def fingerprint(self, progress: Progress | None = None) -> str:
        """sha256 of all bytes, metadata first: what the servers call an image's fingerprint."""
        digest, done = hashlib.sha256(), 0
        for part in self.parts:
            for block in part.blocks():
                digest.update(block)
                done += len(block)
                if progress:
                    progress(f"{part.name}: computing the fingerprint", done / self.size)
        return digest.hexdigest()


def local(path: str, rootfs: str | None) -> Files:
    """Files of this machine.

    :raises InvalidOption: for what cannot be read.
    """
    for option, value in (("source.path", path), ("source.rootfs", rootfs)):
        if value is not None and not (os.path.isfile(value) and os.access(value, os.R_OK)):
            raise InvalidOption(option, value, "there is no such file, or it cannot be read")
        if value is not None and not os.path.getsize(value):
            raise InvalidOption(option, value, "the file is empty")
    root = Part.whole(rootfs) if rootfs else None
    return Files(Part.whole(path), root, virtual_machine=bool(rootfs) and is_disk(rootfs or ""))


def is_disk(path: str) -> bool:
    """A disk of a virtual machine is a qcow2 image."""
    with open(path, "rb") as file:
        return file.read(4) == b"QFI\xfb"


class Upload:
    """The body of ``POST /1.0/images``: its length is known, its content is read when it is sent, and may be sent again."""

    def __init__(self, files: Files, progress: Progress) -> None:
        self.files, self.progress = files, progress
        self.boundary = secrets.token_hex(16)

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}" if self.files.root else "application/octet-stream"

    def __len__(self) -> int:
        return sum(len(piece) if isinstance(piece, bytes) else piece.size for piece in self._pieces())

    def __iter__(self) -> t.Iterator[bytes]:
        done, size = 0, len(self)
        for piece in self._pieces():
            for block in [piece] if isinstance(piece, bytes) else piece.blocks():
                yield block
                done += len(block)
                self.progress("uploading", done / size)

    def _pieces(self) -> t.Iterator[bytes | Part]:
        if self.files.root is None:
            yield self.files.metadata
            return
        yield self._head("metadata", self.files.metadata)
        yield self.files.metadata
        yield b"\r\n" + self._head("rootfs.img" if self.files.virtual_machine else "rootfs", self.files.root)
        yield self.files.root
        yield f"\r\n--{self.boundary}--\r\n".encode("ascii")

    def _head(self, name: str, part: Part) -> bytes:
        shown = re.sub(r'[^\w.+-]', "_", part.name)
        return (
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{shown}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()


def exported(path: str, headers: t.Mapping[str, str]) -> Files:
    """What a server answered to an export, and was written to ``path``: a tarball as it is, or a multipart body.

    :raises TransferFailed: for a multipart body that is not whole.
    """
    boundary = re.search(r'multipart/form-data.*boundary="?([^";]+)', headers.get("Content-Type") or "")
    if not boundary:
        disposition = headers.get("Content-Disposition") or ""
        return Files(Part.whole(path, _file_name(disposition)))
    parts = dict(_split(path, boundary[1].encode("ascii")))
    root = next((name for name in parts if name.startswith("rootfs")), None)
    if "metadata" not in parts or root is None:
        raise TransferFailed(f"The server exported an image with the parts {', '.join(parts) or 'none'}; expected metadata and rootfs")
    return Files(parts["metadata"], parts[root], virtual_machine=root == "rootfs.img")


def _file_name(disposition: str) -> str | None:
    match = re.search(r'filename="?([^";]+)', disposition)
    return os.path.basename(match[1]) if match else None


def _split(path: str, boundary: bytes) -> t.Iterator[tuple[str, Part]]:
    """(name of the form field, where its content is) for each part."""
    mark = b"--" + boundary
    with open(path, "rb") as file:
        position = _find(file, mark, 0)
        while position >= 0:
            head_end = _find(file, b"\r\n\r\n", position)
            following = _find(file, b"\r\n" + mark, head_end) if head_end >= 0 else -1
            if following < 0:
                break
            file.seek(position + len(mark))
            head = file.read(head_end - position - len(mark)).decode("utf-8", "replace")
            name = re.search(r'[ ;]name="?([^";]+)', head)
            start = head_end + 4
            yield name[1] if name else "", Part(path, _file_name(head) or "", start, following - start)
            position = following + 2
            file.seek(position + len(mark))
            if file.read(2) == b"--":
                return
    raise TransferFailed("The server's export ended early")


def _find(file: t.BinaryIO, needle: bytes, start: int) -> int:
    """Where ``needle`` begins, at ``start`` or behind, or -1; some bytes of the file at a time."""
    file.seek(start)
    before = b""
    while block := file.read(BLOCK):
        window = before + block
        found = window.find(needle)
        if found >= 0:
            return start - len(before) + found
        before = window[1 - len(needle):]
        start += len(block)
    return -1
