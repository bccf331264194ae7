# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client against :class:`FakeServer`: what it sends, and what it makes of answers. Real servers: integration tests."""

from __future__ import annotations

import contextlib
import http.server
import json
import pathlib
import socketserver
import sys
import threading
import types
import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _bulk, _errors
from ansible_collections.fleet.lxd.plugins.module_utils._bulk import Body
from ansible_collections.fleet.lxd.plugins.module_utils._client import Client
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Request
from ansible_collections.fleet.lxd.plugins.module_utils._options import Remote

SERVER = {"auth": "trusted", "api_extensions": ["instances"], "environment": {"server": "lxd", "server_version": "5.0.2"}}
OPERATION = {"id": "op-1", "description": "Creating instance", "status_code": 103, "status": "Running"}


class FakeServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers requests with what ``answers`` holds for ``METHOD /path``, one after another; the last stays. Fake: no LXD is in it."""

    daemon_threads = True

    def __init__(self, path: str) -> None:
        super().__init__(path, _Handler)
        self.answers: dict[str, list[tuple[int, t.Any]]] = {"GET /1.0": [(200, sync(SERVER))]}
        self.seen: list[Seen] = []

    def answer(self, request: str, *bodies: t.Any, status: int = 200) -> None:
        self.answers[request] = [(status, body) for body in bodies]


class Seen(t.NamedTuple):
    method: str
    path: str
    query: str
    headers: t.Mapping[str, str]
    body: bytes


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer

    def address_string(self) -> str:
        return "a unix socket"

    def log_message(self, *_arguments: t.Any) -> None:
        pass

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _mark, query = self.path.partition("?")
        self.server.seen.append(Seen(self.command, path, query, dict(self.headers), body))
        waiting = self.server.answers.get(f"{self.command} {path}", [(404, error(404, "not found"))])
        status, content = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", "an-etag")
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle


def sync(metadata: t.Any) -> dict[str, t.Any]:
    return {"type": "sync", "status_code": 200, "metadata": metadata}


def started(**changed: t.Any) -> dict[str, t.Any]:
    return {"type": "async", "status_code": 100, "operation": "/1.0/operations/op-1", "metadata": {**OPERATION, **changed}}


def error(code: int, text: str) -> dict[str, t.Any]:
    return {"type": "error", "error_code": code, "error": text, "metadata": None}


@pytest.fixture
def server(tmp_path: pathlib.Path) -> t.Iterator[FakeServer]:
    with FakeServer(str(tmp_path / "s")) as fake:
        thread = threading.Thread(target=fake.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield fake
        fake.shutdown()


@pytest.fixture
def client(server: FakeServer) -> t.Iterator[Client]:
    with Client(Remote(socket=str(server.server_address))) as opened:
        yield opened


def test_nothing_is_sent_before_the_first_call(server: FakeServer, client: Client) -> None:
    assert not server.seen and not client.sent


def test_segments_of_a_path_are_quoted_each(server: FakeServer, client: Client) -> None:
    server.answer("GET /1.0/profiles/a%2Fb%20c%3Fd%23%C3%A9", sync({"name": "x"}))
    reply = client.get("profiles", "a/b c?d#é")
    assert reply is not None and reply.metadata == {"name": "x"} and reply.etag == "an-etag"


def test_only_404_is_absent(server: FakeServer, client: Client) -> None:
    assert client.get("profiles", "nope") is None
    for status, kind in ((403, _errors.NotAuthorized), (401, _errors.NotAuthorized), (500, _errors.Refused), (400, _errors.Refused)):
        server.answer("GET /1.0/profiles/nope", error(status, "no"), status=status)
        with pytest.raises(kind, match="no"):
            client.get("profiles", "nope")


def test_a_server_that_is_gone_is_unreachable(tmp_path: pathlib.Path) -> None:
    with Client(Remote(socket=str(tmp_path / "gone"))) as client, pytest.raises(_errors.Unreachable, match="GET /1.0/profiles"):
        client.get("profiles")


def test_what_is_no_api_is_unreachable(server: FakeServer, client: Client) -> None:
    server.answer("GET /1.0/profiles", b"<html>404</html>", status=404)
    with pytest.raises(_errors.Unreachable, match="HTTP 404 and no JSON"):
        client.get("profiles")


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (404, "Instance not found", _errors.NotFound),
        (409, "taken", _errors.AlreadyExists),
        (412, "ETag doesn't match", _errors.Conflict),
        (400, 'This "instances" entry already exists', _errors.AlreadyExists),
        (400, 'Name "c1" already in use', _errors.AlreadyExists),
        (400, "dnsmasq: failed to create listening socket for 10.0.0.1: Address already in use", _errors.Refused),
        (500, "UNIQUE constraint failed: images.project_id, images.fingerprint", _errors.AlreadyExists),
        (500, "Failed to delete bridge children interfaces: Failed to run: ip -d -j link show veth1", _errors.Stumbled),
        (400, "Unsupported compression", _errors.NoArchive),
        (400, "Bad name", _errors.Refused),
    ],
)
def test_refusals_have_names(server: FakeServer, client: Client, status: int, text: str, kind: type[_errors.Refused]) -> None:
    server.answer("POST /1.0/instances", error(status, text), status=status)
    with pytest.raises(_errors.Refused, match=text) as caught:
        client.send(Request("POST", ("instances",), {"name": "c1"}))
    assert caught.type is kind
    assert caught.value.facts == {"status": status, "request": "POST /1.0/instances"}


def test_body_query_project_and_etag(server: FakeServer, client: Client) -> None:
    server.answer("PUT /1.0/profiles/a", sync({}))
    remote = Remote(socket=str(server.server_address), project="blue")
    with Client(remote) as other:
        other.send(Request("PUT", ("profiles", "a"), {"config": {}}, {"target": "n1"}, etag="seen"))
    seen = server.seen[-1]
    assert sorted(seen.query.split("&")) == ["project=blue", "target=n1"]
    assert seen.headers["If-Match"] == "seen"
    assert json.loads(seen.body) == {"config": {}}


def test_all_projects_are_asked_without_one(server: FakeServer) -> None:
    server.answer("GET /1.0/instances", sync([]))
    with Client(Remote(socket=str(server.server_address), project="blue")) as client:
        client.get("instances", **{"all-projects": "true"})
    assert server.seen[-1].query == "all-projects=true"


def test_what_is_listed_is_listed_with_its_fields(server: FakeServer, client: Client) -> None:
    server.answer("GET /1.0/profiles", sync([{"name": "a"}]), sync(None))
    assert client.listed("profiles", project="p") == [{"name": "a"}]
    assert sorted(server.seen[-1].query.split("&")) == ["project=p", "recursion=1"]
    assert client.listed("profiles") == []


def test_operations_are_listed_whatever_their_status(server: FakeServer, client: Client) -> None:
    server.answer("GET /1.0/operations", sync({"running": [{"id": "1"}], "failure": [{"id": "2"}]}), sync({}))
    assert [operation["id"] for operation in client.operations()] == ["1", "2"]
    assert client.operations() == []


def test_what_has_to_be_there_is_named_where_it_is_not(server: FakeServer, client: Client) -> None:
    server.answer("GET /1.0/profiles/a", sync({"name": "a"}))
    assert client.existing("profile a", "profiles", "a").metadata == {"name": "a"}
    with pytest.raises(_errors.NotFound, match="^There is no profile b on unix:") as raised:
        client.existing("profile b", "profiles", "b")
    assert raised.value.facts["status"] == 404


def test_on_a_member_that_is_not_there_nothing_is_absent(server: FakeServer, client: Client) -> None:
    server.answer("GET /1.0/networks/n", {"type": "error", "error": "Cluster member not found", "error_code": 404}, status=404)
    with pytest.raises(_errors.InvalidOption, match="^target: 'n3' is not valid: there is no such member in a cluster of unix:"):
        client.get("networks", "n", target="n3")


def test_in_a_project_that_is_not_there_nothing_is_absent(server: FakeServer) -> None:
    with Client(Remote(socket=str(server.server_address), project="blue")) as client:
        for call in (client.get, lambda *path: client.download(Request("GET", path))):
            with pytest.raises(_errors.InvalidOption, match="^project: 'blue' is not valid: there is no such project on unix:"):
                call("instances", "c1")
        with pytest.raises(_errors.InvalidOption, match="^project: 'red' is not valid"):
            client.get("instances", "c1", project="red")


def test_in_check_mode_a_project_may_be_yet_to_come(server: FakeServer) -> None:
    warnings: list[str] = []
    with Client(Remote(socket=str(server.server_address), project="blue")) as client:
        client.foresee(warnings.append)
        assert [client.get("instances", name) for name in ("c1", "c2")] == [None, None]
    assert len(warnings) == 1 and warnings[0].startswith("project: 'blue' is not valid: there is no such project on unix:")


def test_of_a_project_that_is_there_is_asked_once(server: FakeServer) -> None:
    server.answer("GET /1.0/projects/blue", sync({"name": "blue"}))
    with Client(Remote(socket=str(server.server_address), project="blue")) as client:
        assert [client.get("instances", name) for name in ("c1", "c2")] == [None, None]
        assert [request for request in client.sent if "projects" in request] == ["GET /1.0/projects/blue"]


@pytest.mark.parametrize("path", [("projects", "blue"), ("certificates", "f"), ("cluster", "members", "n1"), ("network-integrations", "i")])
def test_what_is_in_no_project_may_be_absent_without_it(server: FakeServer, path: tuple[str, ...]) -> None:
    with Client(Remote(socket=str(server.server_address), project="blue")) as client:
        assert client.get(*path) is None and len(client.sent) == 1


def test_content_goes_as_it_is(server: FakeServer, client: Client) -> None:
    server.answer("POST /1.0/images", sync({}))
    client.send(Request("POST", ("images",), content=b"\0\xff", headers={"X-LXD-public": "1"}))
    assert server.seen[-1].body == b"\0\xff" and server.seen[-1].headers["X-LXD-public"] == "1"


def test_one_connection_serves_many_calls(server: FakeServer, client: Client) -> None:
    server.answer("GET /1.0/profiles", sync([]))
    for _number in range(3):
        client.get("profiles")
    assert client.sent == ["GET /1.0/profiles"] * 3


def test_the_server_is_asked_once(server: FakeServer, client: Client) -> None:
    assert (client.kind, client.header_prefix, client.has("instances"), client.has("clustering")) == ("lxd", "X-LXD-", True, False)
    assert client.sent == ["GET /1.0"]
    with pytest.raises(_errors.MissingExtension, match=r"5\.0\.2.*clustering, which moving needs"):
        client.require("clustering", "moving")


def test_an_operation_is_waited_for(server: FakeServer, client: Client) -> None:
    server.answer("POST /1.0/instances", started(), status=202)
    server.answer("GET /1.0/operations/op-1/wait", sync(OPERATION), sync({**OPERATION, "status_code": 200, "metadata": {"done": True}}))
    seen: list[int] = []
    reply = client.send(Request("POST", ("instances",), {}), progress=lambda operation: seen.append(operation["status_code"]))
    assert reply.metadata == {"done": True} and seen == [103, 200]


def test_an_operation_that_fails_says_why(server: FakeServer, client: Client) -> None:
    server.answer("POST /1.0/instances", started(), status=202)
    server.answer("GET /1.0/operations/op-1/wait", sync({**OPERATION, "status_code": 400, "err": "no space left"}))
    with pytest.raises(_errors.OperationFailed, match="no space left") as caught:
        client.send(Request("POST", ("instances",), {}))
    assert caught.value.facts["operation"] == "op-1"


@pytest.mark.parametrize(("code", "says"), [(500, "no space left"), (404, "Storage pool not found")])
def test_incus_tells_of_a_failed_operation_by_an_error_inside_of_a_good_answer(
    server: FakeServer, client: Client, code: int, says: str
) -> None:
    server.answer("POST /1.0/instances", started(), status=202)
    server.answer("GET /1.0/operations/op-1/wait", error(code, says))
    server.answer("GET /1.0/operations/op-1", sync({**OPERATION, "status_code": 400, "err": says}))
    with pytest.raises(_errors.OperationFailed, match=says):
        client.send(Request("POST", ("instances",), {}))


def test_an_operation_that_the_server_forgot_is_no_success(server: FakeServer, client: Client) -> None:
    server.answer("POST /1.0/instances", started(), status=202)
    with pytest.raises(_errors.OperationFailed, match="no longer knows the operation op-1; whether"):
        client.send(Request("POST", ("instances",), {}))


def test_time_is_over_and_the_operation_goes_on(server: FakeServer, client: Client) -> None:
    server.answer("POST /1.0/instances", started(), status=202)
    server.answer("GET /1.0/operations/op-1/wait", sync(OPERATION))
    with pytest.raises(_errors.TimedOut, match="Creating instance did not end within 0.05 seconds") as caught:
        client.send(Request("POST", ("instances",), {}), timeout=0.05)
    assert caught.value.facts == {"operation": "op-1", "request": "POST /1.0/instances"}


def test_start_does_not_wait(server: FakeServer, client: Client) -> None:
    server.answer("POST /1.0/instances", started(), status=202)
    reply = client.start(Request("POST", ("instances",), {}))
    assert reply.operation is not None and reply.operation["id"] == "op-1" and len(client.sent) == 1


def test_an_operation_that_cannot_be_cancelled_is_no_error(server: FakeServer, client: Client) -> None:
    server.answer("DELETE /1.0/operations/op-1", error(400, "can't be cancelled"), status=400)
    client.cancel("op-1")


def test_download(server: FakeServer, client: Client) -> None:
    server.answer("GET /1.0/images/f/export", b"\0\xff" * 10)
    with contextlib.closing(client.download(Request("GET", ("images", "f", "export")))) as body:
        assert b"".join(iter(body.read, b"")) == b"\0\xff" * 10
    with pytest.raises(_errors.NotFound):
        client.download(Request("GET", ("images", "g", "export")))


def test_only_files_need_pylxd(server: FakeServer, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pylxd", None)
    _bulk._library.cache_clear()
    server.answer("GET /1.0/profiles/a", sync({"name": "a"}))
    assert client.existing("profile a", "profiles", "a").metadata == {"name": "a"}
    with pytest.raises(_errors.MissingLibrary, match="pylxd"):
        client.download(Request("GET", ("images", "f", "export")))
    with pytest.raises(_errors.MissingLibrary, match="pylxd"):
        client.send(Request("POST", ("images",), content=b"x"))


def test_an_answer_that_breaks_off() -> None:
    def fail(_count: int) -> t.NoReturn:
        raise OSError("reset")

    response = types.SimpleNamespace(status_code=200, headers={}, raw=types.SimpleNamespace(read=fail, read1=fail))
    with pytest.raises(_errors.Unreachable, match="^The answer to GET /1.0/images/f/export of unix:/s broke off: reset$") as caught:
        Body(response, Request("GET", ("images", "f", "export")), Remote(socket="/s")).read()
    assert caught.value.facts == {"request": "GET /1.0/images/f/export"}


def test_a_server_that_does_not_trust_us_names_the_certificate(server: FakeServer) -> None:
    server.answer("GET /1.0", sync({**SERVER, "auth": "untrusted"}))
    with Client(Remote(socket=str(server.server_address), client_cert="/mine.crt")) as client:
        with pytest.raises(_errors.NotAuthorized, match=r"does not trust the client certificate /mine\.crt"):
            client.require_trust()


def test_a_trust_password_makes_trust(server: FakeServer) -> None:
    server.answer("GET /1.0", sync({**SERVER, "auth": "untrusted"}), sync(SERVER))
    server.answer("POST /1.0/certificates", sync({}))
    with Client(Remote(socket=str(server.server_address), trust_password="sekret")) as client:
        client.require_trust()
        assert client.server["auth"] == "trusted"
    assert [str(request) for request in client.sent] == ["GET /1.0", "POST /1.0/certificates", "GET /1.0"]
    assert not any("sekret" in request for request in client.sent)


def test_a_wrong_trust_password_is_named(server: FakeServer) -> None:
    server.answer("GET /1.0", sync({**SERVER, "auth": "untrusted"}))
    server.answer("POST /1.0/certificates", error(403, "not authorized"), status=403)
    with Client(Remote(socket=str(server.server_address), trust_password="sekret")) as client:
        with pytest.raises(_errors.NotAuthorized, match=r"^trust_password: .* does not accept it \(not authorized\)") as caught:
            client.require_trust()
    assert caught.value.facts == {"status": 403, "request": "POST /1.0/certificates"}


def test_what_is_missing_has_its_status_even_if_no_server_said_so() -> None:
    assert _errors.NotFound("x").facts == {"status": 404}
    assert _errors.NotFound("x", request="GET /").facts == {"status": 404, "request": "GET /"}
    assert str(_errors.InvalidOption("image", None, "say which")) == "image is required: say which"
