# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document of a fleet, where its instances go, what comes first, and how updates roll: all that asks no server."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import (
    _fleet_apply,
    _fleet_document,
    _fleet_order,
    _fleet_place,
    _fleet_plan,
    _fleet_text,
)
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, LxdError
from ansible_collections.fleet.lxd.plugins.module_utils._fleet_kinds import BY_KEY, KINDS, OWNER
from ansible_collections.fleet.lxd.plugins.module_utils._fleet_view import _kind

WEB = {"name": "web-{n:02}", "count": 3, "image": "busybox"}


def entries(**document: t.Any) -> list[_fleet_document.Entry]:
    return _fleet_document.read(document)


def test_a_number_is_put_into_every_text_of_an_entry() -> None:
    devices = {"eth0": {"ipv4.address": "10.0.0.{n}"}}
    found = entries(instances=[{**WEB, "first": 9, "config": {"user.n": "{n}", "limits.cpu": 2}, "devices": devices}])
    assert [entry.name for entry in found] == ["web-09", "web-10", "web-11"]
    assert found[1].params["config"] == {"user.n": "10", "limits.cpu": 2}
    assert found[2].params["devices"] == {"eth0": {"ipv4.address": "10.0.0.11"}}
    assert {entry.path for entry in found} == {"$.instances[0]"}


def test_a_number_is_put_into_keys_the_project_and_the_health_too() -> None:
    rolling = {"health": [{"type": "command", "command": "test {n}"}]}
    found = entries(instances=[{**WEB, "project": "p{n}", "config": {"user.k{n}": "v"}, "rolling": rolling}])
    assert [entry.project for entry in found] == ["p1", "p2", "p3"]
    assert found[1].params["config"] == {"user.k2": "v"}
    assert found[2].extra["rolling"]["health"] == [{"type": "command", "command": "test 3"}]


def test_keys_are_texts() -> None:
    (profile,) = entries(profiles=[{"name": "a", "config": {5: 1}, "devices": {0: {1: "x"}, "none": None}}])
    assert profile.params["config"] == {"5": 1}
    assert profile.params["devices"] == {"0": {"1": "x"}, "none": None}


