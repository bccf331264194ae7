# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told when somebody else was quicker."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils._converge import TRIES, settle
from ansible_collections.fleet.lxd.plugins.module_utils._errors import AlreadyExists, Conflict, Refused, Stumbled
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Request
from ansible_collections.fleet.lxd.plugins.module_utils._plan import Plan

Done = t.Callable[[Request], None]


class World:
    """A row of steps: what is done so far is its state; the failures of ``fails`` come before the steps that bear their names."""

    def __init__(self, *steps: str, **fails: list[Exception]) -> None:
        self.steps, self.fails = steps, fails
        self.done: list[str] = []
        self.reads = 0

    def read(self) -> list[str]:
        self.reads += 1
        return list(self.done)

    def plan(self, found: list[str]) -> Plan:
        left = tuple(Request("PUT", (step,)) for step in self.steps if step not in found)
        return Plan({"done": found}, {"done": list(self.steps)}, left)

    def send(self, plan: Plan, done: Done) -> None:
        for request in plan.requests:
            if self.fails.get(request.path[0]):
                raise self.fails[request.path[0]].pop()
            self.done.append(request.path[0])
            done(request)

    def settle(self, check: bool = False) -> tuple[Plan, list[str]]:
        return settle(self.read, self.plan, self.send, check)


def test_all_at_once() -> None:
    world = World("a", "b")
    plan, found = world.settle()
    assert (plan.changed, plan.before, found, world.reads) == (True, {"done": []}, ["a", "b"], 2)


def test_nothing_to_do_is_one_look() -> None:
    world = World()
    plan, found = world.settle()
    assert (plan.changed, found, world.reads) == (False, [], 1)


def test_check_mode_is_one_look_and_no_request() -> None:
    world = World("a", "b")
    plan, found = world.settle(check=True)
    assert (plan.changed, found, world.reads, world.done) == (True, [], 1, [])


def test_a_conflict_means_to_look_again() -> None:
    world = World("a", a=[Conflict("412"), AlreadyExists("409")])
    plan, _found = world.settle()
    assert plan.changed
    assert world.done == ["a"]


def test_what_was_done_before_a_conflict_is_told() -> None:
    world = World("a", "b", b=[Conflict("412")])
    plan, _found = world.settle()
    assert [request.path[0] for request in plan.requests] == ["a", "b"]
    assert (plan.before, plan.after) == ({"done": []}, {"done": ["a", "b"]})


def test_it_is_a_change_even_if_others_did_the_rest() -> None:
    world = World("a", "b")

    def send(plan: Plan, done: Done) -> None:
        world.done += ["a", "b"]
        done(plan.requests[0])
        raise Conflict("somebody did b")

    plan, _found = settle(world.read, world.plan, send, False)
    assert [request.path[0] for request in plan.requests] == ["a"]
    assert plan.changed


def test_if_others_did_all_it_is_no_change() -> None:
    world = World("a")

    def send(_plan: Plan, _done: Done) -> None:
        world.done.append("a")
        raise AlreadyExists("somebody did it")

    plan, found = settle(world.read, world.plan, send, False)
    assert (plan.changed, plan.before, found) == (False, {"done": ["a"]}, ["a"])


def test_what_a_server_has_done_though_it_failed_is_told() -> None:
    world = World("rename", "update")

    def plan(found: list[str]) -> Plan:
        name = {} if "rename" in found else {"name": "new"}
        return Plan({"done": found}, {"done": ["rename", "update"], **name}, world.plan(found).requests)

    def send(planned: Plan, done: Done) -> None:
        if "rename" not in world.done:
            world.done.append("rename")
            raise Stumbled("half-way", request=str(planned.requests[0]))
        world.send(planned, done)

    whole, _found = settle(world.read, plan, send, False)
    assert [request.path[0] for request in whole.requests] == ["rename", "update"]
    assert (whole.before, whole.after) == ({"done": []}, {"done": ["rename", "update"], "name": "new"})


def test_it_is_not_tried_for_ever() -> None:
    world = World("a", a=[Conflict(str(number)) for number in range(9)])
    with pytest.raises(Conflict):
        world.settle()
    assert world.reads == TRIES


def test_other_failures_are_final() -> None:
    world = World("a", a=[Refused("no")])
    with pytest.raises(Refused):
        world.settle()
    assert world.reads == 1
