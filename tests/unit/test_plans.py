# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent for which wish and which server: tables of ``plans/<kind>.yml``.

A row has ``it`` (what is shown) and ``params`` (as a user writes them); ``current`` and ``renamed`` are what the server has by
``name`` and ``new_name``, with the ETag ``e``; ``inherited`` what a copy has of its source, ``stale`` the keys that a running
guest does not notice. Expected: ``requests`` (none if not given), each with ``send``, and ``body`` and ``etag`` if they matter;
``before``, ``after``, ``actions`` and ``restart_required`` where they are given; or ``error``, a part of the message, and the
``option`` that it names.
"""

from __future__ import annotations

import importlib
import pathlib
import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleet.lxd.plugins.module_utils import _instance, _plan, _source
from ansible_collections.fleet.lxd.plugins.module_utils._converge import as_job
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, LxdError
from ansible_collections.fleet.lxd.plugins.module_utils._plan import Current, Plan

TABLES = pathlib.Path(__file__).parent / "plans"
RESOURCES = "ansible_collections.fleet.lxd.plugins.module_utils._resources."


def rows() -> t.Iterator[t.Any]:
    for table in sorted(TABLES.glob("*.yml")):
        for row in yaml.safe_load(table.read_text(encoding="utf-8")):
            yield pytest.param(table.stem, row, id=f"{table.stem}: {row['it']}")


def planned(kind: str, row: t.Mapping[str, t.Any]) -> Plan:
    declared = getattr(importlib.import_module(RESOURCES + kind), kind.upper())
    job = as_job(declared)
    validated = ArgumentSpecValidator(job.argument_spec, **job.argument_rules).validate(row["params"])
    assert not validated.error_messages
    params = validated.validated_parameters
    current, renamed = (Current(row[key], "e") if row.get(key) is not None else None for key in ("current", "renamed"))
    if kind == "container":
        _instance.verify(params)
        params = {**params, "profiles_first": row.get("profiles_first", False)}
        made_of = _source.source(params)
        planned = _instance.plan(params, current, renamed, made_of.body if made_of else None, row.get("inherited"))
        return _instance.with_restart(planned, set(row.get("stale", ())), params)
    params = declared.named(declared.prepare(params) if declared.prepare else params)
    return (declared.plan or _plan.plan)(declared, {**params, **row.get("looked", {})}, current, renamed)


@pytest.mark.parametrize(("kind", "row"), list(rows()))
def test_plan(kind: str, row: t.Mapping[str, t.Any]) -> None:
    if "error" in row:
        with pytest.raises(LxdError) as raised:
            planned(kind, row)
        assert row["error"] in str(raised.value)
        assert "option" not in row or (isinstance(raised.value, InvalidOption) and raised.value.facts["option"] == row["option"])
        return
    plan = planned(kind, row)
    expected = row.get("requests", [])
    assert [str(request) for request in plan.requests] == [each["send"] for each in expected]
    for request, each in zip(plan.requests, expected):
        assert {key: getattr(request, key) for key in each if key != "send"} == {key: each[key] for key in each if key != "send"}
    assert plan.changed == bool(expected)
    for key in ("before", "after", "actions", "restart_required"):
        if key in row:
            found = getattr(plan, key)
            assert (list(found) if isinstance(found, tuple) else found) == row[key]
    if not plan.requests:
        assert plan.before == plan.after


def test_planning_changes_nothing_that_it_was_given() -> None:
    entity = {"name": "web", "config": {"a": "1"}, "devices": {"root": {"type": "disk", "path": "/"}}, "description": ""}
    row = {"params": {"name": "web", "config": {"a": None}, "devices": {"root": {"path": None}}}, "current": entity}
    planned("profile", row)
    assert entity == {"name": "web", "config": {"a": "1"}, "devices": {"root": {"type": "disk", "path": "/"}}, "description": ""}
