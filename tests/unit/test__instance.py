# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What plans are made of; the plans themselves are in ``plans/container.yml``."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _instance
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Request
from ansible_collections.fleet.lxd.plugins.module_utils._plan import Current, Plan

PARAMS: dict[str, t.Any] = {"name": "c1", "new_name": None, "state": "started", "timeout": 30}


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        (None, "absent"),
        ({"status": "Running"}, "started"),
        ({"status": "Ready"}, "started"),
        ({"status": "Stopped"}, "stopped"),
        ({"status": "Frozen"}, "frozen"),
        ({"status": "Error"}, "error"),
        ({"status": "Starting"}, "starting"),
        ({"status": ""}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_power(entity: t.Any, expected: str) -> None:
    assert _instance.power(entity) == expected


@pytest.mark.parametrize("name", ["a", "a1", "web-1", "1a", "A" * 63])
def test_names(name: str) -> None:
    _instance.verify({**PARAMS, "name": name, "new_name": name})


@pytest.mark.parametrize("name", ["", " ", "-a", "a-", "a.b", "a_b", "a/b", "ä", "..", "a\n", "a" * 64])
@pytest.mark.parametrize("option", ["name", "new_name"])
def test_wrong_names(option: str, name: str) -> None:
    with pytest.raises(InvalidOption, match=f"^{option}: "):
        _instance.verify({**PARAMS, option: name})


@pytest.mark.parametrize("timeout", [0, -1])
def test_wrong_times(timeout: int) -> None:
    with pytest.raises(InvalidOption, match="^timeout: .* expected a number of seconds above 0"):
        _instance.verify({**PARAMS, "timeout": timeout})


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Request("POST", ("instances",)), "create"),
        (Request("POST", ("instances", "state")), "rename"),
        (Request("PUT", ("instances", "c1")), "apply_instance_configs"),
        (Request("PUT", ("instances", "state")), "apply_instance_configs"),
        (Request("DELETE", ("instances", "state")), "delete"),
        (Request("PUT", ("instances", "c1", "state"), {"action": "freeze"}), "freeze"),
    ],
)
def test_actions(request_: Request, expected: str) -> None:
    assert _instance.action(request_) == expected


def test_changed_keys() -> None:
    plan = Plan({"config": {"a": "1", "b": "1", "c": "1"}}, {"config": {"a": "1", "b": "2", "d": "1"}})
    assert _instance.changed_keys(plan) == {"b", "c", "d"}
    assert _instance.changed_keys(Plan({}, {})) == set()
    assert _instance.changed_keys(Plan(None, {"config": {"a": "1"}})) == set()


def test_an_update_is_made_of_what_is_there() -> None:
    there = Current({"name": "c1", "config": {"volatile.x": "new"}, "status": "Stopped"}, "e2")
    params = {field.name: None for field in _instance.FIELDS} | {"config": {"a": 1}, "ignore_volatile_options": False}
    assert _instance.update(params, "c2", there) == Request(
        "PUT", ("instances", "c2"), {"name": "c1", "config": {"volatile.x": "new", "a": "1"}, "status": "Stopped"}, etag="e2"
    )
    assert _instance.update({**params, "config": {}}, "c2", there) is None
