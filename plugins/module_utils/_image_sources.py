# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an image comes from: what a file, an address or a remote offers now, and the ways to get it."""

from __future__ import annotations

import dataclasses
import os
import ssl
import typing as t
import urllib.parse

from . import _image_files, _remotes, _streams, _transfer
from ._certificates import fingerprint, fingerprint_of
from ._client import Client
from ._errors import InvalidOption, NotFound, TransferFailed, Unreachable, UntrustedServer
from ._image_files import Files
from ._messages import Request
from ._options import Remote, existing_socket, https_url, socket_path
from ._transfer import Policy, Progress

# Remotes that the servers' clients know without a configuration.
_WELL_KNOWN: t.Mapping[str, t.Mapping[str, str]] = {
    "images": {"lxd": "https://images.lxd.canonical.com", "incus": "https://images.linuxcontainers.org"},
    "ubuntu": dict.fromkeys(("lxd", "incus"), "https://cloud-images.ubuntu.com/releases"),
    "ubuntu-daily": dict.fromkeys(("lxd", "incus"), "https://cloud-images.ubuntu.com/daily"),
    "ubuntu-minimal": dict.fromkeys(("lxd", "incus"), "https://cloud-images.ubuntu.com/minimal/releases"),
    "ubuntu-minimal-daily": dict.fromkeys(("lxd", "incus"), "https://cloud-images.ubuntu.com/minimal/daily"),
}
_SERVERS = ("lxd", "incus")


@dataclasses.dataclass(frozen=True)
class Delivery:
    """Files that are here now, and what it took. Their fingerprint is known to be right; None if the server is to tell it."""

    files: Files
    fingerprint: str | None
    received: int = 0
    attempts: int = 0


@dataclasses.dataclass(frozen=True)
class Offer:
    """An image that can be had.

    ``relay`` brings it into a directory of ours. ``pull`` gives the ``source`` with which the server fetches it itself, by
    alias if asked to; None where no server can. ``about`` holds what is known of it, in the API's terms. ``local`` is for
    what need not be fetched at all.
    """

    name: str
    fingerprint: str | None
    relay: t.Callable[[str, Policy, Progress], Delivery]
    pull: t.Callable[[bool], dict[str, t.Any]] | None = None
    about: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    local: bool = False


@dataclasses.dataclass(frozen=True)
class ImageRemote:
    """Where images are offered: ``url`` of a simplestreams server, or ``server``, one of LXD or Incus."""

    name: str
    protocol: str
    url: str | None = None
    authority: str | None = None
    server: Remote | None = None


def file(path: str, rootfs: str | None, progress: Progress, needed: t.Callable[[int], bool]) -> Offer:
    """An image in files of this machine.

    :param needed: whether, of so many bytes, the fingerprint has to be known beforehand: to compute it takes a second for each GB.
    """
    files = _image_files.local(path, rootfs)
    fingerprint = files.fingerprint(progress) if needed(files.size) else None

    def relay(_directory: str, _policy: Policy, _progress: Progress) -> Delivery:
        return Delivery(files, fingerprint)

    about = {"size": files.size, "type": "virtual-machine" if files.virtual_machine else "container"}
    return Offer(os.path.basename(path), fingerprint, relay, about=about, local=True)


def url(address: str, root_address: str | None, fingerprint: str | None, policy: Policy) -> Offer:
    """An image behind an address, or two. An address may also only say where the image is, in the way of ``lxc image import``.

    The fingerprint is what is asked for, or what the server tells; None if neither is known before the image is here.
    """
    _transfer.web(address, policy)
    if root_address:
        _transfer.web(root_address, policy)
    if root_address is None and fingerprint is None:
        told = _transfer.headers(address, policy)
        for kind in ("LXD", "Incus"):
            if told.get(f"{kind}-Image-URL"):
                address, fingerprint = urllib.parse.urljoin(address, told[f"{kind}-Image-URL"]), told.get(f"{kind}-Image-Hash")
    expected = fingerprint if fingerprint and len(fingerprint) == 64 else None

    def relay(directory: str, limits: Policy, progress: Progress) -> Delivery:
        first = _transfer.web(address, limits, sha256=None if root_address else expected)
        sources = [first, _transfer.web(root_address, limits)] if root_address else [first]
        delivery = _fetch(sources, directory, limits, progress)
        if fingerprint and not str(delivery.fingerprint).startswith(fingerprint):
            raise TransferFailed(f"{first.name} has the fingerprint {delivery.fingerprint}, and {fingerprint} was expected")
        return delivery

    return Offer(_transfer.name_of(address), expected, relay)


