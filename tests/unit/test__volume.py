# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _volume
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, MissingExtension, OperationFailed
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply, Request
from ansible_collections.fleet.lxd.plugins.module_utils._plan import Current

MOVE = Request(
    "POST",
    ("storage-pools", "fast", "volumes", "custom", "a b"),
    {"name": "a b", "migration": True, "source": {"location": "n1"}},
    {"target": "n2", "project": "p"},
)
PLACE = "/1.0/storage-pools/fast/volumes/custom/a%20b"


class Cluster:
    """It has a volume ``old``. ``running`` are operations by what they concern; the volume stays where it was unless it ``moves``."""

    def __init__(self, *running: str, clustered: bool = True, extensions: t.Collection[str] = (), moves: bool = True) -> None:
        self.running, self.extensions, self.moves = running, extensions, moves
        self.server = {"environment": {"server_clustered": clustered}}
        self.header_prefix, self.remote = "X-LXD-", "here"
        self.did: list[str] = []

    def send(self, request: Request) -> Reply:
        self.did.append(str(request))
        return Reply()

    def operations(self, **query: str) -> list[dict[str, t.Any]]:
        assert query == {"project": "p"}
        ended = {"id": "0", "status": "Failure", "resources": {"storage_volumes": [PLACE]}}
        return [ended, *({"id": place, "status": "Running", "resources": {"storage_volumes": [place]}} for place in self.running)]

    def wait(self, operation: t.Mapping[str, t.Any], request: str) -> None:
        self.did.append(f"wait for {operation['id']}")

    def expect(self, option: str, value: str, *path: str, what: str) -> None:
        self.did.append(f"{option} is {'/'.join(path)}")

    def expect_project(self, option: str, project: str) -> None:
        self.did.append(f"{option} is {project}")

    def get(self, *path: str, **query: str) -> Reply | None:
        if path != MOVE.path:
            self.did.append(str(Request("GET", path, query=query)))
            return Reply({"config": {"size": "1GiB"}}) if path[-1] == "old" else None
        assert path == MOVE.path and query == {"target": "n1", "project": "p"}
        return None if self.moves else Reply({})

    def require(self, extension: str, purpose: str) -> None:
        if extension not in self.extensions:
            raise MissingExtension(extension, purpose, "lxd 5.0.2")


def send(client: Cluster, request: Request) -> Reply:
    return _volume.send(Context(t.cast(t.Any, client), False, lambda _text: None), request)


def test_a_move_ends_when_the_first_member_has_let_go() -> None:
    client = Cluster(f"{PLACE}?project=p", "/1.0/storage-pools/fast/volumes/custom/other")
    send(client, MOVE)
    assert client.did == [str(MOVE), f"wait for {PLACE}?project=p"]


def test_a_move_that_ends_where_it_began_has_failed() -> None:
    with pytest.raises(OperationFailed, match="^The move of the volume a b ended, and it still is on n1$"):
        send(Cluster(moves=False), MOVE)


def test_what_is_no_move_is_just_sent() -> None:
    client = Cluster()
    for request in (Request("POST", ("x",), {"name": "x"}), Request("DELETE", ("x",))):
        send(client, request)
    assert client.did == ["POST /1.0/x", "DELETE /1.0/x"]


def look(client: Cluster, current: Current | None = None, renamed: Current | None = None, **params: t.Any) -> t.Mapping[str, t.Any]:
    return _volume.look(t.cast(t.Any, client), {"state": "present", "pool": "fast", **params}, current, renamed)


def test_the_source_of_a_copy_is_looked_at_where_it_is() -> None:
    source = {"name": "old", "pool": None, "project": "q", "location": "n1"}
    assert look(Cluster(), target="n1", source=source) == {"origin": {"config": {"size": "1GiB"}}}
    client = Cluster(extensions=["cluster_internal_custom_volume_copy"])
    look(client, target="n2", source=source)
    assert client.did == ["source.project is q", "GET /1.0/storage-pools/fast/volumes/custom/old?project=q&target=n1"]


@pytest.mark.parametrize("made_of", [{"source": {"name": "gone"}}, {"source": {"name": "x", "remote": "off"}}, {"iso": "/gone"}])
@pytest.mark.parametrize("there", [{"current": Current({})}, {"renamed": Current({})}])
def test_what_a_volume_was_made_of_may_be_gone(made_of: dict[str, t.Any], there: dict[str, t.Any]) -> None:
    client = Cluster()
    assert look(client, **made_of, **there) == {}
    assert not client.did


def test_the_source_of_a_new_volume_may_not() -> None:
    with pytest.raises(InvalidOption, match="^source.name: 'gone' is not valid: there is no such volume in the pool slow of here$"):
        look(Cluster(), source={"name": "gone", "pool": "slow"})


def test_the_pool_to_move_to_is_looked_at_before_the_move() -> None:
    client = Cluster()
    look(client, current=Current({}), new_pool="slow")
    look(client, renamed=Current({}), new_pool="slow")
    assert client.did == ["new_pool is storage-pools/slow"]


def test_nothing_is_asked_for_a_removal() -> None:
    client = Cluster()
    assert look(client, state="absent", iso="/x") == {}
    assert not client.did


@pytest.mark.parametrize(
    ("client", "params", "error", "says"),
    [
        (Cluster(clustered=False), {"new_target": "n2"}, InvalidOption, "^new_target: 'n2' is not valid: the server is not in a cluster"),
        (Cluster(), {"new_target": "n2"}, MissingExtension, "cluster_internal_custom_volume_copy"),
        (Cluster(), {"source": {"name": "x", "location": "n1"}}, MissingExtension, "cluster_internal_custom_volume_copy"),
        (Cluster(), {"iso": "/x.iso"}, MissingExtension, "custom_volume_iso"),
    ],
)
def test_what_the_server_cannot_do(client: Cluster, params: dict[str, t.Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        look(client, **params)
    assert not client.did
