# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated server is taken for a real one by the modules and by the inventory."""

from __future__ import annotations

import hashlib
import json
import pathlib
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleet.lxd.plugins.module_utils import _fleet, _image_export
from ansible_collections.fleet.lxd.plugins.module_utils._client import Client
from ansible_collections.fleet.lxd.plugins.module_utils._converge import as_job
from ansible_collections.fleet.lxd.plugins.module_utils._errors import AlreadyExists, Conflict, InvalidOption, LxdError, NotFound, Refused
from ansible_collections.fleet.lxd.plugins.module_utils._job import perform
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Request
from ansible_collections.fleet.lxd.plugins.module_utils._options import Remote
from ansible_collections.fleet.lxd.plugins.module_utils._resources.container import CONTAINER
from ansible_collections.fleet.lxd.plugins.module_utils._resources.fleet import FLEET
from ansible_collections.fleet.lxd.plugins.module_utils._resources.image import IMAGE
from ansible_collections.fleet.lxd.plugins.module_utils._resources.network import NETWORK
from ansible_collections.fleet.lxd.plugins.module_utils._resources.profile import PROFILE
from ansible_collections.fleet.lxd.plugins.module_utils._resources.project import PROJECT
from ansible_collections.fleet.lxd.plugins.module_utils._resources.storage_pool import STORAGE_POOL
from ansible_collections.fleet.lxd.plugins.plugin_utils import _inventory
from tests.simulated import store
from tests.simulated.server import SimulatedServer
from tests.simulated.store import Store

INSTANCE = {"state": "present", "image": "busybox"}


@pytest.fixture
def server(tmp_path: pathlib.Path) -> t.Iterator[SimulatedServer]:
    with SimulatedServer(tmp_path / "socket", 3) as served:
        yield served


@pytest.fixture
def client(server: SimulatedServer) -> t.Iterator[Client]:
    with Client(Remote(socket=str(server.server_address))) as opened:
        yield opened


def run(
    server: SimulatedServer, what: t.Any, check: bool = False, tell: t.Callable[[str], t.Any] = str, **options: t.Any
) -> dict[str, t.Any]:
    job = as_job(what)
    checked = ArgumentSpecValidator(job.argument_spec, **job.argument_rules).validate({"url": f"unix:{server.server_address}", **options})
    assert not checked.error_messages
    return perform(job, checked.validated_parameters, check, tell, lambda text, _fraction: tell(text))


@pytest.mark.parametrize(
    ("what", "options", "change"),
    [
        (PROJECT, {"name": "blue", "config": {"features.networks": True}}, {"description": "new"}),
        (PROFILE, {"name": "web", "devices": {"root": {"type": "disk", "path": "/", "pool": "default"}}}, {"config": {"limits.cpu": 1}}),
        (NETWORK, {"name": "br1", "config": {"ipv4.address": "10.9.0.1/24"}}, {"config": {"ipv4.nat": True}}),
        (STORAGE_POOL, {"name": "fast", "driver": "dir"}, {"description": "new"}),
        (CONTAINER, {"name": "c1", **INSTANCE}, {"config": {"user.role": "web"}}),
        (CONTAINER, {"name": "c1", **INSTANCE}, {"state": "started"}),
        (CONTAINER, {"name": "c1", **INSTANCE}, {"new_name": "c2"}),
    ],
)
def test_things_come_change_and_go(server: SimulatedServer, what: t.Any, options: dict[str, t.Any], change: dict[str, t.Any]) -> None:
    gone = {"name": change.get("new_name", options["name"]), "state": "absent", "force_stop": True}
    steps = [options, options, {**options, **change}, gone]
    known = as_job(what).argument_spec
    told = []
    for step in steps:
        given = {option: value for option, value in step.items() if option in known}
        predicted = run(server, what, check=True, **given)
        told.append(run(server, what, **given))
        assert (predicted["changed"], predicted["diff"]) == (told[-1]["changed"], told[-1]["diff"])
    assert [result["changed"] for result in told] == [True, False, True, True]


def test_an_instance_has_what_its_profiles_have(server: SimulatedServer, client: Client) -> None:
    run(server, PROFILE, name="web", config={"limits.cpu": 2})
    run(server, CONTAINER, name="c1", profiles=["default", "web"], **INSTANCE)
    run(server, PROFILE, name="web", config={"limits.cpu": 3})
    entity = client.send(Request("GET", ("instances", "c1"))).metadata
    assert entity["expanded_config"]["limits.cpu"] == "3" and "limits.cpu" not in entity["config"]
    assert set(entity["expanded_devices"]) == {"eth0", "root"}
    with pytest.raises(Refused, match="in use"):
        run(server, PROFILE, name="web", state="absent")


