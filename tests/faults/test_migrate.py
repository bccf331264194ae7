# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies between servers that break half-way: nothing is left of them, and nothing is lost."""

from __future__ import annotations

import json
import pathlib
import threading
import time
import typing as t
import uuid

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleet.lxd.plugins.module_utils._channel import Channel
from ansible_collections.fleet.lxd.plugins.module_utils._client import Client
from ansible_collections.fleet.lxd.plugins.module_utils._errors import OperationFailed
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Request
from ansible_collections.fleet.lxd.plugins.module_utils._options import Remote
from ansible_collections.fleet.lxd.plugins.module_utils._resources.container import CONTAINER
from tests.faults.conftest import Server

# Enough for a second or more, on whatever machine.
SIZE = 300_000_000


def run(client: Client, **args: t.Any) -> dict[str, t.Any]:
    validated = ArgumentSpecValidator(CONTAINER.argument_spec, **CONTAINER.argument_rules).validate(args)
    assert not validated.error_messages
    return CONTAINER.run(validated.validated_parameters, Context(client, False, lambda _text: None))


@pytest.fixture
def source(server: Server) -> t.Iterator[Client]:
    with Client(Remote.read({"url": server.url}.get)) as client:
        yield client


@pytest.fixture
def target(server: Server, bed: t.Mapping[str, str]) -> t.Iterator[Client]:
    """The other one."""
    other = {"lxd": "incus", "incus": "lxd"}[server.kind]
    with Client(Remote.read({"url": bed[f"{other}_url"]}.get)) as client:
        yield client


@pytest.fixture
def name(source: Client, server: Server, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[str]:
    """An instance with a big file, on the remote ``source``."""
    for variable in ("LXD_CONF", "INCUS_CONF"):
        monkeypatch.setenv(variable, str(tmp_path))
    remotes = {"remotes": {"source": {"addr": server.url, "protocol": server.kind}}}
    (tmp_path / "config.yml").write_text(json.dumps(remotes), encoding="utf-8")
    name = f"migrate-{uuid.uuid4().hex[:8]}"
    run(source, name=name, image="busybox", state="stopped")
    with Channel(source.remote) as channel:
        channel.put(name, "/root/big", bytes(SIZE))
    yield name
    run(source, name=name, state="absent")


def _goes_on(operation: t.Mapping[str, t.Any]) -> bool:
    """Whether it can be cancelled now: not as long as it is pending."""
    return operation["may_cancel"] and operation["status"] == "Running"


@pytest.fixture
def giving_up(source: Client, name: str) -> t.Iterator[threading.Thread]:
    """Cancels what the source does with the instance, some time after it has begun."""

    def give_up() -> None:
        deadline = time.monotonic() + 30
        with Client(source.remote) as other:
            while time.monotonic() < deadline:
                time.sleep(0.2)
                ours = [each for each in other.operations() if _goes_on(each) and name in str(each.get("resources"))]
                for operation in ours:
                    other.cancel(operation["id"])
                if ours:
                    return

    thread = threading.Thread(target=give_up)
    thread.start()
    yield thread
    thread.join()


@pytest.mark.parametrize("mode", ["pull", "relay"])
@pytest.mark.usefixtures("giving_up")
def test_a_source_that_gives_up_half_way(source: Client, target: Client, name: str, mode: str) -> None:
    move = {"type": "copy", "remote": "source", "source": name, "mode": mode, "move": True}
    with pytest.raises(OperationFailed) as failed:
        run(target, name=name, state="present", source=move)
    assert str(failed.value).startswith(f"{name} could not be made of {name} of source (") and "\n" not in str(failed.value)
    assert target.get("instances", name) is None
    assert source.send(Request("GET", ("instances", name))).metadata["status"] == "Stopped"
    deadline = time.monotonic() + 20
    while running := [each for each in (*source.operations(), *target.operations()) if name in str(each) and each["status_code"] < 200]:
        assert time.monotonic() < deadline, running
        time.sleep(0.2)
