# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images over lines that fail: each fault, each way of transfer, both kinds of server. What the user sees, and when.

A table of it is written to the file that ``FLEET_FAULT_TABLE`` names.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import io
import os
import pathlib
import re
import tarfile
import threading
import time
import typing as t
import uuid

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleet.lxd.plugins.module_utils._client import Client
from ansible_collections.fleet.lxd.plugins.module_utils._errors import LxdError
from ansible_collections.fleet.lxd.plugins.module_utils._job import perform
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Request
from ansible_collections.fleet.lxd.plugins.module_utils._options import Remote
from ansible_collections.fleet.lxd.plugins.module_utils._resources.image import IMAGE
from tests.daemon import certificates, streams

if t.TYPE_CHECKING:
    from tests.faults.conftest import Server

STALL = 1.0
# The longest that any task here may take.
BOUND = 12.0

# (fault, what a relay ends in, what a pull ends in): None is success, all else is found in the one sentence that the user sees.
FAULTS = (
    ("ok", None, None),
    ("trunc", None, "could not fetch .*unexpected EOF"),
    ("truncclose", None, "could not fetch .*Hash mismatch"),
    ("reset", None, "could not fetch .*(connection reset by peer|unexpected EOF)"),
    ("break300000", None, "could not fetch .*(connection reset by peer|unexpected EOF)"),
    ("stall", None, "could not fetch .*: nothing came for 1 s after 'rootfs: 5[01]% "),
    ("hdrstall", "Cannot fetch .*: nothing came for 1 s; 2 tries", "could not fetch .*: nothing came for 1 s"),
    ("slow400", None, None),
    ("badsha", "has the sha256 .* was announced; it was fetched twice", "could not fetch .*Hash mismatch"),
    ("404", "Cannot fetch .*: HTTP 404", "could not fetch .*(404|not found)"),
    ("503", "Cannot fetch .*: HTTP 503 .*; 2 tries", "could not fetch .*503"),
    ("503x1", None, None),
    ("html", r"is \d+ bytes long \(a web page\), and \d+ bytes were announced", "could not fetch .*"),
    ("norange-trunc", "Cannot fetch .*: the connection ended early; 3 tries", "could not fetch .*unexpected EOF"),
    ("idx404", "index.json: HTTP 404", "index.json: HTTP 404"),
    ("idxhtml", "index.json is not JSON", "index.json is not JSON"),
    ("idxtrunc", None, "could not fetch .*Failed parsing stream: unexpected EOF"),
)


@dataclasses.dataclass(frozen=True)
class Seen:
    """How a task ended: ``failure`` is the sentence, None for success."""

    failure: str | None
    result: t.Mapping[str, t.Any]
    warnings: t.Sequence[str]
    seconds: float


@dataclasses.dataclass(frozen=True)
class Stage:
    """An image that nobody else has, offered by a server of its own, for one server under test."""

    server: Server
    options: t.Mapping[str, t.Any]
    web: streams.Server
    cert: str
    fingerprint: str
    files: pathlib.Path
    alias: str

    def run(self, transfer: str, fault: str, scheme: str = "http", remote: bool = False, **more: t.Any) -> Seen:
        """The task, with short patience. ``remote``: reach the server by https."""
        source = {"type": "remote", "server": f"{self.web.url(scheme)}/{fault}", "alias": "busybox"}
        if scheme == "https":
            source["server_cert"] = self.cert
        return self.task(remote, source=source, transfer=transfer, **more)

    def upload(self) -> Seen:
        return self.task(False, source={"type": "file", "path": f"{self.files}/meta.tar.xz", "rootfs": f"{self.files}/rootfs.squashfs"})

    def task(self, remote: bool, **wish: t.Any) -> Seen:
        connection = self.options if remote else {"url": self.server.url}
        given = {**connection, "aliases": [self.alias], "stall_timeout": STALL, "retries": 1, **wish}
        params = ArgumentSpecValidator(IMAGE.argument_spec, **IMAGE.argument_rules).validate(given).validated_parameters
        warnings: list[str] = []
        began = time.monotonic()
        try:
            result, failure = perform(IMAGE, params, False, warnings.append), None
        except LxdError as error:
            result, failure = {}, str(error)
        return Seen(failure, result, warnings, time.monotonic() - began)

    @contextlib.contextmanager
    def client(self) -> t.Iterator[Client]:
        with Client(Remote(socket=self.server.url.removeprefix("unix:"))) as client:
            yield client

    def whole(self) -> bool:
        """Whether alias, record and content are there, and are right."""
        with self.client() as client:
            alias = client.get("images", "aliases", self.alias)
            if alias is None or alias.metadata["target"] != self.fingerprint:
                return False
            body = client.download(Request("GET", ("images", self.fingerprint, "export")))
            content = b"".join(iter(body.read, b""))
            return all((self.files / name).read_bytes() in content for name in ("meta.tar.xz", "rootfs.squashfs"))

    def nothing(self) -> bool:
        """Whether there is neither alias nor record."""
        with self.client() as client:
            return client.get("images", "aliases", self.alias) is None and client.get("images", self.fingerprint) is None

    def clean(self) -> None:
        with self.client() as client:
            if client.get("images", self.fingerprint):
                client.send(Request("DELETE", ("images", self.fingerprint)))


