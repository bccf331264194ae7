# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images: their files and uploads, what a task wishes of them, and the ways on which they come."""

from __future__ import annotations

import errno
import hashlib
import os
import pathlib
import types
import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import (
    _image_files,
    _image_import,
    _image_options,
    _image_sources,
    _images,
    _transfer,
)
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, TransferFailed
from ansible_collections.fleet.lxd.plugins.module_utils._image_files import Files, Part, Upload
from ansible_collections.fleet.lxd.plugins.module_utils._resources import image
from ansible_collections.fleet.lxd.plugins.module_utils._transfer import Policy


def silent(_text: str, _fraction: float | None = None) -> None:
    pass


@pytest.fixture
def split(tmp_path: pathlib.Path) -> Files:
    (tmp_path / "meta.tar.xz").write_bytes(b"metadata \r\n--- with lines\r\n\r\n")
    (tmp_path / "root file.squashfs").write_bytes(bytes(range(256)) * 3000)
    return _image_files.local(str(tmp_path / "meta.tar.xz"), str(tmp_path / "root file.squashfs"))


# --- files


def test_fingerprint_of_both_files(split: Files) -> None:
    content = b"".join(block for part in split.parts for block in part.blocks())
    assert split.fingerprint() == hashlib.sha256(content).hexdigest()
    assert split.size == len(content)


def test_an_upload_is_what_an_export_reads(split: Files, tmp_path: pathlib.Path) -> None:
    upload = Upload(split, silent)
    body = tmp_path / "body"
    body.write_bytes(b"".join(upload))
    assert len(upload) == body.stat().st_size
    assert b"".join(upload) == body.read_bytes(), "it can be sent again"
    files = _image_files.exported(str(body), {"Content-Type": upload.content_type})
    assert files.fingerprint() == split.fingerprint()
    assert [part.name for part in files.parts] == ["meta.tar.xz", "root_file.squashfs"]
    assert not files.virtual_machine


def test_disks_are_told_apart(tmp_path: pathlib.Path) -> None:
    (tmp_path / "meta").write_bytes(b"m")
    (tmp_path / "disk").write_bytes(b"QFI\xfb...")
    files = _image_files.local(str(tmp_path / "meta"), str(tmp_path / "disk"))
    assert files.virtual_machine
    assert b'name="rootfs.img"' in b"".join(Upload(files, silent))


def test_a_unified_tarball_is_sent_as_it_is(tmp_path: pathlib.Path) -> None:
    (tmp_path / "image.tar").write_bytes(b"content")
    upload = Upload(_image_files.local(str(tmp_path / "image.tar"), None), silent)
    assert b"".join(upload) == b"content" and len(upload) == 7
    assert upload.content_type == "application/octet-stream"
    headers = {"Content-Type": "application/octet-stream", "Content-Disposition": 'inline;filename="../abc.tar.xz"'}
    assert _image_files.exported(str(tmp_path / "image.tar"), headers).metadata.name == "abc.tar.xz"


@pytest.mark.parametrize("cut", [40, 200, -20])
def test_half_an_export(split: Files, tmp_path: pathlib.Path, cut: int) -> None:
    upload = Upload(split, silent)
    body = tmp_path / "body"
    body.write_bytes(b"".join(upload)[:cut])
    with pytest.raises(TransferFailed):
        _image_files.exported(str(body), {"Content-Type": upload.content_type})


def test_files_that_are_none(tmp_path: pathlib.Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(InvalidOption, match="source.path: .*there is no such file"):
        _image_files.local(str(tmp_path / "nothing"), None)
    with pytest.raises(InvalidOption, match="source.path: .*the file is empty"):
        _image_files.local(str(tmp_path / "empty"), None)


def test_a_mark_across_two_blocks(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_image_files, "BLOCK", 4)
    (tmp_path / "f").write_bytes(b"abcdefMARKxyz")
    with open(tmp_path / "f", "rb") as file:
        assert [_image_files._find(file, b"MARK", start) for start in (0, 3, 6, 7)] == [6, 6, 6, -1]


def test_part_of_a_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "f").write_bytes(b"0123456789")
    assert b"".join(Part(str(tmp_path / "f"), "f", 3, 4).blocks()) == b"3456"


