# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Downloads over lines that are slow, break, stall or lie: to a file, resumed, bounded, verified, at constant memory."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import http.client
import json
import os
import random
import ssl
import tempfile
import time
import typing as t
import urllib.error
import urllib.parse
import urllib.request

from ._errors import InvalidOption, TimedOut, TransferFailed, UntrustedServer

BLOCK = 256 * 1024
# What brings less than this many bytes a second over the whole of ``Policy.stall`` stands still.
CRAWL = 64
# Seconds before a retry after a try that brought nothing, doubled for each further one, and the longest that a pause gets.
PAUSE, LONGEST_PAUSE = 0.5, 30.0
# Of a file on the web. No index of images is near that size.
LARGEST_DOCUMENT = 256 * 1024 * 1024
# Answers that another try may change. All others of 400 and above are final.
_TRANSIENT = (408, 425, 429, 500, 502, 503, 504)

Progress = t.Callable[[str, "float | None"], None]


@dataclasses.dataclass(frozen=True)
class Policy:
    """``stall``: seconds without data that count as a break; ``retries``: how many tries in a row may bring nothing new;
    ``deadline``: on the clock of ``time.monotonic``, when all has to be over, or None."""

    stall: float = 30.0
    retries: int = 5
    deadline: float | None = None

    def check(self, what: str) -> None:
        """:raises TimedOut: after the deadline."""
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise TimedOut(f"{what}: the time allowed by timeout is over")