def test_lists(server: SimulatedServer, client: Client) -> None:
    run(server, PROJECT, name="blue", config={"features.profiles": False, "features.images": False})
    run(server, CONTAINER, name="c1", project="blue", state="started", image="busybox")

    def names(**query: str) -> list[str]:
        return [entity["name"] for entity in client.send(Request("GET", ("instances",), query={"recursion": "2", **query})).metadata]

    assert names() == ["sim-0", "sim-1", "sim-2"]
    assert names(filter="name ne sim-1 and config.user.role eq role2") == ["sim-2"]
    everywhere = {"all-projects": "true"}
    assert (len(names(**everywhere)), names(filter="status eq Running", **everywhere)) == (4, ["c1"])
    paths = client.send(Request("GET", ("instances",), query=everywhere)).metadata
    assert paths[-1] == "/1.0/instances/c1?project=blue"


def test_refusals_are_those_of_a_server(server: SimulatedServer, client: Client) -> None:
    assert client.get("instances", "nobody") is None and client.get("profiles", "nothing") is None
    with pytest.raises(AlreadyExists):
        client.send(Request("POST", ("instances",), {"name": "sim-0", "source": {"type": "none"}}))
    with pytest.raises(NotFound, match="no image"):
        run(server, CONTAINER, name="c1", image="windows")
    with pytest.raises(Conflict):
        client.send(Request("PUT", ("instances", "sim-0"), {"config": {}}, etag="old"))
    run(server, CONTAINER, name="sim-0", state="started")
    with pytest.raises(Refused, match="Instance is running"):
        client.send(Request("DELETE", ("instances", "sim-0")))
    with pytest.raises(LxdError, match="Invalid filter"):
        client.send(Request("GET", ("instances",), query={"filter": "name like c"}))


def test_an_image_is_read_twice_only_if_it_may_be_here(server: SimulatedServer, tmp_path: pathlib.Path) -> None:
    told: list[str] = []

    def imported(name: str, content: bytes, check: bool = False) -> tuple[bool, bool]:
        (tmp_path / name).write_bytes(content)
        told.clear()
        source = {"type": "file", "path": str(tmp_path / name)}
        result = run(server, IMAGE, check, told.append, alias=name, source=source)
        assert result["fingerprint"] == hashlib.sha256(content).hexdigest()
        return result["changed"], any("computing the fingerprint" in text for text in told)

    assert imported("one", b"first", check=True) == (True, True)
    assert imported("one", b"first") == (True, False)
    assert imported("one", b"first") == (False, True)
    assert imported("two", b"other") == (True, True), "of the same size"
    assert imported("one", b"renewed") == (True, False)
    assert imported("copy", b"renewed") == (True, True)


@pytest.mark.parametrize("check", [True, False])
def test_an_image_gets_no_profile_that_is_not_there(server: SimulatedServer, tmp_path: pathlib.Path, check: bool) -> None:
    for about in ({"source": {"type": "file", "path": str(tmp_path / "none")}, "alias": "new"}, {"alias": "busybox"}):
        with pytest.raises(InvalidOption, match="^profiles: 'nothing' is not valid: there is no profile of that name on unix:"):
            run(server, IMAGE, check, profiles=["default", "nothing"], **about)


def test_an_exported_image_is_shown_where_check_mode_showed_it(tmp_path: pathlib.Path) -> None:
    for dest, path in ((tmp_path, tmp_path / "0123"), (tmp_path / "x.tar", tmp_path / "x.tar")):
        assert _image_export._Place(str(dest), "0123").path == str(path)


@pytest.mark.parametrize("count", [1, 1000])
@pytest.mark.parametrize("addresses", ["never", "always"])
def test_requests_of_the_inventory_do_not_grow_with_stopped_instances(tmp_path: pathlib.Path, count: int, addresses: str) -> None:
    options = {
        "state": "none", "type_filter": "both", "addresses": addresses, "prefered_instance_network_interface": "eth",
        "prefered_instance_network_family": "inet", "address_networks": [], "projects": "all", "url": f"unix:{tmp_path}/socket",
        "connect_timeout": 10,
    }  # fmt: skip
    with SimulatedServer(tmp_path / "socket", count) as served:
        rows, complete = _inventory.read(options.get, True, pytest.fail)
        assert (len(rows), complete) == (count, True)
        assert served.requests == ["GET /1.0", "GET /1.0/instances?all-projects=true&recursion=1"]


