# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies from one server to another, each of which is a list of what it answers."""

from __future__ import annotations

import types
import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _migrate
from ansible_collections.fleet.lxd.plugins.module_utils._errors import AlreadyExists, InvalidOption, LxdError, OperationFailed, TimedOut
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply, Request

STOPPED = {"name": "web", "status": "Stopped", "architecture": "x86_64", "type": "container", "config": {}, "last_used_at": "never"}


class Server:
    """``fails``: by the number of the operation, how it ends badly."""

    def __init__(self, name: str, entity: t.Any = None, url: str | None = None, addresses: t.Sequence[str] = (), kind: str = "lxd") -> None:
        self.remote = types.SimpleNamespace(url=url, name=name, __str__=lambda: name)
        self.server = {"environment": {"addresses": list(addresses), "certificate": f"cert of {name}"}}
        self.kind, self.description, self.entity = kind, f"{kind} at {name}", entity
        self.snapshots = [{"name": "web/s1"}]
        self.fails: dict[int, Exception] = {}
        self.did: list[str] = []
        self.bodies: list[t.Any] = []
        self.meanwhile: t.Callable[[], object] = lambda: None

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    def require_trust(self, check: bool) -> None:
        assert check

    def has(self, _extension: str) -> bool:
        return False

    def existing(self, _what: str, *_path: str) -> Reply:
        return Reply(dict(self.entity))

    def listed(self, *_path: str) -> list[dict[str, t.Any]]:
        return self.snapshots

    def get(self, *path: str) -> Reply:
        failure = self.fails.get(int(path[-1]))
        return Reply({"id": path[-1], "status_code": 400, "err": str(failure)} if failure else {"id": path[-1], "status_code": 103})

    def start(self, request: Request) -> Reply:
        self.bodies.append(request.body)
        self.did.append(f"{request.method} {'/'.join(request.path)}")
        return Reply(operation={"id": str(len(self.bodies)), "metadata": {"fs": "secret"}})

    def send(self, request: Request) -> Reply:
        self.did.append(f"{request.method} {'/'.join(request.path)}")
        return Reply()

    def wait(self, operation: t.Mapping[str, t.Any], _timeout: float | None = None, progress: t.Any = None) -> None:
        if progress:
            self.meanwhile()
            progress(operation)
        if int(operation["id"]) in self.fails:
            raise self.fails[int(operation["id"])]

    def cancel(self, operation_id: str) -> None:
        self.did.append(f"cancel {operation_id}")


class Case:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, source: Server, target: Server) -> None:
        self.source, self.target = source, target
        self.said: list[str] = []
        monkeypatch.setattr(_migrate, "_opened", lambda _remote, _wish: source)
        monkeypatch.setattr(_migrate, "relay", lambda source, target, _over: self.said.append(f"relay {source[1]['id']} {target[1]['id']}"))

    def bring(self, **wish: t.Any) -> None:
        context = Context(None, False, self.said.append)
        request = Request("POST", ("instances",), {"name": "web", "source": {"type": "copy", "source": "web", **wish}})
        _migrate.bring("other", t.cast(t.Any, self.target), context, request)


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch) -> Case:
    return Case(monkeypatch, Server("src", STOPPED, url="https://src:8443"), Server("dst", addresses=["dst:8443", "[::1]:8443"]))


def test_the_target_calls_the_source(case: Case) -> None:
    case.bring(instance_only=True)
    assert case.source.bodies == [{"migration": True, "live": False, "instance_only": True, "container_only": True}]
    source = case.target.bodies[0].pop("source")
    assert case.target.bodies == [{"name": "web", "architecture": "x86_64", "type": "container", "config": {}}]
    assert (source["mode"], source["operation"], source["secrets"]) == ("pull", "https://src:8443/1.0/operations/1", {"fs": "secret"})
    assert (source["certificate"], source["instance_only"], source["refresh"]) == ("cert of src", True, False)


def test_the_source_calls_the_target(case: Case) -> None:
    case.bring(mode="push")
    assert case.target.bodies[0]["source"]["mode"] == "push"
    assert case.source.bodies[0]["target"] == {
        "operation": "https://dst:8443/1.0/operations/1",
        "secrets": {"fs": "secret"},
        "certificate": "cert of dst",
    }


def test_a_snapshot(case: Case) -> None:
    case.bring(source="web/s1")
    assert case.source.did == ["POST instances/web/snapshots/s1"]
    assert case.source.bodies == [{"migration": True, "live": False, "name": "s1"}]


def test_servers_that_do_not_reach_each_other_are_relayed(case: Case) -> None:
    lost = OperationFailed("Unable to connect to: src:8443")
    case.target.fails = {1: lost, 2: lost, 3: lost}
    case.bring()
    assert case.said[-1] == "relay 4 4"
    assert [text.rpartition("; ")[2] for text in case.said[:3]] == ["push is tried", "push is tried", "relay is tried"]
    assert [body["source"]["mode"] for body in case.target.bodies] == ["pull", "push", "push", "push"]


