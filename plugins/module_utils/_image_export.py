# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images of a server as files of this machine, named as the servers' own clients name them."""

from __future__ import annotations

import os
import re
import tempfile
import time
import typing as t

from . import _transfer
from ._client import Client
from ._errors import InvalidOption, LxdError, NotFound, TransferFailed
from ._image_files import BLOCK, Files, Part
from ._image_files import exported as read_export
from ._image_sources import exported
from ._images import Images, policy
from ._job import Context


def export(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """The image's files are at ``dest``, and are those of its fingerprint."""
    began = time.monotonic()
    client = t.cast(Client, context.client)
    limits = policy(params)
    reply = Images(client).find(params["fingerprint"], params["aliases"] or ())
    if reply is None:
        raise NotFound(f"There is no image {params['fingerprint'] or params['aliases'][0]} on {client.remote}")
    image = reply.metadata
    place = _Place(params["dest"], image["fingerprint"])
    paths = place.existing()
    result: dict[str, t.Any] = {"image": image, "fingerprint": image["fingerprint"], "bytes": 0, "attempts": 0}
    if paths is None:
        if not context.check:
            receipt, paths = _export(client, place, limits, context)
            result.update(bytes=receipt.received, attempts=receipt.attempts)
        result.update(changed=True, diff={"before": {}, "after": {"image": place.path}})
    else:
        result.update(changed=False, diff={"before": {"image": place.path}, "after": {"image": place.path}})
    return {**result, "files": paths or [], "elapsed": round(time.monotonic() - began, 3)}


def _export(client: Client, place: _Place, limits: _transfer.Policy, context: Context) -> tuple[_transfer.Receipt, list[str]]:
    try:
        with tempfile.TemporaryDirectory(prefix=".fleet-lxd-", dir=place.directory) as directory:
            path = os.path.join(directory, "export")
            receipt = _transfer.download(exported(client, place.fingerprint, limits), path, limits, context.progress)
            files = read_export(path, receipt.headers)
            got = files.fingerprint()
            if got != place.fingerprint:
                raise TransferFailed(f"The server sent an image with the fingerprint {got}, and {place.fingerprint} was asked for")
            return receipt, place.take(files, directory)
    except OSError as error:
        raise LxdError(f"dest: cannot write {place.dest}: {error}") from error


class _Place:
    """A directory that gets files of the servers' names, or a file, beside which the root of a split image goes as ``FILE.root``."""

    def __init__(self, dest: str, fingerprint: str) -> None:
        self.dest, self.fingerprint = dest, fingerprint
        self.many = os.path.isdir(dest) or dest.endswith("/")
        self.directory = dest if self.many else os.path.dirname(os.path.abspath(dest))
        if not os.path.isdir(self.directory):
            raise InvalidOption("dest", dest, f"there is no directory {self.directory}")

    @property
    def path(self) -> str:
        """Where the image goes, as far as it is known before it comes: how files in a directory end, the server tells with them."""
        return os.path.join(self.dest, self.fingerprint) if self.many else self.dest

    def existing(self) -> list[str] | None:
        """The files that are there already and are right, or None."""
        for metadata, root in self._candidates():
            files = Files(Part.whole(metadata), Part.whole(root) if root else None)
            if files.size and files.fingerprint() == self.fingerprint:
                return [metadata, root] if root else [metadata]
        return None

    def _candidates(self) -> t.Iterator[tuple[str, str | None]]:
        if not self.many:
            if os.path.isfile(self.dest):
                yield self.dest, None
                if os.path.isfile(self.dest + ".root"):
                    yield self.dest, self.dest + ".root"
            return
        names = sorted(os.listdir(self.directory))
        plain = [os.path.join(self.directory, name) for name in names if name.startswith(self.fingerprint)]
        for name in names:
            if name.startswith(f"meta-{self.fingerprint}"):
                yield from ((os.path.join(self.directory, name), root) for root in plain)
        yield from ((path, None) for path in plain)

    def take(self, files: Files, directory: str) -> list[str]:
        """Put verified files in their places, each at once, the metadata last."""
        pairs = list(zip(files.parts, self._names(files)))
        for part, path in reversed(pairs):
            os.replace(_alone(part, os.path.join(directory, "part")), path)
        return [path for _part, path in pairs]

    def _names(self, files: Files) -> list[str]:
        if not self.many:
            return [self.dest, self.dest + ".root"]
        ends = [_extension(part.name) for part in files.parts]
        if files.root is None:
            return [os.path.join(self.directory, self.fingerprint + ends[0])]
        return [os.path.join(self.directory, f"meta-{self.fingerprint}{ends[0]}"), os.path.join(self.directory, self.fingerprint + ends[1])]


def _extension(name: str) -> str:
    """``.tar.xz`` and alike; the names that servers give begin with the fingerprint."""
    match = re.search(r"((?:\.tar)?\.[A-Za-z]\w*)$", name)
    return match[1] if match else ""


def _alone(part: Part, path: str) -> str:
    """A path with the part's bytes and nothing else, with the mode that a new file gets."""
    whole = part.offset == 0 and os.path.getsize(part.path) == part.size
    if not whole:
        with open(part.path, "rb") as source, open(path, "wb") as target:
            source.seek(part.offset)
            left = part.size
            while left and (block := source.read(min(left, BLOCK))):
                target.write(block)
                left -= len(block)
    return part.path if whole else path