def test_an_entry_is_what_ansible_would_hand_to_the_module() -> None:
    (volume,) = entries(storage_volumes=[{"name": 5, "pool": "p", "source": {"name": "old", "volume_only": "yes"}}])
    assert volume.params["name"] == "5"
    assert volume.params["source"]["volume_only"] is True
    assert volume.params["state"] == "present"
    assert volume.params["config"] is None
    (image,) = entries(images=[{"alias": ["a"], "source": {"type": "url", "url": "https://x"}, "stall_timeout": "5"}])
    assert image.name == "a"
    assert image.params["stall_timeout"] == 5.0
    assert image.params["dest"] is None


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        ({"instance": []}, ["$.instance: not known here, did you mean instances?"]),
        ({"profiles": {}}, ["$.profiles: {} is not valid: expected a list"]),
        ({"profiles": [{}]}, ["$.profiles[0]: name is missing"]),
        ({"profiles": [{"name": "a", "state": "gone"}]}, ["$.profiles[0].state: 'gone' is not valid: expected one of present, absent"]),
        ({"profiles": [{"name": "a", "config": "x"}]}, ["$.profiles[0].config: 'x' is not valid: expected a mapping"]),
        ({"profiles": [{"name": "a", "descriptoin": "b"}]}, ["$.profiles[0].descriptoin: not known here, did you mean description?"]),
        ({"profiles": [{"name": "a", "new_name": "b"}]}, None),
        ({"profiles": [{"name": "a", "devices": {"d": "x"}}]}, ["$.profiles[0].devices.d: 'x' is not valid: expected a mapping"]),
        ({"instances": [{"name": "a-{n}", "count": "-1"}]}, ["$.instances[0].count: '-1' is not valid: expected a number"]),
        ({"instances": [{"name": "a-{n}", "count": 10**9}]}, ["$.instances[0].count: 1000000000 is not valid: expected 1000000 or less"]),
        ({"instances": [{"name": "a", "rolling": {"max_unavailable": "0"}}]}, None),
        ({"instances": [{"name": "a-{n:3}", "count": 1}]}, None),
        ({"instances": [{"name": "a", "rolling": {"health": ["nope"]}}]}, None),
        ({"profiles": [{"name": "a", "remote": "r", "remotes": ["s"]}]}, ["$.profiles[0]: remote and remotes exclude each other"]),
        ({"profiles": [{"name": "a"}, {"name": "a"}]}, ["$.profiles[1]: the profile a is in $.profiles[0] too"]),
        ({"images": [{"public": True}]}, ["$.images[0]: one of aliases, fingerprint is missing"]),
        ({"images": [{"aliases": "a"}]}, ["$.images[0].aliases: 'a' is not valid: expected a list"]),
        (
            {"images": [{"aliases": ["a"], "state": "exported"}]},
            ["$.images[0].state: 'exported' is not valid: expected one of present, absent"],
        ),
        (
            {"instances": [{"name": "a", "image": "i", "source": {"type": "none"}, "ephemeral": "maybe", "count": "x"}]},
            [
                "$.instances[0].count: 'x' is not valid: expected a number",
                "$.instances[0].ephemeral: 'maybe' is not valid: expected true or false",
            ],
        ),
        ({"instances": [{"name": "a", "image": "i", "source": {"type": "none"}}]}, ["$.instances[0]: image and source exclude each other"]),
        (
            {"instances": [{"name": "a", "count": 2}]},
            ["$.instances[0].name: 'a' is not valid: with count the names need a number in them, such as a-{n} or a-{n:02}"],
        ),
        ({"instances": [{"name": "a-{n}"}]}, ["$.instances[0].name: 'a-{n}' is not valid: {n} needs count, how many there shall be"]),
        (
            {"instances": [{"name": "a", "placement": "pack"}]},
            ["$.instances[0].placement: 'pack' is not valid: it needs max_per_place, how many of these fit in one place"],
        ),
        ({"instances": [{"name": "a", "rolling": {"batch": 0}}]}, ["$.instances[0].rolling.batch: 0 is not valid: expected 1 or more"]),
        ({"instances": [{"name": "a", "state": "restarted"}]}, None),
    ],
)
def test_faults_have_their_paths(document: dict[str, t.Any], faults: list[str] | None) -> None:
    with pytest.raises(LxdError) as caught:
        _fleet_document.read(document)
    if faults:
        assert caught.value.facts["faults"] == faults


def test_faults_come_in_the_order_of_the_document() -> None:
    with pytest.raises(LxdError, match="11 faults in the document; nothing was touched") as caught:
        entries(profiles=[{} for _number in range(11)])
    assert [fault.partition(":")[0] for fault in caught.value.facts["faults"]] == [f"$.profiles[{number}]" for number in range(11)]


def test_all_but_instances_are_on_each_of_the_remotes() -> None:
    found = entries(remotes=["a", "b"], profiles=[{"name": "p"}, {"name": "q", "remote": "c"}], instances=[{"name": "i"}])
    assert [(entry.name, entry.remote, entry.remotes) for entry in found] == [
        ("p", "a", ()), ("p", "b", ()), ("q", "c", ()), ("i", None, ("a", "b")),
    ]
    assert _fleet_document.remotes({"remotes": ["a", "b"]}, found) == ["a", "b", "c"]
    assert _fleet_document.remotes({}, []) == [None]


def test_a_remote_that_is_named_twice_is_one() -> None:
    found = entries(remotes=["a", "a"], profiles=[{"name": "p"}], instances=[{"name": "i"}, {"name": "j", "remotes": ["b", "b"]}])
    assert [(entry.name, entry.remote, entry.remotes) for entry in found] == [("p", "a", ()), ("i", "a", ()), ("j", "b", ())]


