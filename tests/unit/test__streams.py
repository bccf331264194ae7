# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a simplestreams index offers, and which image of it is meant."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _streams
from ansible_collections.fleet.lxd.plugins.module_utils._errors import NotFound, TransferFailed

BASE = "https://images.example.org"


def item(ftype: str, sha256: str, **more: t.Any) -> dict[str, t.Any]:
    return {"ftype": ftype, "path": f"images/{sha256}.{ftype}", "sha256": sha256, "size": 10, **more}


def product(arch: str = "amd64", **versions: dict[str, t.Any]) -> dict[str, t.Any]:
    return {
        "aliases": "debian/12/default, debian/12",
        "arch": arch,
        "os": "Debian",
        "release": "bookworm",
        "versions": {version.lstrip("v"): {"items": items} for version, items in versions.items()},
    }


def both(mark: str) -> dict[str, t.Any]:
    """A version with a container and a virtual machine, for both kinds of server."""
    rest = "0" * 62
    sums = {
        "combined_squashfs_sha256": f"c{mark}{rest}",
        "combined_rootxz_sha256": "x" * 64,
        "combined_disk-kvm-img_sha256": f"d{mark}{rest}",
    }
    return {
        "lxd.tar.xz": item("lxd.tar.xz", f"ml{mark}", **sums),
        "incus.tar.xz": item("incus.tar.xz", f"mi{mark}", **sums),
        "root.tar.xz": item("root.tar.xz", f"x{mark}"),
        "root.squashfs": item("squashfs", f"s{mark}"),
        "disk.qcow2": item("disk-kvm.img", f"q{mark}"),
        "delta": item("squashfs.vcdiff", f"v{mark}"),
    }


def read(products: t.Mapping[str, t.Any], kind: str = "lxd") -> list[_streams.Image]:
    offered = {"datatype": "image-downloads", "path": "streams/v1/images.json"}
    index = {"index": {"images": offered, "other": {"datatype": "ids", "path": "x"}}}
    documents = {f"{BASE}/streams/v1/index.json": index, f"{BASE}/streams/v1/images.json": {"products": products}}
    return _streams.read(BASE + "/", documents.__getitem__, kind)


def test_images_of_a_product() -> None:
    images = read({"p": product(v20230101_1=both("1"), v20240101_1=both("2"))})
    assert [(image.version, image.type, image.fingerprint[:2]) for image in images] == [
        ("20240101_1", "container", "c2"),
        ("20240101_1", "virtual-machine", "d2"),
        ("20230101_1", "container", "c1"),
        ("20230101_1", "virtual-machine", "d1"),
    ]
    newest = images[0]
    assert newest.aliases == ("debian/12/default", "debian/12")
    assert images[2].aliases == ()
    assert newest.architecture == "x86_64"
    assert newest.metadata == _streams.Item(f"{BASE}/images/ml2.lxd.tar.xz", "ml2", 10)
    assert newest.root == _streams.Item(f"{BASE}/images/s2.squashfs", "s2", 10)
    assert newest.size == 20
    assert newest.described()["created_at"] == "2024-01-01T00:00:00Z"


def test_each_kind_of_server_takes_its_own_metadata() -> None:
    assert read({"p": product(v1=both("1"))}, "incus")[0].metadata.sha256 == "mi1"
    only_lxd = {name: entry for name, entry in both("1").items() if name != "incus.tar.xz"}
    assert read({"p": product(v1=only_lxd)}, "incus")[0].metadata.sha256 == "ml1"
    only_incus = {name: entry for name, entry in both("1").items() if name != "lxd.tar.xz"}
    assert read({"p": product(v1=only_incus)}, "lxd") == []


def test_a_unified_tarball() -> None:
    images = read({"p": product(v1={"lxd_combined.tar.gz": item("lxd_combined.tar.gz", "u" * 64)})})
    assert [(image.fingerprint, image.root) for image in images] == [("u" * 64, None)]


@pytest.mark.parametrize("index", [{}, [], {"index": []}, {"index": {"x": {"datatype": "image-downloads"}}}, "text"])
def test_no_index(index: t.Any) -> None:
    with pytest.raises(TransferFailed, match="is not an image server: its simplestreams index cannot be read"):
        _streams.read(BASE, lambda _url: index, "lxd")


IMAGES = read({"a": product(v1=both("1"), v2=both("2")), "b": product("arm64", v2=both("3"))})


@pytest.mark.parametrize(
    ("wanted", "architectures", "image_type", "fingerprint"),
    [
        ("debian/12", ["x86_64", "i686"], None, "c2"),
        ("debian/12/default", ["x86_64"], "virtual-machine", "d2"),
        ("debian/12", ["aarch64", "x86_64"], None, "c3"),
        ("debian/12/arm64", ["x86_64", "aarch64"], None, "c3"),
        ("c1" + "0" * 62, ["x86_64"], None, "c1"),
        ("d1" + "0" * 10, ["x86_64"], None, "d1"),
    ],
)
def test_choice(wanted: str, architectures: list[str], image_type: str | None, fingerprint: str) -> None:
    assert _streams.choose(IMAGES, wanted, architectures, image_type, BASE).fingerprint[:2] == fingerprint


@pytest.mark.parametrize(
    ("wanted", "architectures", "image_type", "says"),
    [
        ("debian/12", ["s390x"], None, "no image 'debian/12' for s390x, only for aarch64, x86_64"),
        ("debian/13", ["x86_64"], None, "no image 'debian/13'; it has debian/12/default"),
        ("fedora", ["x86_64"], None, "no image 'fedora' among the 6 that it offers"),
        ("c1", ["x86_64"], None, "no image 'c1'"),
    ],
)
def test_no_choice(wanted: str, architectures: list[str], image_type: str | None, says: str) -> None:
    with pytest.raises(NotFound, match=says):
        _streams.choose(IMAGES, wanted, architectures, image_type, BASE)


def test_no_choice_of_that_type() -> None:
    containers = [image for image in IMAGES if image.type == "container"]
    with pytest.raises(NotFound, match="of type virtual-machine, only of type container"):
        _streams.choose(containers, "debian/12", ["x86_64"], "virtual-machine", BASE)