# --- wishes


def wish(**given: t.Any) -> dict[str, t.Any]:
    return _images.wished_fields({**dict.fromkeys(_images.FIELDS), **given})


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2031-01-01", "2031-01-01T00:00:00Z"),
        ("2031-01-01T02:00:00+02:00", "2031-01-01T00:00:00Z"),
        ("2031-01-01T00:00:00.123456789Z", "2031-01-01T00:00:00Z"),
        ("never", "1970-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    ],
)
def test_when_an_image_expires(text: str, moment: str) -> None:
    assert wish(expires_at=text) == {"expires_at": moment}


def test_a_time_that_is_none() -> None:
    with pytest.raises(InvalidOption, match="expires_at: 'tomorrow' is not valid"):
        wish(expires_at="tomorrow")


def test_properties_are_merged() -> None:
    current = {"os": "Debian", "old": "1", "same": "x"}
    merged = _images._properties(current, {"old": None, "new": True, "count": 3})
    assert merged == {"os": "Debian", "same": "x", "new": "true", "count": "3"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"type": "file"}, "needs path"),
        ({"type": "remote", "remote": "a", "server": "b", "alias": "c"}, "needs one of remote and server"),
        ({"type": "remote", "remote": "a"}, "needs one of alias and fingerprint"),
        ({"type": "url", "url": "http://x", "path": "/y"}, "source.path: '/y' is not valid: it does not go with a source of type url"),
        ({"type": "snapshot", "name": "c1"}, "expected instance/snapshot"),
        ({"type": "remote", "remote": "images", "alias": ""}, "source.alias: '' is not valid: expected a name"),
        ({"type": "instance", "name": ""}, "source.name: '' is not valid: expected a name"),
    ],
)
def test_sources_that_are_none(given: dict[str, t.Any], says: str) -> None:
    with pytest.raises(InvalidOption, match=says):
        _image_options.check_source(given)


def test_an_alias_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidOption, match="^aliases: '' is not valid: expected a name"):
        _image_options.check({"state": "absent", "fingerprint": None, "source": None, "aliases": ["a", ""]})


@pytest.mark.parametrize("option", ["alias", "fingerprint"])
def test_a_list_of_what_has_no_name_is_refused(option: str) -> None:
    params = {**dict.fromkeys(image.IMAGE_INFO.options), option: ""}
    with pytest.raises(InvalidOption, match=f"^{option}: '' is not valid: expected a name"):
        image.IMAGE_INFO.run(params, t.cast(t.Any, None))


@pytest.mark.parametrize(
    "given",
    [{"type": "file", "path": "/x", "rootfs": "/y"}, {"type": "remote", "remote": "images", "alias": "x", "image_type": "container"}],
)
def test_sources(given: dict[str, t.Any]) -> None:
    _image_options.check_source({**given, "name": None})


@pytest.mark.parametrize(
    ("options", "says"),
    [({"timeout": 0.0}, "timeout: 0.0"), ({"stall_timeout": -1.0}, "stall_timeout: -1.0"), ({"retries": -1}, "retries: -1")],
)
def test_patience_that_is_none(options: dict[str, t.Any], says: str) -> None:
    with pytest.raises(InvalidOption, match=says):
        _images.policy({"stall_timeout": 30.0, "retries": 5, "timeout": None, **options})


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ((10, 90), [(0, 0.5, 0.05), (1, 0.5, 0.55)]),
        ((None, None), [(0, 0.5, None), (1, 0.5, 0.5)]),
        ((7,), [(0, 0.5, 0.5), (0, None, None)]),
    ],
)
def test_progress_of_several_downloads(sizes: t.Sequence[int | None], told: list[tuple[int, float | None, float | None]]) -> None:
    sources = [_transfer.Source("file", t.cast("t.Any", None), size=size) for size in sizes]
    seen: list[float | None] = []
    for number, fraction, _all in told:
        _image_sources._share(sources, number, lambda _text, each: seen.append(each))("text", fraction)
    assert seen == [pytest.approx(each) for _number, _fraction, each in told]


# --- ways


def offer(server: str | None) -> _image_sources.Offer:
    pull = (lambda _by_alias: {"server": server}) if server else None
    return _image_sources.Offer("image", "f" * 64, lambda *_arguments: None, pull)