def test_every_module_of_a_document_says_in_which_list_it_is() -> None:
    """What the view takes whole lists of is what the jobs ask for one by one."""
    for kind in KINDS:
        parents = dict.fromkeys(kind.parents, "x")
        assert _kind(kind.place(parents)) is kind


def placed(there: dict[str, _fleet_place.Place], count: int = 4, **options: t.Any) -> list[_fleet_place.Place]:
    found = entries(remotes=["a", "b"], instances=[{**WEB, "count": count, **options}])
    (group,) = _fleet_place.groups(found)
    return [(entry.remote, entry.params["target"]) for entry in _fleet_place.place(group, there, collections.Counter())]


def test_spread_fills_the_emptier_place() -> None:
    assert placed({}) == [("a", None), ("b", None), ("a", None), ("b", None)]
    there: dict[str, _fleet_place.Place] = {"web-01": ("a", None), "web-02": ("a", None)}
    assert placed(there) == [("a", None), ("a", None), ("b", None), ("b", None)]


def test_pack_fills_one_place_after_the_other() -> None:
    assert placed({}, placement="pack", max_per_place=3) == [("a", None)] * 3 + [("b", None)]
    with pytest.raises(InvalidOption, match="web-05.* no room: max_per_place is 2, and a, b are full"):
        placed({}, count=5, placement="pack", max_per_place=2)


def test_pinned_goes_by_the_number_and_to_members_too() -> None:
    pinned = placed({}, placement="pinned", targets=["n1", "n2"])
    assert pinned == [("a", "n1"), ("b", "n1"), ("a", "n2"), ("b", "n2")]
    with pytest.raises(InvalidOption, match="web-02.*pinned to b, and it is on a: move it first"):
        placed({"web-02": ("a", None)}, placement="pinned")


def test_several_groups_share_the_places() -> None:
    found = entries(remotes=["a", "b"], instances=[{**WEB, "count": 1}, {**WEB, "name": "db-{n}", "count": 1}])
    load: t.Counter[_fleet_place.Place] = collections.Counter()
    assert [_fleet_place.place(group, {}, load)[0].remote for group in _fleet_place.groups(found)] == ["a", "b"]


@pytest.mark.parametrize(
    ("key", "params", "expected"),
    [
        ("profiles", {"devices": {"e": {"type": "nic", "network": "lan", "security.acls": "x,y"}}},
         {("networks", "lan"), ("network_acls", "x"), ("network_acls", "y")}),
        ("profiles", {"devices": {"d": {"type": "disk", "pool": "p", "source": "v"}, "gone": None}},
         {("storage_pools", "p"), ("storage_volumes", "v")}),
        ("instances", {"profiles": ["a", "b"], "image": "busybox"}, {("profiles", "a"), ("profiles", "b"), ("images", "busybox")}),
        ("instances", {"image": "images:debian/12"}, {("profiles", "default")}),
        ("instances", {"image": "images:debian/12", "profiles": []}, set()),
        ("instances", {"source": {"type": "copy", "source": "golden/clean"}, "profiles": []}, {("instances", "golden")}),
        ("storage_volumes", {"pool": "p", "source": {"name": "v"}}, {("storage_pools", "p"), ("storage_volumes", "v")}),
        ("network_forwards", {"network": "lan"}, {("networks", "lan")}),
        ("networks", {"config": {"network": "up", "dns.zone.forward": "a.example, b.example"}},
         {("networks", "up"), ("network_zones", "a.example"), ("network_zones", "b.example")}),
        ("images", {"source": {"type": "instance", "name": "golden"}}, {("instances", "golden")}),
    ],
)
def test_references(key: str, params: dict[str, t.Any], expected: set[tuple[str, str]]) -> None:
    assert _fleet_order.references(BY_KEY[key], params, None) == expected
    assert _fleet_order.references(BY_KEY[key], params, "shop") == expected | {("projects", "shop")}