class Table:
    """Rows for people."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, str, float]] = []

    def note(self, fault: str, transfer: str, kind: str, seen: Seen) -> None:
        self.rows.append((fault, transfer, kind, seen.failure or f"success ({_how(seen)})", seen.seconds))

    def text(self) -> str:
        head = "| fault | transfer | server | what the user sees | seconds |\n| --- | --- | --- | --- | --- |\n"
        return head + "".join(f"| {row[0]} | {row[1]} | {row[2]} | {_plain(row[3])} | {row[4]:.1f} |\n" for row in sorted(self.rows))


def _how(seen: Seen) -> str:
    attempts = seen.result.get("attempts", 0)
    tries = f", {attempts} downloads" if seen.result.get("bytes") else ""
    return f"{seen.result.get('transfer')}{tries}{', with a warning' if seen.warnings else ''}"


def _plain(text: str) -> str:
    text = re.sub(r"[0-9a-f]{64}", lambda match: match[0][:12], text)
    return re.sub(r"127\.0\.0\.1:\d+", "HOST", text).replace("|", "\\|")


@pytest.fixture(scope="module")
def table() -> t.Iterator[Table]:
    table = Table()
    yield table
    if os.environ.get("FLEET_FAULT_TABLE"):
        pathlib.Path(os.environ["FLEET_FAULT_TABLE"]).write_text(table.text(), encoding="utf-8")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> certificates.KeyPair:
    return certificates.make(tmp_path_factory.mktemp("web"), "web")


@pytest.fixture
def stage(bed: t.Mapping[str, str], server: Server, pair: certificates.KeyPair, tmp_path: pathlib.Path) -> t.Iterator[Stage]:
    _vary(pathlib.Path(bed["image_dir"]), tmp_path)
    content = (tmp_path / "meta.tar.xz").read_bytes() + (tmp_path / "rootfs.squashfs").read_bytes()
    options = {"url": server.https_url, "server_cert": server.cert, "client_cert": bed["client_cert"], "client_key": bed["client_key"]}
    with streams.serving({"busybox": tmp_path}, pair) as web:
        _spare_metadata(web.streams)
        alias = f"faults-{uuid.uuid4().hex[:8]}"
        stage = Stage(server, options, web, str(pair.cert), hashlib.sha256(content).hexdigest(), tmp_path, alias)
        yield stage
        stage.clean()


def _vary(source: pathlib.Path, target: pathlib.Path) -> None:
    """The image with one property more, so that it is another one."""
    with tarfile.open(source / "meta.tar.xz") as old:
        member = t.cast("t.IO[bytes]", old.extractfile("metadata.yaml"))
        text = member.read() + f"  test: {uuid.uuid4().hex}\n".encode()
    with tarfile.open(target / "meta.tar.xz", "w:xz") as new:
        entry = tarfile.TarInfo("metadata.yaml")
        entry.size = len(text)
        new.addfile(entry, io.BytesIO(text))
    (target / "rootfs.squashfs").write_bytes((source / "rootfs.squashfs").read_bytes())


def _spare_metadata(offered: streams.Streams) -> None:
    """Faults are for files with certain endings: let the big one alone have such a name."""
    offered.files["images/busybox.meta"] = offered.files.pop("images/busybox.meta.tar.xz")
    index = "streams/v1/images.json"
    offered.files[index] = offered.files[index].replace(b"busybox.meta.tar.xz", b"busybox.meta")


def _judge(stage: Stage, seen: Seen, expected: str | None) -> None:
    assert seen.seconds < BOUND
    if expected is None:
        assert seen.failure is None
        assert seen.result["changed"]
        assert stage.whole()
        return
    assert seen.failure is not None
    assert re.search(expected, seen.failure), seen.failure
    assert "\n" not in seen.failure.strip()
    assert stage.nothing()


@pytest.mark.parametrize(("fault", "expected"), [(fault, relay) for fault, relay, _pull in FAULTS])
def test_relay(stage: Stage, table: Table, fault: str, expected: str | None) -> None:
    seen = stage.run("relay", fault)
    table.note(fault, "relay", stage.server.kind, seen)
    _judge(stage, seen, expected)


@pytest.mark.parametrize(("fault", "expected"), [(fault, pull) for fault, _relay, pull in FAULTS if not fault.startswith("norange")])
def test_pull(stage: Stage, table: Table, fault: str, expected: str | None) -> None:
    seen = stage.run("pull", fault)
    table.note(fault, "pull", stage.server.kind, seen)
    _judge(stage, seen, expected)


@pytest.mark.parametrize("fault", ["trunc", "reset", "hdrstall-h", "break300000"])
def test_auto_relays_what_the_server_could_not_fetch(stage: Stage, table: Table, fault: str) -> None:
    seen = stage.run("auto", fault, scheme="https", remote=True)
    table.note(fault, "auto", stage.server.kind, seen)
    _judge(stage, seen, None)
    assert seen.result["transfer"] in ("pull", "relay")
    assert bool(seen.warnings) == (seen.result["transfer"] == "relay")


def test_an_index_that_stalls(stage: Stage, table: Table) -> None:
    seen = stage.run("relay", "idxstall")
    table.note("idxstall", "relay", stage.server.kind, seen)
    _judge(stage, seen, None)


def test_a_relay_asks_for_the_rest_only(stage: Stage) -> None:
    stage.run("relay", "break300000")
    asked = [entry["range"] for entry in stage.web.requests if entry["path"].endswith(".squashfs")]
    assert asked[0] is None
    assert all(re.fullmatch(r"bytes=\d+-", each) for each in asked[1:])
    assert len(asked) == 4


def test_a_download_that_the_server_does_not_let_go_of(stage: Stage, table: Table) -> None:
    """Cancelled, it goes on over https; what is uploaded meanwhile would lose its files when it ends."""
    seen = stage.run("pull", "stall", scheme="https")
    table.note("stall over https", "pull", stage.server.kind, seen)
    _judge(stage, seen, "does not let go of that download")
    waiting = stage.run("pull", "ok")
    table.note("after a stall over https", "pull", stage.server.kind, waiting)
    _judge(stage, waiting, "nothing came for 1 s")
    stage.web.stopping.set()
    _wait_until(lambda: not stage.nothing() or _no_downloads(stage))
    after = stage.run("relay", "ok")
    assert after.failure is None
    assert stage.whole()


@pytest.mark.parametrize("count", [2, 8])
@pytest.mark.parametrize("transfer", ["relay", "pull", "upload", "mixed"])
def test_many_at_once(stage: Stage, table: Table, transfer: str, count: int) -> None:
    ways = {"mixed": ["pull", "upload", "relay", "pull"]}.get(transfer, [transfer])
    barrier = threading.Barrier(count)

    def one(number: int) -> Seen:
        way = ways[number % len(ways)]
        barrier.wait()
        return stage.upload() if way == "upload" else stage.run(way, "slow2000")

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        all_seen = list(pool.map(one, range(count)))
    slowest = max(all_seen, key=lambda seen: (seen.failure is not None, seen.seconds))
    table.note(f"{count} at once", transfer, stage.server.kind, slowest)
    for seen in all_seen:
        assert seen.failure is None, seen.failure
        assert seen.result["fingerprint"] == stage.fingerprint
        assert seen.seconds < BOUND
    assert stage.whole()


def test_an_upload_in_the_middle_of_a_pull(stage: Stage, table: Table) -> None:
    """The server's own download fails then, and deletes the files of what was uploaded: the task that pulls puts it right."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pulling = pool.submit(stage.run, "pull", "slow400")
        _wait_until(lambda: any(entry["path"].endswith(".squashfs") for entry in stage.web.requests))
        upload = stage.upload()
        pull = pulling.result()
    table.note("an upload in the middle of a pull", "upload", stage.server.kind, upload)
    table.note("an upload in the middle of a pull", "pull", stage.server.kind, pull)
    assert upload.failure is None and pull.failure is None
    assert stage.whole()