def remote(given: t.Mapping[str, t.Any], kind: str) -> ImageRemote:
    """Out of ``remote`` (a name), or ``server`` and ``protocol`` with their certificates; ``kind`` is that of the server which asks."""
    if given.get("remote"):
        return _named(given["remote"], kind)
    address, protocol = given["server"], given.get("protocol") or "simplestreams"
    for option in ("server_cert", "client_cert", "client_key"):
        if given.get(option) and not (os.path.isfile(given[option]) and os.access(given[option], os.R_OK)):
            raise InvalidOption(f"source.{option}", given[option], "there is no such file, or it cannot be read")
    authority = given.get("server_cert")
    if protocol not in _SERVERS:
        return ImageRemote(address, protocol, url=address, authority=authority)
    cert, key = given.get("client_cert"), given.get("client_key")
    if bool(cert) != bool(key):
        raise InvalidOption("source.client_cert", cert, "client_cert and client_key have to be given together")
    if not cert:
        cert, key = _remotes.client_pair()
    pin = fingerprint("source.server_fingerprint", given.get("server_fingerprint"))
    server = _server(address, None, given.get("project"), cert, key, authority, pin)
    return ImageRemote(address, protocol, server=server)


def _named(name: str, kind: str) -> ImageRemote:
    try:
        entry = _remotes.find(name)
    except InvalidOption:
        if name not in _WELL_KNOWN:
            known = ", ".join(_WELL_KNOWN)
            expected = f"no such remote in config.yml of {', '.join(_remotes.directories())}, and it is none of {known}"
            raise InvalidOption("source.remote", name, f"{expected}; fleet.lxd.lxd_remote adds one") from None
        return ImageRemote(name, "simplestreams", url=_WELL_KNOWN[name][kind])
    if entry.protocol == "simplestreams":
        return ImageRemote(name, entry.protocol, url=entry.addr, authority=entry.server_cert)
    if entry.protocol not in _SERVERS:
        raise InvalidOption("source.remote", name, f"its protocol {entry.protocol} is none of simplestreams, lxd, incus")
    server = _server(entry.addr, name, entry.project, entry.client_cert, entry.client_key, entry.server_cert, None)
    return ImageRemote(name, entry.protocol, server=server)


def _server(
    address: str, name: str | None, project: str | None, cert: str | None, key: str | None, pinned: str | None, pin: str | None
) -> Remote:
    path = socket_path(address)
    if path is not None:
        return Remote(socket=existing_socket(path), name=name, project=project)
    return Remote(
        url=https_url(address), name=name, project=project, client_cert=cert, client_key=key, server_cert=pinned, server_fingerprint=pin
    )


def offered(
    place: ImageRemote, wanted: str, image_type: str | None, architectures: t.Sequence[str], kind: str, policy: Policy, progress: Progress
) -> Offer:
    """The image ``wanted`` (alias or fingerprint) of a remote.

    :raises NotFound: when it has none.
    """
    if place.server:
        return _of_server(place, place.server, wanted, image_type, kind)
    return _of_stream(place, wanted, image_type, architectures, kind, policy, progress)


def listed(place: ImageRemote, kind: str, policy: Policy, progress: Progress) -> list[dict[str, t.Any]]:
    """All images of a remote, with the fields of the API."""
    if place.server:
        with Client(place.server) as client:
            return client.listed("images")
    return [image.described() for image in _read_stream(place, kind, policy, progress)]


def _read_stream(place: ImageRemote, kind: str, policy: Policy, progress: Progress) -> list[_streams.Image]:
    address = t.cast(str, place.url)
    _transfer.web(address, policy)
    return _streams.read(address, lambda each: _transfer.document(each, policy, progress, place.authority), kind)


def _of_stream(
    place: ImageRemote, wanted: str, image_type: str | None, architectures: t.Sequence[str], kind: str, policy: Policy, progress: Progress
) -> Offer:
    images = _read_stream(place, kind, policy, progress)
    image = _streams.choose(images, wanted, architectures, image_type, place.name)

    def relay(directory: str, limits: Policy, tell: Progress) -> Delivery:
        items = [image.metadata, *([image.root] if image.root else [])]
        sources = [_transfer.web(item.url, limits, place.authority, item.sha256, item.size) for item in items]
        delivery = _fetch(sources, directory, limits, tell, virtual_machine=image.type == "virtual-machine")
        if delivery.fingerprint != image.fingerprint:
            told = f"{place.name} says that its image {wanted} has the fingerprint {image.fingerprint}"
            raise TransferFailed(f"{told}, but its files have {delivery.fingerprint}")
        return delivery

    def pull(by_alias: bool) -> dict[str, t.Any]:
        named = {"alias": wanted} if by_alias and wanted in image.aliases else {"fingerprint": image.fingerprint}
        body = {"type": "image", "mode": "pull", "protocol": "simplestreams", "server": place.url, "image_type": image.type, **named}
        return {**body, "certificate": _text(place.authority)} if place.authority else body

    return Offer(f"{place.name}:{wanted}", image.fingerprint, relay, pull, image.described())


