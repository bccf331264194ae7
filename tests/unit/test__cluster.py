# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _cluster
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply
from ansible_collections.fleet.lxd.plugins.module_utils._resources.network import NETWORK


class Members:
    """A server with these members, of which only the first has the network."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.server = {"environment": {"server_clustered": bool(names)}}
        self.asked: list[tuple[str, ...]] = []

    def get(self, *path: str, **query: str) -> Reply | None:
        self.asked.append((*path, *query.values()))
        return Reply({"config": {"parent": "eno1"}}, "e") if query["target"] == self.names[0] else None

    def listed(self, *path: str) -> list[dict[str, str]]:
        self.asked.append(path)
        return [{"server_name": name} for name in self.names]


def look(client: Members, **params: t.Any) -> t.Any:
    return _cluster.look(NETWORK, t.cast(t.Any, client), {"name": "up", "state": "present", **params})


def test_a_server_of_its_own_is_asked_nothing() -> None:
    client = Members()
    assert look(client) == {"members": {}}
    assert not client.asked


def test_nothing_is_asked_of_members_that_are_not_named() -> None:
    client = Members("n1", "n2")
    assert look(client) == {"members": {"n1": None, "n2": None}}
    assert client.asked == [("cluster", "members")]


def test_members_tell_what_they_have() -> None:
    found = look(Members("n1", "n2"), member_config={"n1": {}, "n2": {}})
    assert found == {"members": {"n1": {"entity": {"config": {"parent": "eno1"}}, "etag": "e"}, "n2": None}}


def test_nothing_is_asked_to_remove() -> None:
    client = Members("n1")
    assert look(client, state="absent", member_config={"gone": {}}) == {"members": {}}
    assert not client.asked


@pytest.mark.parametrize(
    ("client", "known"), [(Members("n2", "n1"), "the members of the cluster are n1, n2"), (Members(), "the server is not in a cluster")]
)
def test_an_unknown_member_is_refused(client: Members, known: str) -> None:
    with pytest.raises(InvalidOption, match=known) as raised:
        look(client, member_config={"n9": {}})
    assert raised.value.facts["option"] == "member_config"