@pytest.mark.parametrize(
    ("transfer", "server", "socket", "auto_update", "ways"),
    [
        ("auto", "https://images", None, False, ("pull", "relay")),
        ("auto", "https://images", "/socket", False, ("relay",)),
        ("auto", "http://images", None, False, ("relay",)),
        ("auto", "https://images", "/socket", True, ("pull", "relay")),
        ("auto", None, None, False, ("relay",)),
        ("pull", "http://images", "/socket", False, ("pull",)),
        ("relay", "https://images", None, True, ("relay",)),
        ("pull", None, None, False, ("pull",)),
    ],
)
def test_ways(transfer: str, server: str | None, socket: str | None, auto_update: bool, ways: tuple[str, ...]) -> None:
    client = types.SimpleNamespace(remote=types.SimpleNamespace(socket=socket))
    assert _image_import.ways(transfer, offer(server), client, auto_update) == ways


def test_one_lock_at_a_time_and_none_left(tmp_path: pathlib.Path) -> None:
    order = _image_import.Order(types.SimpleNamespace(), Policy(), silent, silent)
    with _image_import._one_at_a_time("image server", str(tmp_path), "image", order):
        (path,) = tmp_path.iterdir()
        assert _image_import._locked(str(path)) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EACCES])
def test_a_directory_that_cannot_take_an_image_is_told(tmp_path: pathlib.Path, fault: int) -> None:
    def relay(_directory: str, _policy: Policy, _progress: t.Any) -> t.NoReturn:
        raise OSError(fault, os.strerror(fault))

    client = types.SimpleNamespace(get=lambda *_path: None, remote="here")
    named = f"^tmp_dir: cannot keep far:a in {tmp_path}: "
    for directory, says in ((str(tmp_path), named), (None, "^Cannot keep far:a in the directory for temporary files: ")):
        order = _image_import.Order(client, Policy(), silent, silent, directory=directory)
        with pytest.raises(TransferFailed, match=says + f"{os.strerror(fault)}"):
            _image_import.bring(_image_sources.Offer("far:a", "f" * 64, relay), order)


def test_a_directory_for_images_that_is_not_there_is_told(tmp_path: pathlib.Path) -> None:
    order = _image_import.Order(types.SimpleNamespace(remote="here"), Policy(), silent, silent, directory=str(tmp_path / "gone"))
    with pytest.raises(TransferFailed, match=f"^tmp_dir: cannot keep far:a in {tmp_path}/gone: No such file or directory$"):
        _image_import.bring(_image_sources.Offer("far:a", "f" * 64, lambda *_arguments: None), order)


def watch(size: int = 0, stall: float = 30) -> tuple[_image_import._Watch, list[str]]:
    about = _image_sources.Offer("image", None, lambda *_arguments: None, about={"size": size})
    told: list[str] = []
    order = _image_import.Order(types.SimpleNamespace(), Policy(stall=stall), lambda text, _fraction: told.append(text), silent)
    return _image_import._Watch(about, order), told


def state(told: str) -> dict[str, t.Any]:
    return {"status_code": 103, "metadata": {"download_progress": told}}


def test_a_pull_that_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(_image_import.time, "monotonic", lambda: clock[0])
    watching, told = watch()
    for percent in range(1, 5):
        clock[0] += 29
        watching(state(f"rootfs: {percent}% (1.00MB/s)"))
    assert told[-1] == "image: rootfs (1.00MB/s)"
    clock[0] += 31
    with pytest.raises(TransferFailed, match="nothing came for 30 s after 'rootfs: 4% "):
        watching(state("rootfs: 4% (1.00MB/s)"))


def test_a_large_image_may_take_longer_for_a_per_cent() -> None:
    assert watch(size=0)[0].patience == 30
    assert watch(size=500 * 1024**2)[0].patience == pytest.approx(320)


@pytest.mark.parametrize(("text", "fraction"), [("rootfs: 51% (12.30MB/s)", 0.51), ("metadata: 100% (1.2GB/s)", 1.0), ("", None)])
def test_how_far_a_server_is(text: str, fraction: float | None) -> None:
    assert _image_import._fraction(text) == fraction