@pytest.mark.parametrize("count", [1, 1000])
def test_requests_of_a_fleet_as_wished_do_not_grow(tmp_path: pathlib.Path, count: int) -> None:
    entry = {"name": "sim-{n}", "count": count, "first": 0, "image": "busybox", "state": "stopped"}
    with SimulatedServer(tmp_path / "socket", count) as served:
        result = run(served, FLEET, name="f", document={"instances": [entry]})
        assert (result["changed"], result["unchanged"]) == (False, count)
        assert served.requests == ["GET /1.0", "GET /1.0/instances?recursion=1&project=default"]


def test_requests_of_a_fleet_that_is_made(server: SimulatedServer) -> None:
    entry = {"name": "new-{n}", "count": 5, "image": "busybox", "profiles": ["default"], "state": "stopped"}
    result = run(server, FLEET, name="f", document={"instances": [entry]})
    assert len(result["done"]) == 5
    lists = {f"GET /1.0/{what}?recursion=1&project=default" for what in ("instances", "images", "profiles")}
    assert {"GET /1.0", *lists} == {request for request in served_but_operations(server) if request.startswith("GET")}
    assert served_but_operations(server).count("POST /1.0/instances?project=default") == 5
    waits = [request for request in server.requests if "/wait" in request]
    assert len(server.requests) == 4 + 5 + len(waits)
    assert len(waits) == 5


@pytest.mark.parametrize(("config", "failed"), [({}, ["new-0"]), ({"user.fleet": "f", "user.fleet.name": "new-0"}, [])])
def test_what_somebody_makes_meanwhile_does_not_become_the_fleets(
    server: SimulatedServer, client: Client, monkeypatch: pytest.MonkeyPatch, config: dict[str, str], failed: list[str]
) -> None:
    plan = _fleet.plan

    def overtaken(*arguments: t.Any) -> t.Any:
        planned = plan(*arguments)
        run(server, CONTAINER, name="new-0", config=config, **INSTANCE)
        return planned

    monkeypatch.setattr(_fleet, "plan", overtaken)
    document = {"instances": [{"name": "new-{n}", "first": 0, "count": 2, "image": "busybox", "state": "stopped"}]}
    try:
        result = run(server, FLEET, name="f", document=document)
    except LxdError as error:
        result = error.facts
        assert "somebody else has made it since it was planned" in str(error)
    assert [part["name"] for part in result["failed_parts"]] == failed
    made = client.get("instances", "new-0")
    assert made and made.metadata["config"].get("user.fleet") == config.get("user.fleet")


def test_the_words_of_a_server_that_has_no_such_thing_stay_its_own(server: SimulatedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_self: Store, _place: t.Any, _identity: str, _call: t.Any) -> t.NoReturn:
        raise store.Refused(400, "what it is made of already exists")

    monkeypatch.setattr(Store, "_create", refused)
    with pytest.raises(LxdError, match="what it is made of already exists") as caught:
        run(server, FLEET, name="f", document={"profiles": [{"name": "new"}]})
    assert "somebody else" not in str(caught.value)


