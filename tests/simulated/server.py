# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP of a simulated server, over a socket."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import pathlib
import socketserver
import subprocess
import sys
import threading
import time
import typing as t
import urllib.parse

from .store import Answer, Call, Refused, Store

# A hundred thousand instances are made in so many seconds, with plenty to spare.
_PATIENCE = 120


class SimulatedServer(socketserver.ThreadingUnixStreamServer):
    """Answers at the socket ``path``. Use it as a context manager; ``requests`` are all that were sent, e.g. ``GET /1.0/instances``."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, path: pathlib.Path, instances: int = 0) -> None:
        self.store = Store(instances)
        self.requests: list[str] = []
        super().__init__(str(path), _Handler)

    def __enter__(self) -> SimulatedServer:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.shutdown()
        self.server_close()
        os.unlink(str(self.server_address))


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SimulatedServer

    def _serve(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        self.server.requests.append(f"{self.command} {self.path}")
        segments = tuple(urllib.parse.unquote(segment) for segment in url.path.strip("/").split("/"))
        try:
            call = Call(self.command, segments[1:], dict(urllib.parse.parse_qsl(url.query)), self._body(), self.headers["If-Match"])
            self._say(self.server.store.answer(call))
        except Refused as refusal:
            self._send(refusal.status, {"type": "error", "error_code": refusal.status, "error": str(refusal), "metadata": None})

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _serve

    def _body(self) -> t.Any:
        """JSON, or the bytes of a file."""
        content = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.headers["Content-Type"] == "application/octet-stream":
            return content
        return json.loads(content) if content else None

    def _say(self, answer: Answer) -> None:
        kind, status, code = ("async", "Operation created", 100) if answer.operation else ("sync", "Success", 200)
        head = {"type": kind, "status": status, "status_code": code, "operation": answer.operation or "", "error_code": 0, "error": ""}
        headers = {"ETag": f'"{answer.etag}"' if answer.etag else None, "Location": answer.operation or answer.location}
        http_status = 202 if answer.operation else 201 if answer.location else 200
        self._send(http_status, head, answer.metadata, headers)

    def _send(self, status: int, head: dict[str, t.Any], metadata: bytes = b"", headers: t.Mapping[str, str | None] | None = None) -> None:
        content = json.dumps(head).encode()
        parts = (content[:-1], b', "metadata": ', metadata, b"}") if metadata else (content,)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(sum(map(len, parts))))
        for name, value in (headers or {}).items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        for part in parts:
            self.wfile.write(part)

    def log_message(self, *_arguments: t.Any) -> None:
        """Says nothing."""


@contextlib.contextmanager
def running(path: pathlib.Path, instances: int) -> t.Iterator[str]:
    """The url of a simulated server in a process of its own, so that its memory and its CPU are not the client's."""
    root = pathlib.Path(__file__).resolve().parents[2]
    process = subprocess.Popen([sys.executable, "-m", "tests.simulated", str(path), str(instances)], cwd=root)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not path.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the simulated server did not start")
            time.sleep(0.05)
        yield f"unix:{path}"
    finally:
        process.terminate()
        process.wait()
        path.unlink(missing_ok=True)
