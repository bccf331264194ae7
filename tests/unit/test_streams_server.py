# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simplestreams server of the tests fails in the way that it is asked to, and in no other."""

from __future__ import annotations

import hashlib
import http.client
import json
import pathlib
import ssl
import time
import typing as t

import pytest

from tests.daemon import certificates, streams

META, ROOTFS = b"meta " * 40, bytes(range(256)) * 40
FILE = "images/tiny.squashfs"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[streams.Server]:
    directory = tmp_path_factory.mktemp("image")
    (directory / "meta.tar.xz").write_bytes(META)
    (directory / "rootfs.squashfs").write_bytes(ROOTFS)
    pair = certificates.make(pathlib.Path(tmp_path_factory.mktemp("web")), "streams")
    with streams.serving({"tiny": directory}, pair) as served:
        yield served


def fetch(server: streams.Server, path: str, timeout: float = 2, **headers: str) -> tuple[int, t.Mapping[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=timeout)
    try:
        connection.request("GET", f"/{path}", headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def test_the_index_describes_the_image(server: streams.Server) -> None:
    product = next(iter(json.loads(fetch(server, "ok/streams/v1/images.json")[2])["products"].values()))
    items = product["versions"]["20231114_0000"]["items"]
    for kind in ("lxd.tar.xz", "incus.tar.xz"):
        assert items[kind]["combined_squashfs_sha256"] == hashlib.sha256(META + ROOTFS).hexdigest()
    assert fetch(server, "ok/" + items["rootfs.squashfs"]["path"])[2] == ROOTFS


def test_https_on_the_same_port(server: streams.Server) -> None:
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", server.server_address[1], context=context, timeout=2)
    connection.request("GET", f"/404-h/{FILE}")
    assert connection.getresponse().read() == ROOTFS
    connection.close()
    assert fetch(server, f"404-h/{FILE}")[0] == 404


@pytest.mark.parametrize("fault", ["trunc", "reset", "break1000"])
def test_cut(server: streams.Server, fault: str) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        fetch(server, f"{fault}/{FILE}")


def test_cut_with_no_length(server: streams.Server) -> None:
    assert fetch(server, f"truncclose/{FILE}")[2] == ROOTFS[:len(ROOTFS) // 2]


@pytest.mark.parametrize("fault", ["stall", "hdrstall"])
def test_silence(server: streams.Server, fault: str) -> None:
    with pytest.raises(TimeoutError):
        fetch(server, f"{fault}/{FILE}", timeout=0.3)


def test_slow(server: streams.Server) -> None:
    started = time.monotonic()
    assert fetch(server, f"slow20/{FILE}")[2] == ROOTFS
    assert time.monotonic() - started > len(ROOTFS) / 20 / 1024 / 2


def test_wrong_bytes(server: streams.Server) -> None:
    data = fetch(server, f"badsha/{FILE}")[2]
    assert data[:-1] == ROOTFS[:-1] and data != ROOTFS


def test_it_recovers_after_as_many_requests_as_told(server: streams.Server) -> None:
    assert [fetch(server, f"503x2@recovers/{FILE}")[0] for _number in range(4)] == [503, 503, 200, 200]


@pytest.mark.parametrize(("fault", "status", "body"), [("idx404", 404, b"not here\n"), ("idxhtml", 200, b"<html>")])
def test_faults_of_the_index_leave_files_alone(server: streams.Server, fault: str, status: int, body: bytes) -> None:
    found = fetch(server, f"{fault}/streams/v1/index.json")
    assert found[0] == status and found[2].startswith(body)
    assert fetch(server, f"{fault}/{FILE}")[2] == ROOTFS


def test_who_asks_for_the_rest_gets_through(server: streams.Server) -> None:
    status, headers, data = fetch(server, f"break4000/{FILE}", Range=f"bytes={len(ROOTFS) - 4000}-")
    assert (status, data) == (206, ROOTFS[-4000:])
    assert headers["Content-Range"] == f"bytes {len(ROOTFS) - 4000}-{len(ROOTFS) - 1}/{len(ROOTFS)}"
    assert fetch(server, f"ok/{FILE}", Range=f"bytes={len(ROOTFS)}-")[0] == 416


def test_a_server_that_knows_no_ranges(server: streams.Server) -> None:
    status, headers, data = fetch(server, f"norange-ok/{FILE}", Range="bytes=5-")
    assert (status, data, headers.get("Accept-Ranges")) == (200, ROOTFS, None)


def test_an_image_by_its_headers(server: streams.Server) -> None:
    _status, headers, _data = fetch(server, "ok/direct/rootfs.squashfs")
    assert headers["LXD-Image-Hash"] == headers["Incus-Image-Hash"] == hashlib.sha256(ROOTFS).hexdigest()
    assert headers["LXD-Image-URL"].endswith("/ok/files/rootfs.squashfs")


def test_requests_are_remembered(server: streams.Server) -> None:
    fetch(server, f"ok@remembered/{FILE}", Range="bytes=5-")
    told = json.loads(fetch(server, "_requests?prefix=/ok@remembered/")[2])
    assert [(entry["path"], entry["range"], entry["status"]) for entry in told] == [(f"/ok@remembered/{FILE}", "bytes=5-", 206)]
