# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import http.server
import pathlib
import select
import socketserver
import threading
import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _errors as errors
from ansible_collections.fleet.lxd.plugins.module_utils._http import Http
from ansible_collections.fleet.lxd.plugins.module_utils._options import Remote

OK = b'{"type": "sync", "metadata": {"a": 1}}'


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every request by what the test has set, and notes the requests."""

    protocol_version = "HTTP/1.1"
    status, body, length, close = 200, OK, None, False
    seen: list[str] = []

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        type(self).seen.append(f"{self.command} {self.path} {body.decode()}".strip())
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body) if self.length is None else self.length))
        self.end_headers()
        self.wfile.write(self.body)
        self.close_connection = self.close

    do_POST = do_GET

    def log_message(self, *arguments: t.Any) -> None:
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@pytest.fixture
def handler(tmp_path: pathlib.Path) -> t.Iterator[type[Handler]]:
    fresh = type("Fresh", (Handler,), {"seen": []})
    with Server(str(tmp_path / "socket"), fresh) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield fresh
        server.shutdown()


@pytest.fixture
def http_(handler: type[Handler], tmp_path: pathlib.Path) -> t.Iterator[Http]:
    with contextlib.closing(Http(Remote(socket=str(tmp_path / "socket"), project="p q"))) as found:
        yield found


def test_segments_are_quoted_and_the_project_is_named(handler: type[Handler], http_: Http) -> None:
    assert http_.call("POST", ("instances", "a/b", "files"), {"path": "/x y"}, {"k": 1})["metadata"] == {"a": 1}
    assert handler.seen == ['POST /1.0/instances/a%2Fb/files?path=%2Fx+y&project=p+q {"k": 1}']


def test_the_connection_is_kept(handler: type[Handler], http_: Http) -> None:
    http_.call("GET", ())
    first = http_.fileno()
    http_.call("GET", ())
    assert http_.fileno() == first


def test_a_connection_that_the_server_has_closed_is_not_used_again(handler: type[Handler], http_: Http) -> None:
    handler.close = True
    for _turn in range(3):
        assert http_.call("GET", ())["type"] == "sync"
        select.select([http_], [], [], 5)
    assert len(handler.seen) == 3


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, errors.NotAuthorized), (403, errors.NotAuthorized), (404, errors.NotFound), (409, errors.AlreadyExists), (400, errors.Refused)],
)
def test_refusals_keep_the_words_of_the_server(handler: type[Handler], http_: Http, status: int, error: type[Exception]) -> None:
    handler.status, handler.body = status, b'{"type": "error", "error": "so it is", "error_code": %d}' % status
    with pytest.raises(error, match="so it is") as caught:
        http_.call("GET", ("instances", "a b"), {"x": "y"})
    assert caught.type is error
    assert caught.value.facts == {"status": status, "request": "GET /1.0/instances/a b?x=y"}


def test_what_is_no_api(handler: type[Handler], http_: Http) -> None:
    handler.status, handler.body = 502, b"<html>Bad Gateway"
    with pytest.raises(errors.Unreachable, match="HTTP 502 and no JSON"):
        http_.call("GET", ())


def test_a_body_that_ends_early(handler: type[Handler], http_: Http) -> None:
    handler.length, handler.close = 1000, True
    with pytest.raises(errors.Unreachable, match="No answer from unix:") as caught:
        http_.call("GET", ())
    assert caught.value.facts == {"request": "GET /1.0"}


def test_nobody_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(errors.Unreachable, match="No such file"):
        Http(Remote(socket=str(tmp_path / "none"))).call("GET", ())


class Proxy(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Notes what it is asked for, and refuses it: what a tunnel carries afterwards is TLS as ever."""

    daemon_threads = True
    seen: list[str] = []


class Refusing(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        t.cast(Proxy, self.server).seen += [line.decode().strip() for line in iter(self.rfile.readline, b"\r\n")]
        self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Proxy]:
    with Proxy(("127.0.0.1", 0), Refusing) as server:
        server.seen = []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv("https_proxy", f"http://me:secret%21@127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield server
        server.shutdown()


def test_a_server_that_authorities_vouch_for_is_called_through_the_proxy(proxy: Proxy) -> None:
    with pytest.raises(errors.Unreachable, match="No answer from https://lxd.invalid:8443 to GET /1.0: Tunnel connection failed: 403"):
        Http(Remote(url="https://lxd.invalid:8443")).call("GET", ())
    assert proxy.seen[0].startswith("CONNECT lxd.invalid:8443 HTTP/1.")
    assert "Proxy-Authorization: Basic bWU6c2VjcmV0IQ==" in proxy.seen


@pytest.mark.parametrize("pinned", [True, False])
def test_no_proxy_for_a_pinned_server_nor_for_one_that_is_exempt(proxy: Proxy, pinned: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    fingerprint = "ab" * 32 if pinned else None
    if pinned:
        monkeypatch.delenv("no_proxy")
    with pytest.raises(errors.Unreachable, match="refused"):
        Http(Remote(url="https://127.0.0.1:1", server_fingerprint=fingerprint)).call("GET", ())
    assert not proxy.seen