def test_what_needs_itself_is_refused() -> None:
    assert _fleet_order.in_order({0: [1], 1: [2], 2: []}, str) == [2, 1, 0]
    with pytest.raises(LxdError, match="none of them can be the first"):
        _fleet_order.in_order({0: [1], 1: [0]}, str)


@pytest.mark.parametrize(
    ("mark", "mine"),
    [
        ({OWNER: "f", f"{OWNER}.name": "a"}, True),
        ({OWNER: "f", f"{OWNER}.name": "what it was copied from"}, False),
        ({OWNER: "g", f"{OWNER}.name": "a"}, False),
        ({OWNER: "f"}, False),
        ({}, False),
    ],
)
def test_a_fleet_owns_what_it_has_made(mark: dict[str, str], mine: bool) -> None:
    name = "a" if mine else None
    assert _fleet_plan.owned(BY_KEY["instances"], {"name": "a", "config": mark}, "f", "default") == name
    assert _fleet_plan.owned(BY_KEY["instances"], {"name": "a", "config": mark}, "f", "backup") is None
    assert _fleet_plan.owned(BY_KEY["storage_volumes"], {"name": "a", "config": mark}, "f", "default", ["pool"]) is None
    image = {"fingerprint": "12", "aliases": [{"name": "a"}], "properties": mark}
    assert _fleet_plan.owned(BY_KEY["images"], image, "f", "default") == name
    assert _fleet_plan.owned(BY_KEY["images"], {**image, "aliases": []}, "f", "default") is None


@pytest.mark.parametrize(
    ("name", "aliases", "project", "mine"),
    [
        ("a", [], "default", True),
        ("debian/12", ["debian/12"], "default", True),
        ("shop/a", [], "shop", True),
        ("shop/debian/12", [], "shop", True),
        ("shop/a", [], "default", False),
        ("a", [], "shop", False),
        ("", [], "default", False),
    ],
)
def test_an_image_is_known_without_its_alias(name: str, aliases: list[str], project: str, mine: bool) -> None:
    image = {"fingerprint": "12", "properties": {OWNER: "f", f"{OWNER}.name": name}}
    assert _fleet_plan.made_image(image, aliases, "f", project) is mine
    assert not _fleet_plan.made_image(image, aliases, "g", project)


@pytest.mark.parametrize(
    ("key", "project", "more", "home"),
    [
        ("instances", "default", {}, "a"),
        ("instances", "shop", {}, "shop/a"),
        ("storage_volumes", "shop", {"pool": "p"}, "shop/p/a"),
        ("storage_pools", "default", {"driver": "dir"}, "a"),
    ],
)
def test_the_mark_says_where_it_was_made(key: str, project: str, more: dict[str, str], home: str) -> None:
    (entry,) = entries(**{key: [{"name": "a", **more}]})
    part = _fleet_plan.Part(entry, project, ("x", "a"))
    marked = _fleet_plan.marked(part, None, "f")
    assert marked["config"] == {OWNER: "f", _fleet_plan.NAME: home}
    entity = {"name": "a", **marked}
    assert _fleet_plan.owned(BY_KEY[key], entity, "f", project, more.values() if "pool" in more else ()) == "a"


def steps(count: int, down: t.Collection[int] = (), state: str = "started", **rolling: t.Any) -> list[_fleet_plan.Step]:
    found = entries(instances=[{**WEB, "count": count, "state": state, "rolling": rolling}])
    parts = [_fleet_plan.Part(entry, "default", ("instances", entry.name)) for entry in found]
    return [
        _fleet_plan.Step(number, part, "change", part.entry.params, {"status": "Stopped" if number in down else "Running"}, {})
        for number, part in enumerate(parts)
    ]


def rolled(count: int, down: t.Collection[int] = (), **rolling: t.Any) -> _fleet_apply._Rolling:
    return _fleet_apply._Rolling(steps(count, down, **rolling))


def numbers(batch: t.Iterable[_fleet_plan.Step]) -> list[int]:
    return [step.number for step in batch]


