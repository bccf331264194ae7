# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of a task about an instance before anything is sent."""

from __future__ import annotations

import functools
import pathlib
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleet.lxd.plugins.module_utils._converge import as_job
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption
from ansible_collections.fleet.lxd.plugins.module_utils._job import perform
from ansible_collections.fleet.lxd.plugins.module_utils._resources.container import CONTAINER
from ansible_collections.fleet.lxd.plugins.module_utils._resources.profile import PROFILE
from ansible_collections.fleet.lxd.plugins.module_utils._resources.project import PROJECT
from tests.simulated.server import SimulatedServer

Task = t.Callable[..., dict[str, t.Any]]


def _run(path: pathlib.Path, what: t.Any, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    job = as_job(what)
    checked = ArgumentSpecValidator(job.argument_spec, **job.argument_rules).validate({"url": f"unix:{path}", **options})
    assert not checked.error_messages
    return perform(job, checked.validated_parameters, check, lambda _text: None)


@pytest.fixture
def run(tmp_path: pathlib.Path) -> t.Iterator[Task]:
    """A server with the instance ``c1``, which is stopped and has the profiles ``default`` and ``web``."""
    with SimulatedServer(tmp_path / "socket", 0):
        done = functools.partial(_run, tmp_path / "socket")
        done(PROFILE, name="web")
        done(CONTAINER, name="c1", state="present", image="busybox", profiles=["default", "web"])
        yield done


def test_an_instance_takes_no_profile_to_a_project_that_lacks_it(run: Task) -> None:
    move = functools.partial(run, CONTAINER, name="c1", state="stopped", new_project="blue", check=True)
    assert move()["actions"] == ["migrate"]
    run(PROJECT, name="blue")
    for given, says in (
        ({}, "new_project: 'blue' is not valid: it has no profile web, which c1 has; profiles has to name others, which both"),
        ({"profiles": ["web"]}, "profiles: 'web' is not valid: there is no profile of that name in the project blue"),
        ({"profiles": ["none"]}, "profiles: 'none' is not valid: the project default lacks it, and both need it, as blue has no web$"),
    ):
        with pytest.raises(InvalidOption, match=f"^{says}"):
            move(**given)
    assert move(profiles=["default"])["actions"] == ["apply_instance_configs", "migrate"]
    run(PROFILE, name="web", project="blue")
    assert move()["actions"] == ["migrate"]
    assert move(profiles=["default"])["actions"] == ["migrate", "apply_instance_configs"]


@pytest.mark.parametrize("check", [True, False])
def test_an_ephemeral_instance_that_has_stopped_is_gone(run: Task, check: bool) -> None:
    result = run(CONTAINER, check, name="c2", state="stopped", ephemeral=True)
    assert (result["changed"], result["old_state"], result["instance"]) == (False, "absent", None)
    said = "^image is required: there is no instance c2 .an ephemeral one is removed by its stop., and a new one needs an image"
    for ephemeral in (None, False):
        with pytest.raises(InvalidOption, match=said):
            run(CONTAINER, check, name="c2", state="stopped", ephemeral=ephemeral)
    assert run(CONTAINER, check, name="c2", state="stopped", ephemeral=True, image="busybox")["changed"]


def test_no_address_is_waited_for_that_cannot_come(run: Task) -> None:
    run(PROFILE, name="web", devices={"eth0": {"type": "nic"}})
    run(PROFILE, name="none")
    new = {"name": "c2", "image": "busybox", "profiles": ["none"]}
    for given, says in (
        ({**new, "wait_for": ["ipv4"]}, "^wait_for: 'ipv4' is not valid: c2 cannot get an IPv4 address: it has no NIC$"),
        ({**new, "wait_for_ipv4_addresses": True}, "^wait_for_ipv4_addresses: True is not valid: c2 cannot get an IPv4 address on every"),
        ({**new, "profiles": ["none", "web"], "wait_for": [{"type": "ipv6", "nic": "eth1"}]}, "on eth1: its NICs are eth0$"),
        ({**new, "profiles": ["web"], "devices": {"eth0": {"type": "none"}}, "wait_for": ["ipv6"]}, "it has no NIC$"),
        ({"name": "c1", "profiles": ["none"], "wait_for": ["ipv4"]}, "^wait_for: 'ipv4' is not valid: c1 cannot get an IPv4 address"),
    ):
        assert run(CONTAINER, check=True, **given)["changed"]
        with pytest.raises(InvalidOption, match=says):
            run(CONTAINER, **given)
    assert run(CONTAINER, name="c1", state="present")["old_state"] == "stopped"
    assert run(CONTAINER, name="c2", state="absent")["old_state"] == "absent"
