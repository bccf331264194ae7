# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a simplestreams server offers: its index as images, and the choice of one of them."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t
import urllib.parse

from ._errors import NotFound, TransferFailed

# Reads the JSON at an address.
Fetch = t.Callable[[str], t.Any]

_ARCHITECTURES: t.Mapping[str, str] = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "armhf": "armv7l",
    "armel": "armv6l",
    "i386": "i686",
    "powerpc": "ppc",
    "ppc64el": "ppc64le",
}

# Root files by file type, the better ones first: (image type, where the item with the metadata tells the fingerprint of both).
_ROOTS: t.Mapping[str, tuple[str, tuple[str, ...]]] = {
    "squashfs": ("container", ("combined_squashfs_sha256",)),
    "root.tar.xz": ("container", ("combined_rootxz_sha256", "combined_sha256")),
    "disk-kvm.img": ("virtual-machine", ("combined_disk-kvm-img_sha256",)),
    "uefi1.img": ("virtual-machine", ("combined_uefi1-img_sha256",)),
    "disk1.img": ("virtual-machine", ("combined_disk1-img_sha256",)),
}
_METADATA: t.Mapping[str, tuple[str, ...]] = {"lxd": ("lxd.tar.xz",), "incus": ("incus.tar.xz", "lxd.tar.xz")}


@dataclasses.dataclass(frozen=True)
class Item:
    """A file on the server."""

    url: str
    sha256: str
    size: int | None


@dataclasses.dataclass(frozen=True)
class Image:
    """``root`` is None for a unified tarball. ``version`` is the stream's serial, such as ``20231114_0000``."""

    fingerprint: str
    aliases: tuple[str, ...]
    architecture: str
    type: str
    version: str
    properties: t.Mapping[str, str]
    metadata: Item
    root: Item | None = None

    @property
    def size(self) -> int:
        return (self.metadata.size or 0) + ((self.root.size or 0) if self.root else 0)

    def described(self) -> dict[str, t.Any]:
        """With the fields that the API gives an image."""
        return {
            "aliases": [{"name": name, "description": ""} for name in self.aliases],
            "architecture": self.architecture,
            "created_at": _created(self.version),
            "fingerprint": self.fingerprint,
            "properties": dict(self.properties),
            "public": True,
            "size": self.size,
            "type": self.type,
        }


def read(server: str, fetch: Fetch, kind: str) -> list[Image]:
    """All images that a server of this ``kind`` (``lxd``, ``incus``) can use, the newest version of each product first.

    :raises TransferFailed: for what is no simplestreams index, and what ``fetch`` raises.
    """
    base = server.rstrip("/") + "/"
    index = fetch(base + "streams/v1/index.json")
    try:
        paths = [entry["path"] for entry in index["index"].values() if entry.get("datatype") == "image-downloads"]
        found: list[Image] = []
        for path in paths:
            for product in fetch(urllib.parse.urljoin(base, path))["products"].values():
                found += _images(base, product, kind)
        return found
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise TransferFailed(f"{server} is not an image server: its simplestreams index cannot be read ({error!r})") from None


def choose(images: t.Iterable[Image], wanted: str, architectures: t.Sequence[str], image_type: str | None, server: str) -> Image:
    """The image with this alias (or fingerprint, of which 12 digits are enough), of the first architecture that there is.

    :param image_type: ``container`` (meant by None, unless a fingerprint is wanted) or ``virtual-machine``.
    :raises NotFound: naming what there is instead.
    """
    images = list(images)
    exact = [image for image in images if len(wanted) >= 12 and image.fingerprint.startswith(wanted)]
    if exact:
        return exact[0]
    named = [image for image in images if wanted in _names(image)]
    typed = [image for image in named if image.type == (image_type or "container")]
    for architecture in architectures:
        for image in typed:
            if image.architecture == architecture:
                return image
    raise NotFound(f"{server} has no image {wanted!r}{_instead(images, named, typed, wanted, image_type, architectures)}")