class Interrupted(Exception):
    """A try ended before its time; the next may get further. ``str()`` is the reason, ``pause`` the seconds asked for."""

    def __init__(self, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.pause = pause


class Stream(t.Protocol):
    """The bytes from offset ``start`` on of something that is ``total`` bytes long (None: not known)."""

    start: int
    total: int | None
    headers: t.Mapping[str, str]

    def read(self) -> bytes:
        """What has arrived, at least a byte; empty at the end. :raises Interrupted: when the line breaks."""

    def close(self) -> None:
        """Gives the connection up."""


@dataclasses.dataclass(frozen=True)
class Source:
    """``open(offset)`` starts a try; it may begin at 0 if it cannot begin there. ``name`` is for messages."""

    name: str
    open: t.Callable[[int], Stream]
    sha256: str | None = None
    size: int | None = None


@dataclasses.dataclass(frozen=True)
class Receipt:
    """What a download came to. ``received`` counts the bytes of all tries; ``headers`` are those of the last."""

    sha256: str
    size: int
    received: int
    attempts: int
    headers: t.Mapping[str, str]


@contextlib.contextmanager
def kept(what: str, directory: str | None = None) -> t.Iterator[None]:
    """While ``what`` is on its way, it is kept in a directory for temporary files (None: the system's).

    :raises TransferFailed: when the directory cannot take it.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        if directory:
            raise TransferFailed(f"tmp_dir: cannot keep {what} in {directory}: {reason}") from error
        advice = "tmp_dir of fleet.lxd.lxd_image names another one for images"
        raise TransferFailed(f"Cannot keep {what} in the directory for temporary files: {reason}; {advice}") from error


def download(source: Source, path: str, policy: Policy, progress: Progress) -> Receipt:
    """Fetch into the file ``path``, which is overwritten, until it is whole.

    :raises OSError: when the file cannot be written.
    :raises TransferFailed: when too many tries in a row bring nothing new, or the content is another than announced.
    :raises TimedOut: at the policy's deadline. :raises UntrustedServer: nobody vouches for the server.
    """
    with open(path, "wb") as file:
        return _Download(source, file, policy, progress).run()


class _Download:
    def __init__(self, source: Source, file: t.BinaryIO, policy: Policy, progress: Progress) -> None:
        self.source, self.file, self.policy, self.progress = source, file, policy, progress
        self.hash = hashlib.sha256()
        self.done = self.furthest = self.received = self.attempts = 0
        self.total = source.size
        self.headers: t.Mapping[str, str] = {}
        self.wrong: str | None = None
        self.began = time.monotonic()

    def run(self) -> Receipt:
        fruitless = 0
        while True:
            self.policy.check(self.source.name)
            before, begun = self.furthest, time.monotonic()
            try:
                self._attempt()
                self._verify()
                self.file.flush()
                return Receipt(self.hash.hexdigest(), self.done, self.received, self.attempts, self.headers)
            except Interrupted as reason:
                gained = self.furthest - before
                fruitless = 0 if gained >= CRAWL * max(1.0, time.monotonic() - begun) else fruitless + 1
                if fruitless > self.policy.retries:
                    raise TransferFailed(f"{self._story(str(reason))}", attempts=self.attempts, bytes=self.received) from None
                self._rest(fruitless, reason)

    def _attempt(self) -> None:
        self.attempts += 1
        if self.total is not None and self.done == self.total and self.attempts > 1:
            return
        with contextlib.closing(self.source.open(self.done)) as stream:
            self._begin(stream)
            pace = _Pace(self.policy.stall)
            while block := stream.read():
                self.file.write(block)
                self.hash.update(block)
                self.done += len(block)
                self.received += len(block)
                self.furthest = max(self.furthest, self.done)
                pace.note(len(block))
                self.policy.check(self.source.name)
                self._tell()
        if self.total is not None and self.done < self.total:
            raise Interrupted("the connection ended early")

    def _begin(self, stream: Stream) -> None:
        self.headers = stream.headers
        if stream.start != self.done:
            self._restart()
        if stream.total is None:
            return
        if self.source.size is not None and stream.total != self.source.size:
            kind = " (a web page)" if "text/html" in (stream.headers.get("Content-Type") or "") else ""
            raise TransferFailed(
                f"{self.source.name} is {stream.total} bytes long{kind}, and {self.source.size} bytes were announced"
            )
        self.total = stream.total

    def _verify(self) -> None:
        """Wrong bytes may be a fault of the line; the same wrong bytes twice are the sender's."""
        got, wanted = self.hash.hexdigest(), self.source.sha256
        if wanted is None or got == wanted:
            return
        if self.wrong == got:
            raise TransferFailed(f"{self.source.name} has the sha256 {got}, and {wanted} was announced; it was fetched twice")
        self.wrong = got
        self._restart()
        raise Interrupted(f"its sha256 is {got}, not {wanted}")

    def _restart(self) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.hash = hashlib.sha256()
        self.done = 0
        self.total = self.source.size

    def _rest(self, fruitless: int, reason: Interrupted) -> None:
        seconds = max(reason.pause, min(LONGEST_PAUSE, PAUSE * 2 ** (fruitless - 1)) * random.uniform(0.8, 1.2))
        if self.policy.deadline is not None:
            seconds = min(seconds, max(0.0, self.policy.deadline - time.monotonic()))
        self.progress(f"{self.source.name}: {reason}; going on at {size_of(self.done)} in {seconds:.0f} s", self._fraction())
        time.sleep(seconds)

    def _fraction(self) -> float | None:
        return min(1.0, self.done / self.total) if self.total else None

    def _tell(self) -> None:
        speed = self.received / max(0.001, time.monotonic() - self.began)
        whole = f" of {size_of(self.total)}" if self.total else ""
        self.progress(f"{self.source.name}: {size_of(self.done)}{whole} ({size_of(speed)}/s)", self._fraction())

    def _story(self, reason: str) -> str:
        whole = f" of {self.total}" if self.total else ""
        tries = _tries(self.attempts) + (f" in {time.monotonic() - self.began:.0f} s" if self.attempts > 1 else "")
        return f"Cannot fetch {self.source.name}: {reason}; {tries}, {self.furthest}{whole} bytes arrived"


def _tries(count: int) -> str:
    return "1 try" if count == 1 else f"{count} tries"


class _Pace:
    """Notices data that drips so slowly that it will never be all there."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.since, self.count = time.monotonic(), 0

    def note(self, count: int) -> None:
        self.count += count
        passed = time.monotonic() - self.since
        if passed < self.seconds:
            return
        if self.count < CRAWL * passed:
            raise Interrupted(f"only {self.count} bytes came in {passed:.0f} s")
        self.since, self.count = time.monotonic(), 0


def size_of(count: float) -> str:
    """For people: ``12.3 MiB``."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


def web(url: str, policy: Policy, authority: str | None = None, sha256: str | None = None, size: int | None = None) -> Source:
    """A file on the web, over http or https. Proxies are those of the environment.

    :param authority: path of a PEM file that vouches for the server, beside those whom the system trusts.
    :raises InvalidOption: for an address that is none.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidOption("url", url, "expected http://... or https://...")
    return Source(name_of(url), _Web(url, policy, authority).open, sha256, size)


def name_of(url: str) -> str:
    """The address without what must not be shown (user, password, query)."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def document(url: str, policy: Policy, progress: Progress, authority: str | None = None) -> t.Any:
    """The JSON behind an address.

    :raises TransferFailed: also for what is no JSON.
    """
    with kept(name_of(url)), tempfile.TemporaryDirectory(prefix="fleet-lxd-") as directory:
        path = os.path.join(directory, "document")
        receipt = download(web(url, policy, authority), path, policy, lambda text, _fraction: progress(text, None))
        try:
            if receipt.size > LARGEST_DOCUMENT:
                raise ValueError(f"it is {receipt.size} bytes long")
            with open(path, "rb") as file:
                return json.load(file)
        except ValueError as error:
            kind = receipt.headers.get("Content-Type") or "of no type"
            raise TransferFailed(f"{name_of(url)} is not JSON ({kind}, {receipt.size} bytes): {error}") from None


def headers(url: str, policy: Policy, authority: str | None = None) -> t.Mapping[str, str]:
    """Those of the answer to a HEAD; retried as the policy says.

    :raises TransferFailed: when no try is answered.
    """
    for left in range(policy.retries, -1, -1):
        try:
            with contextlib.closing(_Web(url, policy, authority).ask("HEAD", 0)) as answer:
                return answer.headers
        except Interrupted as reason:
            if not left:
                raise TransferFailed(f"Cannot fetch {name_of(url)}: {reason}; {_tries(policy.retries + 1)}") from None
            time.sleep(max(reason.pause, PAUSE * 2 ** (policy.retries - left)))
    raise AssertionError


class _Web:
    """Tries at one address. What a later try gets has to belong to what the first one got: hence ``If-Range``."""

    def __init__(self, url: str, policy: Policy, authority: str | None) -> None:
        self.url, self.policy, self.authority = url, policy, authority
        self.tag: str | None = None

    @functools.cached_property
    def opener(self) -> urllib.request.OpenerDirector:
        context = ssl.create_default_context()
        if self.authority:
            context.load_verify_locations(self.authority)
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))

    def open(self, start: int) -> _WebStream:
        stream = _WebStream(self.ask("GET", start), self.policy)
        tag = stream.headers.get("ETag") or ""
        self.tag = tag if tag and not tag.startswith("W/") else stream.headers.get("Last-Modified")
        return stream

    def ask(self, method: str, start: int) -> t.Any:
        wanted = {"User-Agent": "fleet.lxd", "Accept-Encoding": "identity"}
        if start:
            wanted["Range"] = f"bytes={start}-"
            if self.tag:
                wanted["If-Range"] = self.tag
        request = urllib.request.Request(self.url, headers=wanted, method=method)
        with _interruptions(self.url, self.policy):
            return self.opener.open(request, timeout=self._patience())

    def _patience(self) -> float:
        left = self.policy.deadline - time.monotonic() if self.policy.deadline is not None else self.policy.stall
        return max(0.1, min(self.policy.stall, left))