def test_a_mode_that_was_asked_for_is_the_only_one(case: Case) -> None:
    case.target.fails = {1: OperationFailed("Unable to connect to: src:8443")}
    with pytest.raises(OperationFailed, match="^web could not be made of web of .*: Unable to connect to: src:8443$"):
        case.bring(mode="pull")
    assert case.source.did == ["POST instances/web", "cancel 1"]


@pytest.mark.parametrize(("mode", "side"), [("pull", "source"), ("push", "target")])
def test_who_listens_nowhere_cannot_be_called(monkeypatch: pytest.MonkeyPatch, mode: str, side: str) -> None:
    case = Case(monkeypatch, Server("src", STOPPED), Server("dst"))
    with pytest.raises(InvalidOption, match=f"^source.mode: '{mode}' is not valid: the {side} .* listens at no https address"):
        case.bring(mode=mode)
    assert case.source.did == case.target.did == []
    case.bring()
    assert case.said == ["relay 1 1"]


def test_both_say_why_it_failed_once_and_in_one_line(case: Case) -> None:
    case.target.fails = {1: OperationFailed("Closed")}
    case.source.fails = {1: OperationFailed("Disk\nfull")}
    with pytest.raises(OperationFailed, match=": Disk full; Closed$"):
        case.bring()
    assert case.target.did == ["POST instances", "cancel 1"]


@pytest.mark.parametrize(("refresh", "expected"), [(False, ["DELETE instances/web"]), (True, [])])
def test_what_arrived_of_a_copy_that_failed_is_removed(case: Case, refresh: bool, expected: list[str]) -> None:
    case.source.fails = {1: OperationFailed("Broken")}
    with pytest.raises(OperationFailed, match="Broken"):
        case.bring(refresh=refresh)
    assert case.target.did == ["POST instances", "cancel 1", *expected]


def test_what_somebody_else_made_stays(case: Case) -> None:
    case.target.fails = {1: AlreadyExists("exists")}
    with pytest.raises(AlreadyExists):
        case.bring()
    assert case.target.did == ["POST instances"]


def test_what_is_left_half_made_is_told(case: Case) -> None:
    case.target.fails = {1: TimedOut("It goes on")}
    with pytest.raises(TimedOut):
        case.bring()
    assert case.said == ["web may have been left half made: It goes on"]


def test_silence_is_not_waited_for_forever(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_migrate, "STALL", -1)
    with pytest.raises(TimedOut, match="no progress for -1 seconds"):
        case.bring()


def test_what_has_moved_is_removed_from_where_it_was(case: Case) -> None:
    case.target.snapshots = [{"name": "web/s1"}, {"name": "web/s0"}]
    case.bring(move=True)
    assert case.source.did == ["POST instances/web", "DELETE instances/web"]


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        (lambda case: case.source.snapshots.append({"name": "web/s2"}), "its snapshots s2 have not arrived"),
        (lambda case: case.source.entity.update(status="Running"), "it was used or changed meanwhile"),
        (lambda case: case.source.entity.update(last_used_at="now"), "it was used or changed meanwhile"),
    ],
)
def test_a_source_that_was_used_meanwhile_stays(case: Case, meanwhile: t.Any, why: str) -> None:
    case.source.entity = dict(STOPPED)
    case.target.snapshots = list(case.source.snapshots)
    case.target.meanwhile = lambda: meanwhile(case)
    with pytest.raises(LxdError, match=f"^web was copied, but web was left on .*, too: {why}$"):
        case.bring(move=True)
    assert "DELETE instances/web" not in case.source.did


@pytest.mark.parametrize(
    ("entity", "kind", "wish", "message"),
    [
        ({**STOPPED, "status": "Running"}, "lxd", {"move": True}, "^source.move: True is not valid: web is running on .*, and has to be"),
        (
            {**STOPPED, "expanded_config": {"security.protection.delete": "true"}},
            "lxd",
            {"move": True},
            "^source.move: True is not valid: web is protected on .* by security.protection.delete$",
        ),
        (STOPPED, "incus", {}, "^source.remote: 'src' is not valid: lxd at dst takes no snapshots of Incus: give instance_only=true"),
    ],
)
def test_what_cannot_be_is_known_before(monkeypatch: pytest.MonkeyPatch, entity: t.Any, kind: str, wish: t.Any, message: str) -> None:
    case = Case(monkeypatch, Server("src", entity, kind=kind), Server("dst"))
    with pytest.raises(InvalidOption, match=message):
        _migrate.look("other", {"source": "web", **wish}, t.cast(t.Any, case.target))
    assert _migrate.look("other", {"source": "web", "instance_only": True}, t.cast(t.Any, case.target)) == entity