def test_an_image_without_files_is_imported_anew(stage: Stage) -> None:
    """What a crossing of imports leaves when no task of ours was there to put it right."""
    assert stage.upload().failure is None
    with stage.client() as client:
        body = {"type": "image", "mode": "pull", "protocol": "simplestreams", "server": stage.web.url() + "/slow400", "alias": "busybox"}
        client.send(Request("DELETE", ("images", stage.fingerprint)))
        operation = client.start(Request("POST", ("images",), {"source": body})).operation
        _wait_until(lambda: any(entry["path"].endswith(".squashfs") for entry in stage.web.requests))
        assert stage.upload().failure is None
        with contextlib.suppress(LxdError):
            client.wait(t.cast("dict[str, t.Any]", operation))
    assert not _readable(stage)
    again = stage.upload()
    assert again.failure is None
    assert again.result["changed"]
    assert any("no files" in warning for warning in again.warnings)
    assert stage.whole()


def test_timeout_ends_everything(stage: Stage) -> None:
    seen = stage.run("relay", "slow100", timeout=1.5)
    assert "time allowed by timeout" in (seen.failure or "")
    assert seen.seconds < 4
    assert stage.nothing()


def _readable(stage: Stage) -> bool:
    try:
        return stage.whole()
    except LxdError:
        return False


def _no_downloads(stage: Stage) -> bool:
    with stage.client() as client:
        by_status = client.send(Request("GET", ("operations",), query={"recursion": "1"})).metadata or {}
        return not any(by_status.get(status) for status in ("running", "cancelled"))


def _wait_until(holds: t.Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