class _WebStream:
    def __init__(self, answer: t.Any, policy: Policy) -> None:
        self.answer, self.policy = answer, policy
        self.headers: t.Mapping[str, str] = answer.headers
        length = answer.headers.get("Content-Length")
        self.start = _first_byte(answer.headers) if answer.status == 206 else 0
        self.total = self.start + int(length) if length is not None else None

    def read(self) -> bytes:
        with _interruptions(self.answer.url, self.policy):
            return self.answer.read1(BLOCK)

    def close(self) -> None:
        self.answer.close()


def _first_byte(found: t.Mapping[str, str]) -> int:
    said = found.get("Content-Range") or ""
    try:
        return int(said.removeprefix("bytes ").partition("-")[0])
    except ValueError:
        raise Interrupted(f"it was answered with an unreadable Content-Range: {said!r}") from None


@contextlib.contextmanager
def _interruptions(url: str, policy: Policy) -> t.Iterator[None]:
    """All the ways in which Python's HTTP says that the line broke, as one."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        said = f"HTTP {error.code} {error.reason}"
        if error.code in _TRANSIENT or error.code == 416:
            raise Interrupted(said, _asked_pause(error.headers)) from None
        raise TransferFailed(f"Cannot fetch {name_of(url)}: {said}", status=error.code) from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            why = getattr(error.reason, "verify_message", error.reason)
            raise UntrustedServer(f"Nobody vouches for the certificate of {name_of(url)} ({why}); server_cert can name it") from None
        raise Interrupted(_reason(error.reason, policy)) from None
    except (OSError, http.client.HTTPException) as error:
        raise Interrupted(_reason(error, policy)) from None


def _reason(error: object, policy: Policy) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing came for {policy.stall:g} s"
    if isinstance(error, http.client.IncompleteRead):
        return "the connection ended early"
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def _asked_pause(found: t.Any) -> float:
    try:
        return min(LONGEST_PAUSE, float(found.get("Retry-After") or 0))
    except ValueError:
        return 0.0
