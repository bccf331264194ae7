# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils._compare import compare
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply, Request
from ansible_collections.fleet.lxd.plugins.module_utils._resources import api

PROFILE = {"name": "web", "description": "", "config": {"a": "1", "b": "2"}, "devices": {"eth0": {"type": "nic"}}}


@pytest.mark.parametrize(
    ("method", "body", "changed", "after"),
    [
        ("PATCH", {"config": {"a": "1"}}, False, {"a": "1", "b": "2"}),
        ("PATCH", {"config": {"a": "3"}}, True, {"a": "3", "b": "2"}),
        ("PATCH", {"config": {"c": "3"}}, True, {"a": "1", "b": "2", "c": "3"}),
        ("PATCH", {"config": {"b": None}}, True, {"a": "1"}),
        ("PATCH", {"config": {"b": ""}}, True, {"a": "1"}),
        ("PATCH", {"config": {"c": None, "d": ""}}, False, {"a": "1", "b": "2"}),
        ("PUT", {"config": {"a": "1"}}, True, {"a": "1"}),
        ("PUT", {"config": {"a": "1", "b": "2"}}, False, {"a": "1", "b": "2"}),
        ("PUT", {"config": {"a": 1, "b": "2"}}, True, {"a": 1, "b": "2"}),
        ("PUT", {"config": {"a": "1", "b": "2"}, "description": None}, False, {"a": "1", "b": "2"}),
    ],
)
def test_compare(method: str, body: dict[str, t.Any], changed: bool, after: dict[str, t.Any]) -> None:
    plan = compare(Request(method, ("profiles", "web"), body), Reply(PROFILE, "e"))
    assert plan.changed == changed
    assert plan.before["config"] == PROFILE["config"] and plan.after["config"] == after
    assert [(request.method, request.body, request.etag) for request in plan.requests] == ([(method, body, "e")] if changed else [])


def test_a_device_is_replaced_whole() -> None:
    body = {"devices": {"eth0": {"name": "eth0"}, "root": {"type": "disk"}}}
    plan = compare(Request("PATCH", ("profiles", "web"), body), Reply(PROFILE, "e"))
    assert plan.after == body and plan.requests[0].body == body


PROJECT = {"name": "shop", "description": "Shop", "config": {"features.images": "true", "user.a": "1"}, "used_by": []}
ACL = {"name": "web", "description": "", "config": {}, "ingress": [{"action": "allow"}], "egress": [], "used_by": []}


@pytest.mark.parametrize(
    ("path", "entity", "body", "sent"),
    [
        (
            ("projects", "shop"),
            PROJECT,
            {"config": {"user.b": "2", "user.a": None}},
            {"description": "Shop", "config": {"features.images": "true", "user.b": "2"}},
        ),
        (("network-acls", "web"), ACL, {"description": "Web"}, {**ACL, "description": "Web"}),
        (("network-acls", "web"), ACL, {"ingress": []}, {**ACL, "ingress": []}),
    ],
)
def test_what_a_patch_would_forget_is_put(path: tuple[str, ...], entity: t.Any, body: t.Any, sent: t.Any) -> None:
    (request,) = compare(Request("PATCH", path, body), Reply(entity, "e")).requests
    sent = {key: value for key, value in sent.items() if key not in ("name", "used_by")}
    assert (request.method, request.path, request.body, request.etag) == ("PUT", path, sent, "e")
    assert not compare(Request("PATCH", path, body), Reply({**entity, **sent}, "e")).changed


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_secrets_are_sent_and_not_shown(method: str) -> None:
    body = {"config": {"core.trust_password": "sesame"}}
    plan = compare(Request(method, (), body), Reply({"config": {"core.trust_password": True}}, "e"))
    assert plan.requests[0].body == body and "sesame" not in str(plan.after)


@pytest.mark.parametrize("found", [None, Reply(["/1.0/instances/web"]), Reply(None)])
def test_what_cannot_be_compared_is_sent(found: Reply | None) -> None:
    assert compare(Request("PUT", ("instances",), {"state": {"action": "stop"}}), found).changed


@pytest.mark.parametrize(
    ("path", "query", "sent"),
    [
        ("/1.0", None, ((), {})),
        ("", None, ((), {})),
        ("/1.0/profiles", None, (("profiles",), {})),
        ("profiles/", {"recursion": 1}, (("profiles",), {"recursion": "1"})),
        ("networks/lan?target=n1", {"project": "p"}, (("networks", "lan"), {"target": "n1", "project": "p"})),
        ("storage-pools/p/volumes/custom/a%2Fb", None, (("storage-pools", "p", "volumes", "custom", "a/b"), {})),
    ],
)
def test_path(path: str, query: dict[str, t.Any] | None, sent: t.Any) -> None:
    request = api._request({"path": path, "query": query, "method": "GET", "body": None})
    assert (request.path, request.query) == sent


@pytest.mark.parametrize("path", ["https://127.0.0.1:8443/1.0", "//127.0.0.1/1.0/profiles"])
def test_another_server_is_refused(path: str) -> None:
    with pytest.raises(InvalidOption) as raised:
        api._request({"path": path, "query": None, "method": "GET", "body": None})
    assert raised.value.facts["option"] == "path"