def test_the_next_batch_waits_for_all_of_the_last() -> None:
    rolling = rolled(5, max_unavailable=2)
    first = rolling.next_batch()
    assert numbers(first) == [0, 1]
    rolling.ended(first[0], True)
    assert not rolling.next_batch()
    rolling.ended(first[1], True)
    assert numbers(rolling.next_batch()) == [2, 3]


def test_a_batch_is_never_more_than_may_be_unavailable() -> None:
    assert numbers(rolled(5, max_unavailable=1, batch=3).next_batch()) == [0]


def test_what_is_down_goes_first_and_takes_no_room() -> None:
    rolling = rolled(4, down=[2, 3], max_unavailable=2)
    first = rolling.next_batch()
    assert numbers(first) == [2, 3]
    for step in first:
        rolling.ended(step, True)
    assert numbers(rolling.next_batch()) == [0, 1]


def test_a_failure_stops_it() -> None:
    rolling = rolled(4, max_unavailable=3, batch=1)
    (first,) = rolling.next_batch()
    rolling.ended(first, False)
    assert not rolling.next_batch()
    assert len(rolling.waiting) == 3


def as_(action: str, found: t.Iterable[_fleet_plan.Step]) -> list[_fleet_plan.Step]:
    return [dataclasses.replace(step, action=action, before={} if action == "create" else step.before) for step in found]


@pytest.mark.parametrize(("state", "batch"), [("present", []), ("stopped", [0])])
def test_what_is_stopped_by_hand_takes_room_if_it_is_not_to_be_stopped(state: str, batch: list[int]) -> None:
    every = steps(3, down=[2], state=state, max_unavailable=1)
    assert numbers(_fleet_apply._Rolling(every[:2], as_("check", every[2:])).next_batch()) == batch


def test_what_stays_stopped_goes_on_taking_room() -> None:
    rolling = rolled(3, down=[1], state="present", max_unavailable=1)
    (first,) = rolling.next_batch()
    rolling.ended(first, True)
    assert (first.number, rolling.next_batch()) == (1, [])


@pytest.mark.parametrize(("well", "batch"), [(True, [0]), (False, [])])
def test_what_is_missing_is_made_first(well: bool, batch: list[int]) -> None:
    every = steps(3, max_unavailable=1)
    made = as_("create", every[2:])
    rolling = _fleet_apply._Rolling([*every[:2], *made])
    assert not rolling.next_batch()
    rolling.ended(made[0], well)
    assert numbers(rolling.next_batch()) == batch


def test_what_has_nothing_to_do_is_looked_at_first() -> None:
    every = steps(4, max_unavailable=2, batch=1, health=["agent"])
    rolling = _fleet_apply._Rolling(every[2:], as_("check", every[:2]))
    looked = rolling.next_batch()
    assert numbers(looked) == [0, 1]
    rolling.ended(looked[0], False)
    assert not rolling.next_batch()
    rolling.ended(looked[1], True)
    assert (numbers(rolling.next_batch()), rolling.down) == ([2], {"web-01"})


def test_the_plan_reads_well() -> None:
    after = {"config": {OWNER: "f"}, "profiles": ["web"]}
    made = [dataclasses.replace(step, action="create", before={}, after={**after, "name": step.part.entry.name}) for step in steps(4)]
    changed = _fleet_plan.Step(
        9, made[0].part, "change", {}, {"config": {"limits.cpu": "1", "user.x": "1"}}, {"config": {"limits.cpu": "2"}, "description": "d"}
    )
    text = _fleet_text.text("f", _fleet_plan.FleetPlan([*made, changed], 7, {}, [], []))
    assert text.splitlines() == [
        "fleet f: 4 to create, 1 to change; 7 as wished",
        "+ instances web-01 ... web-04 (4)",
        "    image: busybox",
        "    profiles: web",
        "~ instance web-01",
        "    config.limits.cpu: 1 -> 2",
        "    config.user.x: 1 -> (not set)",
        "    description: (not set) -> d",
    ]
