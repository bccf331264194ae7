# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests a task costs on a real server, and what two tasks at once do to each other."""

from __future__ import annotations

import concurrent.futures
import importlib
import typing as t
import uuid

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleet.lxd.plugins.module_utils._client import Client
from ansible_collections.fleet.lxd.plugins.module_utils._converge import as_job
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply, Request
from ansible_collections.fleet.lxd.plugins.module_utils._options import Remote
from tests.faults.conftest import Server

RESOURCES = "ansible_collections.fleet.lxd.plugins.module_utils._resources."


class Task:
    """Tasks against one server; ``sent`` are the requests of the last one, the handshake left out."""

    def __init__(self, server: Server) -> None:
        self.remote = Remote.read({"url": server.url}.get)
        self.sent: list[str] = []

    def __call__(self, kind: str, check: bool = False, **args: t.Any) -> dict[str, t.Any]:
        job = as_job(getattr(importlib.import_module(RESOURCES + kind), kind.upper()))
        validated = ArgumentSpecValidator(job.argument_spec, **job.argument_rules).validate(args)
        assert not validated.error_messages
        with Client(self.remote) as client:
            client.require_trust()
            result = job.run(validated.validated_parameters, Context(client, check, lambda text: None))
            self.sent = client.sent[1:]
        return result


@pytest.fixture
def task(server: Server) -> Task:
    return Task(server)


@pytest.fixture
def name(task: Task) -> t.Iterator[str]:
    name = f"requests-{uuid.uuid4().hex[:8]}"
    yield name
    task("container", name=name, state="absent", force_stop=True)
    task("profile", name=name, state="absent")


def test_a_profile(task: Task, name: str) -> None:
    task("profile", name=name, config={"limits.cpu": 1}, validate="off")
    assert len(task.sent) == 3
    assert task("profile", name=name, config={"limits.cpu": 1})["changed"] is False
    assert len(task.sent) == 1
    task("profile", name=name, state="absent")
    assert task("profile", name=name, state="absent")["changed"] is False
    assert len(task.sent) == 1


# What there can be on any machine, each after what it is part of; `{name}` is that of the test.
RESOURCES_OF_THE_API: t.Sequence[tuple[str, dict[str, t.Any]]] = (
    ("project", {"name": "{name}", "description": "d"}),
    ("storage_pool", {"name": "{name}", "driver": "dir", "description": "d"}),
    ("storage_volume", {"pool": "{name}", "name": "{name}", "config": {"user.a": 1}}),
    ("storage_volume_snapshot", {"pool": "{name}", "volume": "{name}", "name": "s"}),
    ("network_acl", {"name": "{name}", "egress": [{"action": "allow", "state": "enabled"}]}),
    ("network_zone", {"name": "{name}.example", "description": "d"}),
    ("network_zone_record", {"zone": "{name}.example", "name": "r", "entries": [{"type": "A", "value": "10.0.0.1"}]}),
    ("profile", {"name": "{name}", "devices": {"none": {"type": "none"}}}),
    ("device", {"profile": "{name}", "name": "none", "config": {"type": "none"}}),
    ("server", {"config": {"user.requests": None}}),
)


def test_what_is_as_wished_costs_two_requests_at_most(task: Task, name: str) -> None:
    made: list[tuple[str, dict[str, t.Any]]] = []
    try:
        for kind, options in RESOURCES_OF_THE_API:
            args = {key: value.format(name=name) if isinstance(value, str) else value for key, value in options.items()}
            task(kind, **args)
            made.append((kind, args))
            assert task(kind, **args)["changed"] is False, kind
            assert len(task.sent) <= 2, (kind, task.sent)
    finally:
        for kind, args in reversed(made):
            if kind != "server":
                task(kind, **{**args, "state": "absent"})


def test_a_stopped_instance(task: Task, name: str) -> None:
    task("container", name=name, state="present", source={"type": "none"}, config={"user.a": 1})
    assert task("container", name=name, state="present", config={"user.a": 1})["changed"] is False
    assert len(task.sent) == 1


def test_a_running_instance(task: Task, name: str) -> None:
    task("container", name=name, image="busybox")
    assert task("container", name=name, image="busybox", config={}, profiles=["default"])["changed"] is False
    assert len(task.sent) == 2


def test_check_mode_sends_nothing_but_reads(task: Task, name: str) -> None:
    assert task("container", check=True, name=name, image="busybox", wait_for=["ipv4"])["changed"] is True
    assert all(request.startswith("GET ") for request in task.sent)
    assert task("container", name=name, state="absent")["changed"] is False


@pytest.mark.parametrize("state", ["present", "absent"])
def test_several_at_once_change_it_once(task: Task, name: str, server: Server, state: str) -> None:
    if state == "absent":
        task("profile", name=name)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _number: Task(server)("profile", name=name, state=state), range(4)))
    assert any(result["changed"] for result in results)
    assert [result["profile"] is None for result in results] == [state == "absent"] * 4


def test_what_others_change_between_our_look_and_our_request_is_kept(
    task: Task, name: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    task("profile", name=name)
    send = Client.send
    meddled: list[Request] = []

    def meddle(client: Client, request: Request, *arguments: t.Any, **options: t.Any) -> Reply:
        if request.method == "PUT" and not meddled:
            meddled.append(request)
            Task(server)("profile", name=name, config={"user.theirs": 1})
        return send(client, request, *arguments, **options)

    monkeypatch.setattr(Client, "send", meddle)
    result = task("profile", name=name, config={"user.ours": 1})
    assert result["profile"]["config"] == {"user.ours": "1", "user.theirs": "1"}
    assert result["diff"]["before"]["config"] == {"user.theirs": "1"}
    assert result["diff"]["after"]["config"] == {"user.ours": "1", "user.theirs": "1"}


def test_several_start_one(task: Task, name: str, server: Server) -> None:
    task("container", name=name, image="busybox", state="present")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _number: Task(server)("container", name=name), range(3)))
    assert [result["instance"]["status"] for result in results] == ["Running"] * 3


def test_an_instance_that_is_being_stopped_is_waited_for(task: Task, name: str, server: Server) -> None:
    task("container", name=name, image="busybox", wait_for=["ipv4"])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        states = pool.map(lambda state: Task(server)("container", name=name, state=state)["instance"]["status"], ["stopped", "stopped"])
        assert list(states) == ["Stopped", "Stopped"]
