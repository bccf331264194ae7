# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _resource
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption
from ansible_collections.fleet.lxd.plugins.module_utils._resource import CONFIG, HIDDEN, Field, Resource, secrets

FORWARD = Resource(
    "forward", "networks/{network}/forwards", (CONFIG, Field("key", {"type": "str"}, secret=True)), identity="listen_address"
)
SERVER = Resource("server", "", (CONFIG,))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, "true"), (False, "false"), (2, "2"), (0, "0"), (0.5, "0.5"), ("", ""), ("yes", "yes"), ("ä\n", "ä\n"), (None, None)],
)
def test_text(value: t.Any, expected: str | None) -> None:
    assert _resource.text("x", value) == expected


@pytest.mark.parametrize("value", [[], {}, [1], {"a": 1}, (1,)])
def test_no_text(value: t.Any) -> None:
    with pytest.raises(InvalidOption, match="^config.x: .* is not valid: expected text, a number, a boolean, or null to unset it$"):
        _resource.text_map("config", {"x": value})


@pytest.mark.parametrize(
    ("current", "wanted", "expected"),
    [
        (None, {}, {}),
        ({"a": "1"}, {"b": "2"}, {"a": "1", "b": "2"}),
        ({"a": "1", "b": "2"}, {"a": None, "b": "", "c": None, "d": ""}, {}),
        ({"server.own": ""}, {"a": "1"}, {"server.own": "", "a": "1"}),
        ({"secret": True}, {"a": "1"}, {"secret": True, "a": "1"}),
    ],
)
def test_merge(current: t.Any, wanted: t.Any, expected: t.Any) -> None:
    assert _resource.merge(current, wanted) == expected


def test_merge_devices() -> None:
    current = {"root": {"type": "disk", "path": "/", "pool": "p"}, "eth0": {"type": "nic", "network": "lan"}}
    wanted = {"root": {"size": "1GiB", "pool": None}, "eth0": {"type": "none"}, "new": {"type": "none", "x": None}, "gone": None}
    assert _resource.merge_devices(current, wanted) == {
        "root": {"type": "disk", "path": "/", "size": "1GiB"},
        "eth0": {"type": "none"},
        "new": {"type": "none"},
    }
    assert _resource.merge_devices(current, {"eth0": None}) == {"root": current["root"]}
    assert _resource.merge_devices(current, {"root": {"type": "disk"}}) == current
    assert _resource.merge_devices(None, {}) == {}


def test_the_order_of_devices_is_kept_where_nothing_changes() -> None:
    assert _resource.unordered([{"b": 1}, {"a": 1}], [{"a": 1}, {"b": 1}]) == [{"b": 1}, {"a": 1}]
    assert _resource.unordered(["x"], ["y"]) == ["y"]
    assert _resource.unordered(None, []) == []


def test_entries_are_as_the_servers_store_them() -> None:
    normalize = _resource.entries({"source": _resource.spaceless, "description": _resource.stripped}, state="enabled")
    assert normalize("ingress", [{"action": "allow", "source": "a, b", "state": None, "port": "", "description": " "}]) == [
        {"action": "allow", "source": "a,b", "state": "enabled"}
    ]


def test_paths_are_made_of_parents() -> None:
    assert FORWARD.parents == ("network",)
    assert FORWARD.path({"network": "a/b", "listen_address": "10.0.0.1"}) == ("networks", "a/b", "forwards")
    assert SERVER.path({}) == ()


@pytest.mark.parametrize(("option", "name"), [("network", ""), ("network", ".."), ("listen_address", "."), ("new_name", " ")])
def test_no_name_leads_elsewhere(option: str, name: str) -> None:
    with pytest.raises(InvalidOption, match=f"^{option}: '{name}' is not valid: expected a name$"):
        FORWARD.path({"network": "lan", "listen_address": "10.0.0.1", option: name})


def test_the_argument_spec() -> None:
    spec = FORWARD.argument_spec
    assert list(spec) == ["network", "listen_address", "state", "config", "key"]
    assert spec["network"]["required"] and spec["listen_address"]["required"]
    assert spec["key"] == {"type": "str", "no_log": True}
    assert list(SERVER.argument_spec) == ["config"]


def test_secrets_are_hidden() -> None:
    assert FORWARD.hide({"key": "k", "config": {}}) == {"key": HIDDEN, "config": {}}
    assert FORWARD.hide({"key": "", "config": {}}) == {"key": "", "config": {}}


@pytest.mark.parametrize(
    "key",
    [
        "core.trust_password",
        "bgp.peers.a.password",
        "maas.api.key",
        "oidc.client.secret",
        "loki.auth.password",
        "truenas.api_key",
        "pure.api.token",
        "peers.a.key",
        "network.ovn.client_key",
    ],
)
def test_secrets_in_a_config_are_hidden(key: str) -> None:
    options = {"name": "a", "config": {key: "s3", "a.b": "1"}, "member_config": {"n1": {key: "s4"}}, "rules": [{"config": {key: ""}}]}
    assert FORWARD.hide(options)["config"] == {key: HIDDEN, "a.b": "1"}
    assert secrets(options) == {"s3", "s4"}
    assert FORWARD.hide({"config": {key: True}}) == {"config": {key: True}}


@pytest.mark.parametrize("key", ["user.password", "environment.token", "password", "core.remote_token_expiry", "core.auth_secret_expiry"])
def test_what_is_no_secret_is_shown(key: str) -> None:
    assert FORWARD.hide({"config": {key: "s3"}}) == {"config": {key: "s3"}}
    assert secrets({"config": {key: "s3"}}) == set()


@pytest.mark.parametrize(("kind", "plural"), [("profile", "profiles"), ("identity", "identities"), ("address", "addresses")])
def test_plural(kind: str, plural: str) -> None:
    assert Resource(kind, "x", ()).plural == plural