@pytest.fixture
def named(server: SimulatedServer, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[SimulatedServer]:
    """Another server, whose name is ``other``; the first one is ``one`` and ``same``, and ``dead`` is none."""
    sockets = {"one": server.server_address, "same": server.server_address, "other": tmp_path / "other", "dead": tmp_path / "none"}
    remotes = {name: {"addr": f"unix:{socket}"} for name, socket in sockets.items()}
    (tmp_path / "config.yml").write_text(json.dumps({"remotes": remotes}))
    for variable in ("LXD_CONF", "INCUS_CONF"):
        monkeypatch.setenv(variable, str(tmp_path))
    with SimulatedServer(tmp_path / "other") as served:
        yield served


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("prune", [True, False])
@pytest.mark.parametrize(
    ("document", "both"),
    [
        ({"remotes": ["one", "same"]}, "the remote one and the remote same"),
        ({"profiles": [{"name": "a"}, {"name": "b", "remote": "one"}]}, "the server of the task and the remote one"),
    ],
)
def test_a_server_has_one_name(server: SimulatedServer, prune: bool, document: dict[str, t.Any], both: str) -> None:
    with pytest.raises(LxdError) as caught:
        run(server, FLEET, name="f", prune=prune, document=document)
    assert caught.value.facts["faults"] == [f"$.remotes: {both} are one server: name it in one way"]
    assert not run(server, FLEET, name="f", prune=prune, document={"remotes": ["one", "other"]})["changed"]


def told(result: dict[str, t.Any], what: str = "done") -> list[tuple[str, str]]:
    return sorted((part["action"], part["name"][:8]) for part in result[what])


def test_a_new_image_is_brought_used_and_its_forerunner_removed_in_one_run(server: SimulatedServer, tmp_path: pathlib.Path) -> None:
    source = {"type": "file", "path": str(tmp_path / "image")}
    instances = {"name": "i-{n}", "count": 2, "project": "shop", "image": "a", "state": "stopped", "recreate_on_new_image": True}
    document = {
        "projects": [{"name": "shop"}],
        "images": [{"aliases": ["a"], "project": "shop", "source": source}],
        "instances": [instances],
    }

    def brought(content: bytes, **options: t.Any) -> dict[str, t.Any]:
        (tmp_path / "image").write_bytes(content)
        given: dict[str, t.Any] = {"name": "f", "prune": True, "document": document, **options}
        predicted = run(server, FLEET, True, **given)
        made = run(server, FLEET, **given)
        assert predicted["plan"] == made["plan"] and len(made["done"]) == len(made["plan"])
        assert not run(server, FLEET, **given)["changed"]
        return made

    def old(content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()[:8]

    brought(b"one")
    recreated = [("recreate", "i-1"), ("recreate", "i-2")]
    assert told(brought(b"two")) == [("change", "a"), *recreated, ("remove", old(b"one"))]
    assert told(brought(b"three", prune=False)) == [("change", "a"), *recreated]
    assert told(brought(b"two", prune=False)) == [("change", "a"), *recreated]
    assert told(brought(b"two")) == [("remove", old(b"three"))]
    brought(b"four", prune=False)
    run(server, IMAGE, project="shop", fingerprint=hashlib.sha256(b"two").hexdigest(), alias="kept")
    assert not run(server, FLEET, name="f", prune=True, document=document)["changed"], "somebody has named it"
    run(server, IMAGE, project="shop", alias="kept", state="absent")
    brought(b"five", prune=False)
    assert ("remove", old(b"four")) in told(brought(b"five", document={}))


NIC = {"type": "nic", "network": "nowhere"}
STOPPED = {"image": "busybox", "state": "stopped"}


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        (
            {"projects": [{"name": "gone", "state": "absent"}], "profiles": [{"name": "a", "project": "gone"}]},
            ["$.profiles[0].project: 'gone' is not valid: the document removes this project"],
        ),
        (
            {"instances": [{"name": "a", "project": "gone", "image": "nothing"}]},
            ["$.instances[0].project: 'gone' is not valid: neither the server nor the document has this project"],
        ),
        (
            {"storage_volumes": [{"name": "a", "pool": "nowhere"}]},
            ["$.storage_volumes[0] (storage volume a of nowhere): "
             "pool: 'nowhere' is not valid: neither the server nor the document has this storage pool"],
        ),
        (
            {"instances": [{"name": "a-{n}", "count": 2, **STOPPED, "devices": {"e": NIC, "f": NIC}}]},
            ["$.instances[0] (instance a-1): "
             "devices.e.network: 'nowhere' is not valid: neither the server nor the document has this network; "
             "devices.f.network: 'nowhere' is not valid: neither the server nor the document has this network"],
        ),
        (
            {"profiles": [{"name": "a", "devices": {"root": {"type": "disk", "path": "/", "pool": "nowhere"}, "e": None}}]},
            ["$.profiles[0] (profile a): "
             "devices.root.pool: 'nowhere' is not valid: neither the server nor the document has this storage pool"],
        ),
        (
            {"storage_pools": [{"name": "p"}], "profiles": [{"name": "a", "devices": {"x": {"type": "disk", "path": "/", "pool": "p"}}}]},
            ["$.storage_pools[0] (storage pool p): "
             "driver is required: there is no storage pool p, and a new one needs a driver, such as dir"],
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_once_and_before_anything_is_done(
    server: SimulatedServer, document: dict[str, t.Any], faults: list[str]
) -> None:
    with pytest.raises(LxdError) as caught:
        run(server, FLEET, name="f", document=document)
    assert caught.value.facts["faults"] == faults
    assert not [request for request in server.requests if not request.startswith("GET")]


def test_pools_and_networks_of_the_document_are_there(server: SimulatedServer) -> None:
    document = {
        "storage_pools": [{"name": "p", "driver": "dir"}],
        "networks": [{"name": "nowhere"}],
        "profiles": [{"name": "a", "devices": {"root": {"type": "disk", "path": "/", "pool": "p"}, "e": NIC}}],
    }
    assert len(run(server, FLEET, name="f", document=document)["done"]) == 3


def test_all_of_a_project_goes_with_it(server: SimulatedServer) -> None:
    document: dict[str, t.Any] = {
        "projects": [{"name": "shop", "config": {"features.images": False}}],
        "instances": [{"name": "a", "project": "shop", **STOPPED}],
    }
    run(server, FLEET, name="f", document=document)
    absent = {key: [{**entry, "state": "absent"} for entry in entries] for key, entries in document.items()}
    assert told(run(server, FLEET, name="f", document=absent)) == [("remove", "a"), ("remove", "shop")]
    assert not run(server, FLEET, name="f", document=absent)["changed"]


def test_a_project_that_gets_its_own_profiles_gets_them_at_once(server: SimulatedServer) -> None:
    def made(own: bool) -> dict[str, t.Any]:
        project = {"name": "shop", "config": {"features.profiles": own, "features.images": False}}
        document = {"projects": [project], "profiles": [{"name": "a", "project": "shop", "config": {"user.a": 1}}]}
        return run(server, FLEET, name="f", prune=True, document=document)

    assert told(made(False)) == [("create", "a"), ("create", "shop")]
    assert told(made(True)) == [("change", "shop"), ("create", "a"), ("remove", "a")]
    assert not made(True)["changed"]


@pytest.mark.usefixtures("named")
def test_a_dead_server_hides_nothing_of_the_others(server: SimulatedServer) -> None:
    document = {
        "remotes": ["other", "dead"],
        "profiles": [{"name": "a"}, {"name": "b", "remote": "dead", "project": "shop"}],
        "instances": [{"name": "i", **STOPPED}],
    }
    with pytest.raises(LxdError, match=r"0 done, 0 failed, 3 not tried") as caught:
        run(server, FLEET, True, name="f", document=document)
    shown = caught.value.facts["diff"]["prepared"].splitlines()
    assert shown[:2] == ["fleet f: 1 to create; 0 as wished", "+ profile a on other"]
    assert shown[2].startswith("? nothing is known of dead: ")
    assert str(caught.value).splitlines()[1:] == shown, "Ansible shows no diff of what has failed"
    lost = [{key: value for key, value in part.items() if key != "reason"} for part in caught.value.facts["not_tried"]]
    assert lost == [
        {"kind": "profiles", "name": "a", "project": "default", "remote": "dead", "action": "unknown"},
        {"kind": "profiles", "name": "b", "project": "shop", "remote": "dead", "action": "unknown"},
        {"kind": "instances", "name": "i", "project": "default", "action": "unknown"},
    ]


def rolling(server: SimulatedServer, version: int, **options: t.Any) -> dict[str, t.Any]:
    rolling = {"timeout": 1, **options}
    entry = {"name": "web-{n}", "count": 3, "image": "busybox", "config": {"user.v": version}, "rolling": rolling}
    try:
        return run(server, FLEET, name="f", document={"instances": [entry]})
    except LxdError as error:
        return {"msg": str(error), **error.facts}


def names(parts: t.Iterable[dict[str, t.Any]]) -> list[str]:
    return [part["name"] for part in parts]


def test_what_was_changed_and_is_not_healthy_stops_this_update_and_the_next(server: SimulatedServer) -> None:
    rolling(server, 1)
    first = rolling(server, 2, health=["ready"])
    assert (first["changed"], names(first["failed_parts"]), names(first["not_tried"])) == (True, ["web-1"], ["web-2", "web-3"])
    assert first["failed_parts"][0]["changed"] is True
    assert "it is as wished, but not healthy: web-1: waited 1 seconds" in first["failed_parts"][0]["msg"]
    again = rolling(server, 2, health=["ready"])
    assert (again["changed"], names(again["failed_parts"]), names(again["not_tried"])) == (False, [], ["web-2", "web-3"])
    assert "not available are web-1" in again["msg"]
    healthy = rolling(server, 2, health=["agent"])
    assert (healthy["changed"], names(healthy["done"])) == (True, ["web-2", "web-3"])


def test_what_failed_before_anything_was_done_changed_nothing(server: SimulatedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_self: Store, _place: t.Any, _identity: str, _call: t.Any) -> t.NoReturn:
        raise store.Refused(400, "no")

    monkeypatch.setattr(Store, "_create", refused)
    with pytest.raises(LxdError) as caught:
        run(server, FLEET, name="f", document={"profiles": [{"name": "new"}]})
    assert caught.value.facts["changed"] is caught.value.facts["failed_parts"][0]["changed"] is False


def served_but_operations(server: SimulatedServer) -> list[str]:
    return [request for request in server.requests if "/operations/" not in request]