def _of_server(place: ImageRemote, server: Remote, wanted: str, image_type: str | None, kind: str) -> Offer:
    with Client(server) as client:
        alias = client.get("images", "aliases", wanted)
        reply = client.get("images", alias.metadata["target"] if alias else wanted)
    if reply is None:
        raise NotFound(f"{place.name} has no image {wanted!r} that we may see")
    about = reply.metadata
    if image_type and about.get("type") != image_type:
        raise NotFound(f"{place.name} has no image {wanted!r} of type {image_type}, only of type {about.get('type')}")
    fingerprint = about["fingerprint"]

    def relay(directory: str, limits: Policy, tell: Progress) -> Delivery:
        path = os.path.join(directory, "export")
        with Client(server) as client:
            receipt = _transfer.download(exported(client, fingerprint, limits), path, limits, tell)
        files = _image_files.exported(path, receipt.headers)
        got = files.fingerprint()
        if got != fingerprint:
            raise TransferFailed(f"{place.name} sent an image with the fingerprint {got}, and {fingerprint} was asked for")
        return Delivery(files, got, receipt.received, receipt.attempts)

    def pull(by_alias: bool) -> dict[str, t.Any]:
        named = {"alias": wanted} if by_alias and alias else {"fingerprint": fingerprint}
        # LXD does not know the other's name for what both speak.
        protocol = "lxd" if kind == "lxd" else place.protocol
        body = {"type": "image", "mode": "pull", "protocol": protocol, "server": server.url, "image_type": about.get("type"), **named}
        if server.project:
            body["project"] = server.project
        if not about.get("public"):
            body["secret"] = _secret(server, fingerprint)
        certificate = _certificate(server)
        return {**body, "certificate": certificate} if certificate else body

    return Offer(f"{place.name}:{wanted}", fingerprint, relay, None if server.socket else pull, about)


def exported(client: Client, fingerprint: str, policy: Policy) -> _transfer.Source:
    """An image of a server as a download: what arrives is for :func:`_image_files.exported`."""

    def start(offset: int) -> _Export:
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        try:
            return _Export(client.download(Request("GET", ("images", fingerprint, "export"), headers=headers), policy.stall))
        except Unreachable as error:
            raise _transfer.Interrupted(str(error)) from None

    return _transfer.Source(f"image {fingerprint[:12]} of {client.remote}", start)


class _Export:
    """A stream for :mod:`_transfer`."""

    def __init__(self, body: t.Any) -> None:
        self.body = body
        self.headers: t.Mapping[str, str] = body.headers
        length, said = self.headers.get("Content-Length"), self.headers.get("Content-Range") or ""
        self.start = int(said.removeprefix("bytes ").partition("-")[0]) if body.status == 206 else 0
        self.total = self.start + int(length) if length else None

    def read(self) -> bytes:
        try:
            return self.body.read()
        except Unreachable as error:
            raise _transfer.Interrupted(str(error)) from None

    def close(self) -> None:
        self.body.close()


def _secret(server: Remote, fingerprint: str) -> str:
    """With it another server may fetch the private image once."""
    with Client(server) as client:
        reply = client.start(Request("POST", ("images", fingerprint, "secret")))
        return (reply.operation or {})["metadata"]["secret"]


def _certificate(server: Remote) -> str | None:
    """The pinned certificate as PEM, which another server needs in order to trust this one."""
    if server.server_cert:
        return _text(server.server_cert)
    if not server.server_fingerprint:
        return None
    try:
        pem = ssl.get_server_certificate(server.address, timeout=server.connect_timeout)
    except OSError as error:
        raise Unreachable(f"No answer from {server}: {error}") from error
    shown = fingerprint_of(pem)
    if shown != server.server_fingerprint:
        raise UntrustedServer(f"The server at {server} is not the one that was pinned: its certificate has the fingerprint {shown}")
    return pem


def _text(path: str | None) -> str:
    with open(path or "", encoding="ascii") as text:
        return text.read()


def _fetch(
    sources: t.Sequence[_transfer.Source], directory: str, policy: Policy, progress: Progress, virtual_machine: bool | None = None
) -> Delivery:
    """One file, or metadata and root, into ``directory``."""
    paths = [os.path.join(directory, name) for name in ("metadata", "rootfs")[:len(sources)]]
    receipts: list[_transfer.Receipt] = []
    for source, path in zip(sources, paths):
        tell = _share(sources, len(receipts), progress)
        receipts.append(_transfer.download(source, path, policy, tell))
    parts = [_image_files.Part.whole(path, os.path.basename(source.name)) for source, path in zip(sources, paths)]
    disk = virtual_machine if virtual_machine is not None else len(parts) > 1 and _image_files.is_disk(paths[1])
    files = Files(parts[0], parts[1] if len(parts) > 1 else None, virtual_machine=disk)
    fingerprint = files.fingerprint() if len(parts) > 1 else receipts[0].sha256
    return Delivery(files, fingerprint, sum(each.received for each in receipts), sum(each.attempts for each in receipts))


def _share(sources: t.Sequence[_transfer.Source], number: int, progress: Progress) -> Progress:
    """How far one of several downloads is, as how far all are; only the last one tells where the sizes are not known."""
    sizes = [source.size or 0 for source in sources]
    if not all(sizes):
        sizes = [0] * (len(sources) - 1) + [1]
    before, whole = sum(sizes[:number]), sum(sizes)

    def tell(text: str, fraction: float | None) -> None:
        known = fraction is not None and sizes[number]
        progress(text, (before + (fraction or 0.0) * sizes[number]) / whole if known else None)

    return tell
