# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simplestreams server for tests that misbehaves on demand. One port speaks both http and https.

The first element of the path chooses what goes wrong with images (``*.squashfs``, ``*.tar.xz``), what starts with ``idx``
with the index below ``streams/``; everything else is served well. ``http://127.0.0.1:PORT/stall`` is the address of a remote
whose downloads stop half-way.

=============  ====================================================================================
``ok``         nothing
``trunc``      half of the bytes that were announced, then the connection is closed
``truncclose`` half of the bytes, how many there are was not announced
``reset``      half of the bytes, then a TCP reset
``stall``      half of the bytes, then silence
``hdrstall``   silence at once
``slowN``      N KiB a second
``badsha``     a wrong last byte
``404 503``    that status; ``503xN`` only for the first N requests of a file
``breakN``     N bytes for each request, then a TCP reset: who asks for the rest gets through
``idx404``     and ``idxhtml idxtrunc idxstall``: the index is missing, a web page, cut, never comes
=============  ====================================================================================

Range requests are honoured; ``norange-FAULT`` ignores them. ``FAULT-h`` acts on http alone, ``FAULT-s`` on https alone.
``FAULT@anything`` is the same fault under a name of its own: servers cache an index for an hour, by its address.

Below the fault: ``streams/v1/...``; ``files/NAME``: the image's files (``unified.tar.xz meta.tar.xz rootfs.squashfs``);
``direct/NAME``: answers with the headers ``LXD-Image-Hash`` and ``LXD-Image-URL`` (and ``Incus-``) of such a file.
``/_requests`` lists what was asked for: ``[{"scheme", "method", "path", "range", "agent", "status"}, ...]``; ``?prefix=/ok/``
only what starts with it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import http.server
import json
import os
import pathlib
import re
import socket
import ssl
import struct
import threading
import time
import typing as t
import urllib.parse

from .certificates import KeyPair

_FOREVER = 900
_IMAGES = (".squashfs", ".tar.xz", ".root")