def _instead(
    images: list[Image], named: list[Image], typed: list[Image], wanted: str, image_type: str | None, architectures: t.Sequence[str]
) -> str:
    if typed:
        return f" for {' or '.join(architectures)}, only for {_listed(image.architecture for image in typed)}"
    if named:
        return f" of type {image_type or 'container'}, only of type {_listed(image.type for image in named)}"
    word = wanted.partition("/")[0].lower()
    near = [name for image in images for name in image.aliases[:1] if word and word in name.lower()]
    return f"; it has {_listed(near[:5])}" if near else f" among the {len(images)} that it offers"


def _listed(words: t.Iterable[str]) -> str:
    return ", ".join(sorted(set(words)))


def _names(image: Image) -> set[str]:
    """Both servers' clients take ``alias/architecture`` too."""
    debian = next((name for name, kernel in _ARCHITECTURES.items() if kernel == image.architecture), image.architecture)
    return {*image.aliases, *(f"{alias}/{debian}" for alias in image.aliases)}


def _images(base: str, product: t.Mapping[str, t.Any], kind: str) -> t.Iterator[Image]:
    """Only the newest of each type bears the aliases."""
    named: set[str] = set()
    for version in sorted(product.get("versions", {}), reverse=True):
        items = {item.get("ftype"): item for item in product["versions"][version].get("items", {}).values()}
        for image_type, fingerprint, metadata, root in _usable(items, kind):
            names = "" if image_type in named else product.get("aliases") or ""
            named.add(image_type)
            yield _image(base, {**product, "aliases": names}, version, fingerprint, image_type, metadata, root)


_Item = t.Mapping[str, t.Any]


def _usable(items: t.Mapping[str, _Item], kind: str) -> t.Iterator[tuple[str, str, _Item, _Item | None]]:
    """Of one version, the best of each type: (type, fingerprint, metadata, root)."""
    seen: set[str] = set()
    metadata = next((items[name] for name in _METADATA[kind] if name in items), None)
    for ftype, (image_type, keys) in _ROOTS.items():
        fingerprint = next((metadata[key] for key in keys if metadata.get(key)), None) if metadata else None
        if metadata and fingerprint and ftype in items and image_type not in seen:
            seen.add(image_type)
            yield image_type, fingerprint, metadata, items[ftype]
    unified = items.get(f"{kind}_combined.tar.gz")
    if unified and "container" not in seen:
        yield "container", unified["sha256"], unified, None


def _image(
    base: str,
    product: t.Mapping[str, t.Any],
    version: str,
    fingerprint: str,
    image_type: str,
    metadata: t.Mapping[str, t.Any],
    root: t.Mapping[str, t.Any] | None,
) -> Image:
    names = tuple(name.strip() for name in (product.get("aliases") or "").split(",") if name.strip())
    architecture = product.get("arch", "")
    properties = {key: str(product[key]) for key in ("os", "release", "variant") if product.get(key)}
    title = product.get("release_title") or product.get("release") or ""
    description = " ".join(word for word in (product.get("os"), title, architecture, f"({version})") if word)
    return Image(
        fingerprint=fingerprint,
        aliases=names,
        architecture=_ARCHITECTURES.get(architecture, architecture),
        type=image_type,
        version=version,
        properties={**properties, "architecture": architecture, "serial": version, "description": description},
        metadata=_item(base, metadata),
        root=_item(base, root) if root else None,
    )


def _item(base: str, item: t.Mapping[str, t.Any]) -> Item:
    return Item(urllib.parse.urljoin(base, item["path"]), item["sha256"], item.get("size"))


def _created(version: str) -> str | None:
    try:
        return datetime.datetime.strptime(version[:8], "%Y%m%d").strftime("%Y-%m-%dT00:00:00Z")
    except ValueError:
        return None
