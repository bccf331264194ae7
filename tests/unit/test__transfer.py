# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Downloads over lines that break, with lines that are made of lists."""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
import time
import typing as t
import urllib.error

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _transfer
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, LxdError, TimedOut, TransferFailed, UntrustedServer
from ansible_collections.fleet.lxd.plugins.module_utils._transfer import Interrupted, Policy, Source, download

CONTENT = bytes(range(256)) * 100
SHA256 = hashlib.sha256(CONTENT).hexdigest()
POLICY = Policy(stall=30, retries=2)


@dataclasses.dataclass
class Line:
    """Each try is how many bytes come before the line breaks: -1 for all that are left, an exception for what an opening ends in.

    ``ranges``: whether a try starts where it is told to. ``content`` may be another for each try.
    """

    tries: list[t.Any]
    ranges: bool = True
    content: bytes = CONTENT
    told: bool = True
    asked: list[int] = dataclasses.field(default_factory=list)

    def open(self, start: int) -> Attempt:
        self.asked.append(start)
        what = self.tries.pop(0)
        if isinstance(what, Exception):
            raise what
        first = start if self.ranges else 0
        return Attempt(self.content[first:], what, first, len(self.content) if self.told else None)


@dataclasses.dataclass
class Attempt:
    left: bytes
    limit: int
    start: int
    total: int | None
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    def read(self) -> bytes:
        if self.limit == 0:
            raise Interrupted("the line broke")
        size = min(1000, self.limit) if self.limit > 0 else 1000
        block, self.left = self.left[:size], self.left[size:]
        self.limit -= len(block)
        return block

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(_transfer.time, "sleep", slept.append)
    return slept


def fetch(line: Line, path: pathlib.Path, policy: Policy = POLICY, **known: t.Any) -> _transfer.Receipt:
    return download(Source("image", line.open, **known), str(path / "file"), policy, lambda _text, _fraction: None)


def test_whole_at_once(tmp_path: pathlib.Path) -> None:
    receipt = fetch(Line([-1]), tmp_path, sha256=SHA256)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert (receipt.sha256, receipt.size, receipt.received, receipt.attempts) == (SHA256, len(CONTENT), len(CONTENT), 1)


def test_goes_on_where_it_broke(tmp_path: pathlib.Path) -> None:
    line = Line([5000, 5000, 5000, 5000, -1])
    receipt = fetch(line, tmp_path, sha256=SHA256)
    assert line.asked == [0, 5000, 10000, 15000, 20000]
    assert receipt.received == len(CONTENT) and receipt.attempts == 5
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_begins_anew_where_ranges_are_ignored(tmp_path: pathlib.Path) -> None:
    line = Line([5000, -1], ranges=False)
    receipt = fetch(line, tmp_path, sha256=SHA256)
    assert receipt.received == len(CONTENT) + 5000
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_gives_up_when_tries_bring_nothing_new(tmp_path: pathlib.Path, no_pauses: list[float]) -> None:
    with pytest.raises(TransferFailed, match=r"Cannot fetch image: the line broke; 4 tries in 0 s, 5000 of 25600 bytes arrived"):
        fetch(Line([5000, 5000, 5000, 5000], ranges=False), tmp_path)
    assert no_pauses[0] < no_pauses[1] < no_pauses[2]


def test_some_bytes_a_try_are_no_progress(tmp_path: pathlib.Path) -> None:
    with pytest.raises(TransferFailed, match="3 tries"):
        fetch(Line([1, 1, 1, 1, 1, 1]), tmp_path)


def test_an_end_before_the_end_is_a_break(tmp_path: pathlib.Path) -> None:
    line = Line([-1, -1], content=CONTENT[:9000], told=False)
    with pytest.raises(TransferFailed, match="ended early"):
        fetch(Line([-1, -1, -1, -1], content=CONTENT[:9000], told=False), tmp_path, size=len(CONTENT))
    assert fetch(line, tmp_path).size == 9000