class Streams:
    """What is served: the files of images, and the index that describes them."""

    def __init__(self, images: t.Mapping[str, pathlib.Path]) -> None:
        """``images``: alias -> directory with ``meta.tar.xz`` and ``rootfs.squashfs``, served as its ``files``."""
        self.files: dict[str, bytes] = {}
        self.hashes: dict[str, str] = {}
        products = {}
        for alias, directory in images.items():
            for path in sorted(directory.glob("*.*")):
                content = path.read_bytes()
                name = path.name if len(images) == 1 else f"{alias}-{path.name}"
                self.files[f"files/{name}"] = content
                self.hashes[f"files/{name}"] = hashlib.sha256(content).hexdigest()
            products[f"{alias}:1:default:{_architecture()}"] = self._product(alias, directory)
        names = sorted(products)
        where = {"datatype": "image-downloads", "path": "streams/v1/images.json", "format": "products:1.0", "products": names}
        self._document("index", {"format": "index:1.0", "index": {"images": where}})
        catalogue = {"format": "products:1.0", "content_id": "images", "datatype": "image-downloads", "products": products}
        self._document("images", catalogue)

    def _document(self, name: str, content: t.Any) -> None:
        self.files[f"streams/v1/{name}.json"] = json.dumps(content, indent=1).encode()

    def _product(self, alias: str, directory: pathlib.Path) -> dict[str, t.Any]:
        meta, root = ((directory / name).read_bytes() for name in ("meta.tar.xz", "rootfs.squashfs"))
        combined = hashlib.sha256(meta + root).hexdigest()
        items = {"rootfs.squashfs": self._item("squashfs", f"images/{alias}.squashfs", root)}
        for kind in ("lxd.tar.xz", "incus.tar.xz"):
            items[kind] = {**self._item(kind, f"images/{alias}.meta.tar.xz", meta), "combined_squashfs_sha256": combined}
        return {
            "aliases": f"{alias},{alias}/1",
            "arch": _architecture(),
            "os": alias,
            "release": "1",
            "release_title": "1",
            "variant": "default",
            "versions": {"20231114_0000": {"items": items}},
        }

    def _item(self, kind: str, path: str, content: bytes) -> dict[str, t.Any]:
        self.files[path] = content
        return {"ftype": kind, "path": path, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


@dataclasses.dataclass(frozen=True)
class Fault:
    """What the first element of a path asks for."""

    name: str
    ranges: bool

    @classmethod
    def read(cls, element: str, path: str, scheme: str) -> Fault:
        name, _at, _label = element.partition("@")
        ranges = not name.startswith("norange-")
        name = name.removeprefix("norange-")
        for suffix, acts_on in (("-h", "http"), ("-s", "https")):
            if name.endswith(suffix):
                name = name.removesuffix(suffix) if scheme == acts_on else "ok"
        if name.startswith("idx"):
            return cls(name.removeprefix("idx") if path.startswith("streams/") else "ok", ranges)
        return cls(name if path.endswith(_IMAGES) else "ok", ranges)

    def number(self, word: str) -> int | None:
        match = re.fullmatch(rf"{word}(\d+)", self.name)
        return int(match[1]) if match else None


class Handler(http.server.BaseHTTPRequestHandler):
    """One request; the connection ends with it."""

    protocol_version = "HTTP/1.1"
    server: Server
    scheme = "http"
    entry: dict[str, t.Any] | None = None

    def setup(self) -> None:
        self.raw = self.request
        if self.raw.recv(1, socket.MSG_PEEK) == b"\x16":
            self.request = self.server.tls.wrap_socket(self.raw, server_side=True)
            self.scheme = "https"
        super().setup()

    def handle(self) -> None:
        # A client that leaves in the middle is what most of these tests are about.
        with contextlib.suppress(OSError):
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, *_arguments: t.Any) -> None:
        """The log is ``/_requests``."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.close_connection = True
        address = urllib.parse.urlsplit(self.path)
        if address.path == "/_requests":
            self._tell_requests(urllib.parse.parse_qs(address.query).get("prefix", ["/"])[0])
            return
        element, _slash, path = address.path.lstrip("/").partition("/")
        path = urllib.parse.unquote(path)
        number = self.server.noted(self)
        if path.startswith("direct/"):
            self._point(f"files/{path.removeprefix('direct/')}", element)
        elif path not in self.server.streams.files:
            self._answer(404, b"no such file\n")
        else:
            self._serve(self.server.streams.files[path], Fault.read(element, path, self.scheme), number)

    def _tell_requests(self, prefix: str) -> None:
        found = [entry for entry in self.server.requests if entry["path"].startswith(prefix)]
        self._answer(200, json.dumps(found).encode(), {"Content-Type": "application/json"})

    def _point(self, path: str, element: str) -> None:
        if path not in self.server.streams.hashes:
            self._answer(404, b"no such image\n")
            return
        url = f"{self.server.url(self.scheme)}/{element}/{path}"
        told = {"Image-Hash": self.server.streams.hashes[path], "Image-URL": url}
        self._answer(200, b"", {f"{kind}-{name}": value for kind in ("LXD", "Incus") for name, value in told.items()})

    def _serve(self, data: bytes, fault: Fault, number: int) -> None:
        failures = fault.number("503x")
        if fault.name == "404":
            self._answer(404, b"not here\n")
        elif fault.name == "503" or (failures is not None and number <= failures):
            self._answer(503, b"try later\n")
        elif fault.name == "html":
            self._answer(200, b"<html><body>Please log in</body></html>\n", {"Content-Type": "text/html"})
        elif fault.name == "hdrstall":
            self._hang()
        else:
            self._send(data[:-1] + bytes([data[-1] ^ 1]) if fault.name == "badsha" else data, fault)

    def _send(self, data: bytes, fault: Fault) -> None:
        start, headers = self._range(len(data)) if fault.ranges else (0, {})
        if start is None:
            self._answer(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        rest = data[start:]
        if fault.ranges:
            headers["Accept-Ranges"] = "bytes"
        if fault.name != "truncclose":
            headers["Content-Length"] = str(len(rest))
        self._head(206 if "Content-Range" in headers else 200, headers)
        if self.command != "HEAD":
            self._body(rest, len(data) // 2, fault)

    def _body(self, rest: bytes, half: int, fault: Fault) -> None:
        limit, speed = fault.number("break"), fault.number("slow")
        if limit is not None and limit < len(rest):
            self.wfile.write(rest[:limit])
            self._reset()
        elif fault.name in ("trunc", "truncclose", "reset", "stall"):
            self.wfile.write(rest[:half])
            self.wfile.flush()
            if fault.name == "reset":
                self._reset()
            elif fault.name == "stall":
                self._hang()
        elif speed:
            self._trickle(rest, speed * 1024)
        else:
            self.wfile.write(rest)

    def _trickle(self, data: bytes, speed: int) -> None:
        step = max(1, speed // 10)
        for start in range(0, len(data), step):
            self.wfile.write(data[start:start + step])
            if self.server.stopping.wait(0.1):
                return

    def _range(self, size: int) -> tuple[int | None, dict[str, str]]:
        """Where ``Range: bytes=N-`` wants to start; None for beyond the end."""
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not match:
            return 0, {}
        start = int(match[1])
        if start >= size:
            return None, {}
        return start, {"Content-Range": f"bytes {start}-{size - 1}/{size}"}

    def _answer(self, status: int, body: bytes, headers: t.Mapping[str, str] | None = None) -> None:
        self._head(status, {"Content-Length": str(len(body)), **(headers or {})})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: int, headers: t.Mapping[str, str]) -> None:
        self.server.answered(self, status)
        self.send_response(status)
        for name, value in {**headers, "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()

    def _hang(self) -> None:
        self.server.stopping.wait(_FOREVER)

    def _reset(self) -> None:
        """Closed without having lingered, a connection ends in a TCP reset. What was written gets a moment to arrive."""
        time.sleep(0.2)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.request.shutdown = lambda *_how: None


class Server(http.server.ThreadingHTTPServer):
    """``requests`` is the log; ``stopping`` wakes those who hang."""

    daemon_threads = True
    request_queue_size = 200

    def __init__(self, streams: Streams, pair: KeyPair, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.streams = streams
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(pair.cert, pair.key)
        self.requests: list[dict[str, t.Any]] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()

    def url(self, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.server_address[1]}"

    def noted(self, handler: Handler) -> int:
        """Writes a request down; the how manieth of its path it is, from 1."""
        entry = {
            "scheme": handler.scheme,
            "method": handler.command,
            "path": handler.path,
            "range": handler.headers.get("Range"),
            "agent": handler.headers.get("User-Agent"),
            "status": None,
        }
        with self._lock:
            self.requests.append(entry)
            handler.entry = entry
            return sum(known["path"] == handler.path and known["method"] == handler.command for known in self.requests)

    def answered(self, handler: Handler, status: int) -> None:
        if handler.entry is not None:
            handler.entry["status"] = status

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that does not trust our certificate, or left: its own affair."""


@functools.cache
def _architecture() -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)


@contextlib.contextmanager
def serving(images: t.Mapping[str, pathlib.Path], pair: KeyPair, port: int = 0) -> t.Iterator[Server]:
    """A server in a thread of this process, on a free port of 127.0.0.1 unless told which."""
    server = Server(Streams(images), pair, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
