# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups of instances and storage volumes: to a file of this machine, and from one, at constant memory."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import typing as t
import uuid

from ._client import Client
from ._errors import InvalidOption, LxdError, NoArchive, NotFound, TransferFailed
from ._job import Context
from ._messages import Request
from ._resource import refuse_name
from ._upload import BLOCK, Upload


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """``path``, ``size`` and ``checksum`` (``sha256:...``) of the file, and whether anything had to be done."""
    refuse_name("instance" if params["instance"] else "volume", params["instance"] or params["volume"])
    if params["timeout"] <= 0:
        raise InvalidOption("timeout", params["timeout"], "expected a number of seconds above 0")
    return _export(params, context) if params["dest"] else _import(params, context)


def _place(params: t.Mapping[str, t.Any]) -> tuple[tuple[str, ...], str]:
    """Where such things are listed, and its name."""
    if params["instance"]:
        return ("instances",), params["instance"]
    return ("storage-pools", params["pool"], "volumes", "custom"), params["volume"]


# --- to a file


def _export(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client, dest = t.cast(Client, context.client), params["dest"]
    directory = os.path.dirname(os.path.abspath(dest))
    if os.path.isdir(dest) or not os.path.isdir(directory):
        raise InvalidOption("dest", dest, "expected the path of a file in a directory that exists")
    if os.path.exists(dest) and not params["force"]:
        return _result(dest, False, verified(dest, params["checksum"], "dest"))
    collection, name = _place(params)
    if params["volume"]:
        client.require_named("pool", params["pool"], "storage-pools", params["pool"], what="such pool")
    client.existing(f"{'instance' if params['instance'] else 'volume'} {name}", *collection, name)
    if context.check:
        return {**_result(dest, True, None), "size": None}
    with _made(client, (*collection, name, "backups"), params, context) as path:
        return _result(dest, True, _fetch(client, path, dest, directory, context))


@contextlib.contextmanager
def _made(client: Client, backups: tuple[str, ...], params: t.Mapping[str, t.Any], context: Context) -> t.Iterator[tuple[str, ...]]:
    """A backup on the server, gone afterwards."""
    only = "volume_only" if params["volume"] else "instance_only"
    body: dict[str, t.Any] = {"name": f"fleet-lxd-{uuid.uuid4().hex[:12]}", only: params["only"]}
    body["optimized_storage"] = params["optimized_storage"]
    if params["compression_algorithm"]:
        body["compression_algorithm"] = params["compression_algorithm"]
    context.progress(f"{backups[-2]}: the server makes a backup", None)
    path = (*backups, body["name"])
    try:
        client.send(Request("POST", backups, body), params["timeout"])
        yield path
    finally:
        with contextlib.suppress(NotFound):
            client.send(Request("DELETE", path))


def _fetch(client: Client, path: tuple[str, ...], dest: str, directory: str, context: Context) -> str:
    """``dest`` is as it was, or whole. Returns its checksum."""
    digest, done = hashlib.sha256(), 0
    body = client.download(Request("GET", (*path, "export")))
    try:
        size = int(body.headers.get("Content-Length") or 0)
        with tempfile.TemporaryDirectory(prefix=".fleet-lxd-", dir=directory) as scratch:
            part = os.path.join(scratch, "part")
            with open(part, "wb") as file:
                for block in iter(body.read, b""):
                    file.write(block)
                    digest.update(block)
                    done += len(block)
                    context.progress(f"{os.path.basename(dest)}: downloading", done / size if size else None)
                file.flush()
                os.fsync(file.fileno())
            if size and done != size:
                raise TransferFailed(f"{dest}: {done} of {size} bytes came")
            os.chmod(part, 0o600)
            os.replace(part, dest)
    except OSError as error:
        raise LxdError(f"dest: cannot write {dest}: {error}") from error
    finally:
        body.close()
    return f"sha256:{digest.hexdigest()}"


# --- from a file


def _import(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client, src = t.cast(Client, context.client), params["src"]
    if not (os.path.isfile(src) and os.access(src, os.R_OK)):
        raise InvalidOption("src", src, "there is no such file, or it cannot be read")
    collection, name = _place(params)
    if client.get(*collection, name) is not None:
        return _result(src, False, None)
    if params["pool"]:
        client.require_named("pool", params["pool"], "storage-pools", params["pool"], what="such pool")
    checksum = verified(src, params["checksum"], "src")
    if not context.check:
        client.require("backup_override_name", "the import of a backup under a name")
        prefix = client.header_prefix
        headers = {"Content-Type": "application/octet-stream", f"{prefix}name": name}
        if params["instance"] and params["pool"]:
            headers[f"{prefix}pool"] = params["pool"]
        request = Request("POST", collection, content=Upload(src, context.progress), headers=headers)
        try:
            client.send(request, params["timeout"])
        except NoArchive as refusal:
            raise InvalidOption("src", src, f"it is no backup: the server cannot unpack it ({refusal})", **refusal.facts) from refusal
    return _result(src, True, checksum)


def verified(path: str, expected: str | None, option: str) -> str:
    """The checksum of a file. :raises TransferFailed: if another one is expected."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise LxdError(f"{option}: cannot read {path}: {error}") from error
    found = f"sha256:{digest.hexdigest()}"
    if expected and expected.lower().removeprefix("sha256:") != digest.hexdigest():
        raise TransferFailed(f"{option}: {path} has the checksum {found}, and {expected} was expected")
    return found


def _result(path: str, changed: bool, checksum: str | None) -> dict[str, t.Any]:
    size = os.path.getsize(path) if os.path.exists(path) else None
    return {"changed": changed, "path": path, "size": size, "checksum": checksum}