def test_the_same_wrong_bytes_twice_are_the_senders(tmp_path: pathlib.Path) -> None:
    line = Line([-1, -1], content=CONTENT[:-1] + b"x")
    with pytest.raises(TransferFailed, match=f"has the sha256 .*, and {SHA256} was announced; it was fetched twice"):
        fetch(line, tmp_path, sha256=SHA256)
    assert line.asked == [0, 0]


def test_another_length_than_announced(tmp_path: pathlib.Path) -> None:
    with pytest.raises(TransferFailed, match="image is 9 bytes long, and 25600 bytes were announced"):
        fetch(Line([-1], content=b"web page!"), tmp_path, size=len(CONTENT))


def test_what_is_final_is_not_tried_again(tmp_path: pathlib.Path) -> None:
    line = Line([TransferFailed("HTTP 404"), -1])
    with pytest.raises(TransferFailed, match="404"):
        fetch(line, tmp_path)
    assert line.asked == [0]


def test_asked_pauses_are_kept(tmp_path: pathlib.Path, no_pauses: list[float]) -> None:
    fetch(Line([Interrupted("HTTP 503", pause=7), -1]), tmp_path)
    assert no_pauses == [7]


def test_the_deadline_ends_it(tmp_path: pathlib.Path) -> None:
    with pytest.raises(TimedOut, match="image: the time allowed by timeout is over"):
        fetch(Line([-1]), tmp_path, Policy(deadline=time.monotonic() - 1))


def test_a_crawl_is_a_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0, 31.0, 31.0, 62.0])
    monkeypatch.setattr(_transfer.time, "monotonic", lambda: next(clock))
    pace = _transfer._Pace(30)
    pace.note(10)
    pace.note(31 * 64)
    with pytest.raises(Interrupted, match="only 100 bytes came in 31 s"):
        pace.note(100)


@pytest.mark.parametrize(
    ("error", "becomes", "says"),
    [
        (urllib.error.HTTPError("http://h/f", 404, "Not Found", {}, None), TransferFailed, "Cannot fetch http://h/f: HTTP 404 Not Found"),
        (urllib.error.HTTPError("http://h/f", 503, "Unavailable", {"Retry-After": "3"}, None), Interrupted, "HTTP 503 Unavailable"),
        (urllib.error.HTTPError("http://h/f", 416, "No", {}, None), Interrupted, "HTTP 416"),
        (urllib.error.URLError(TimeoutError("timed out")), Interrupted, "nothing came for 30 s"),
        (ConnectionResetError(104, "Connection reset by peer"), Interrupted, "Connection reset by peer"),
        (_transfer.http.client.IncompleteRead(b"", 5), Interrupted, "the connection ended early"),
        (urllib.error.URLError(_transfer.ssl.SSLCertVerificationError(1, "no")), UntrustedServer, "Nobody vouches for .* http://h/f "),
    ],
)
def test_ways_to_break(error: Exception, becomes: type[Exception], says: str) -> None:
    with pytest.raises(becomes, match=says), _transfer._interruptions("http://user:secret@h/f?token=1", POLICY):
        raise error


@pytest.mark.parametrize("url", ["ftp://h/x", "/file", "https://", "h/x"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(InvalidOption, match="expected http://"):
        _transfer.web(url, POLICY)


def test_a_document_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line([-1], content=b"<html>")
    monkeypatch.setattr(_transfer, "web", lambda *_arguments: Source("page", line.open))
    with pytest.raises(LxdError, match=r"http://h/index.json is not JSON \(of no type, 6 bytes\)"):
        _transfer.document("http://h/index.json", POLICY, lambda _text, _fraction: None)


@pytest.mark.parametrize(("count", "text"), [(5, "5 B"), (2048, "2.0 KiB"), (5 * 1024**2, "5.0 MiB"), (3 * 1024**3, "3.0 GiB")])
def test_sizes_for_people(count: int, text: str) -> None:
    assert _transfer.size_of(count) == text
