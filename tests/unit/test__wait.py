# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting, with an instance that is a list of what it shows one look after another. Real instances: integration tests."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _wait
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, LxdError, NotRunning, TimedOut
from ansible_collections.fleet.lxd.plugins.module_utils._wait import Condition, conditions


def entity(status: str = "Running", *nics: str) -> dict[str, t.Any]:
    return {"name": "c1", "status": status, "expanded_devices": {nic: {"type": "nic"} for nic in nics or ("eth0",)}}


def state(processes: int = 1, **networks: str) -> dict[str, t.Any]:
    def listed(address: str) -> list[dict[str, str]]:
        return [{"address": address, "family": "inet6" if ":" in address else "inet", "scope": "global"}] if address else []

    return {"processes": processes, "network": {name: {"type": "broadcast", "addresses": listed(each)} for name, each in networks.items()}}


class Guest:
    """Each look shows the next of ``looks``, each run the next of ``answers`` (an exception is raised); the last of both stays."""

    def __init__(self, *looks: tuple[dict[str, t.Any], dict[str, t.Any]], answers: t.Sequence[t.Any] = ()) -> None:
        self.looks, self.answers = list(looks), list(answers)
        self.said: list[str] = []
        self.ran: list[list[str]] = []

    def look(self) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    def run(self, argv: list[str], _timeout: float) -> tuple[int, str]:
        self.ran.append(argv)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def wait(self, *wanted: t.Any, timeout: float = 0.2) -> None:
        _wait.wait("c1", conditions("wait_for", wanted), self.look, self.run, timeout, lambda text, _fraction: self.said.append(text))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wait, "_PAUSE", 0.01)


def test_an_address_that_comes() -> None:
    guest = Guest((entity(), state()), (entity(), state(eth0="")), (entity(), state(eth0="10.0.0.5")))
    guest.wait("ipv4")
    assert guest.said == ["c1: waiting for an IPv4 address; its addresses are none"] * 2


def test_an_address_that_does_not_come_fails_and_tells_what_was_seen() -> None:
    guest = Guest((entity(), state(eth0="fd42::5")))
    with pytest.raises(TimedOut, match=r"^c1: waited 0.05 seconds for an IPv4 address; its addresses are eth0 fd42::5$"):
        guest.wait("ipv4", timeout=0.05)


def test_an_interface_of_the_guest_does_not_count() -> None:
    guest = Guest((entity(), state(eth0="", docker0="172.17.0.1")))
    with pytest.raises(TimedOut, match="its addresses are docker0 172.17.0.1"):
        guest.wait("ipv4", timeout=0.03)


def test_one_address_is_enough_unless_a_nic_is_named() -> None:
    guest = Guest((entity("Running", "eth0", "eth1"), state(eth0="", eth1="10.0.0.6")))
    guest.wait("ipv4", {"type": "ipv4", "nic": "eth1"})
    with pytest.raises(TimedOut, match="for an IPv4 address on eth0; its addresses are eth1 10.0.0.6"):
        guest.wait({"type": "ipv4", "nic": "eth0"}, timeout=0.03)


def test_every_nic() -> None:
    guest = Guest((entity("Running", "eth0", "eth1"), state(eth0="10.0.0.5")))
    with pytest.raises(TimedOut, match="for an IPv4 address on every NIC"):
        _wait.wait("c1", [Condition("ipv4", every=True)], guest.look, guest.run, 0.03, lambda _text, _fraction: None)


@pytest.mark.parametrize(
    ("about", "wanted", "message"),
    [
        (entity("Stopped"), "ipv4", "^c1 is Stopped, and there was an IPv4 address to wait for$"),
        (entity("Error"), "ready", "^c1 is Error, and there was the guest to say that it is ready to wait for$"),
        (
            {"name": "c1", "status": "Running", "expanded_devices": {"root": {"type": "disk"}}},
            "ipv6",
            "^c1 cannot get an IPv6 address: it has no NIC$",
        ),
        (entity(), {"type": "ipv4", "nic": "eth7"}, "^c1 cannot get an IPv4 address on eth7: its NICs are eth0$"),
    ],
)
def test_what_will_never_come_fails_at_once(about: dict[str, t.Any], wanted: t.Any, message: str) -> None:
    with pytest.raises(LxdError, match=message):
        Guest((about, state())).wait(wanted, timeout=60)


def test_ready_and_agent() -> None:
    Guest((entity(), state(-1)), (entity("Ready"), state(-1)), (entity("Ready"), state(7))).wait("ready", "agent")


@pytest.mark.parametrize("processes", [-1, 0, None])
def test_no_agent(processes: t.Any) -> None:
    with pytest.raises(TimedOut, match="for the agent in the guest; no agent has answered yet"):
        Guest((entity(), {"processes": processes})).wait("agent", timeout=0.02)


def test_a_command_is_tried_until_it_succeeds() -> None:
    answers = [(1, "no"), NotRunning("no agent yet"), TimedOut("too long"), (0, "")]
    guest = Guest((entity(), state()), answers=answers)
    guest.wait({"type": "command", "command": "test -e /done"}, {"type": "command", "command": ["echo", 1]})
    assert guest.ran == [["sh", "-c", "test -e /done"]] * 4 + [["echo", "1"]]
    assert [text.partition("; ")[2] for text in guest.said] == [
        "the last try returned 1: no",
        "the server said: no agent yet",
        "the command was still running",
    ]


def test_a_command_that_fails_tells_its_last_words() -> None:
    guest = Guest((entity(), state()), answers=[(3, "not\nyet\n")])
    with pytest.raises(TimedOut, match="for the success of 'false'; the last try returned 3: not\nyet$"):
        guest.wait({"type": "command", "command": ["false"]}, timeout=0.02)


@pytest.mark.parametrize("code", [0, 2])
def test_cloud_init_is_done(code: int) -> None:
    Guest((entity(), state()), answers=[(code, "status: done")]).wait("cloud-init")


@pytest.mark.parametrize(
    ("code", "message"), [(1, "^cloud-init failed: status: error detail$"), (127, "^There is no cloud-init in the instance")]
)
def test_cloud_init_fails(code: int, message: str) -> None:
    with pytest.raises(LxdError, match=message):
        Guest((entity(), state()), answers=[(code, "status: error\ndetail")]).wait("cloud-init")


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ("coffee", r"^wait_for\[0\]: 'coffee' is not valid: expected one of ipv4, ipv6, ready, agent, cloud-init, command, or a mapping"),
        (None, r"^wait_for\[0\] is required"),
        (7, r"^wait_for\[0\]: 7 is not valid"),
        ({}, r"^wait_for\[0\]: \{\} is not valid"),
        ({"type": ["ipv4"]}, r"^wait_for\[0\]: .* is not valid: expected one of"),
        ({"type": "ready", "nic": "eth0"}, "nic does not go with ready"),
        ({"type": "ipv4", "nics": "eth0"}, "nics does not go with ipv4"),
        ({"type": "command"}, "expected the command to run, as text for the shell or a list of arguments"),
        ({"type": "command", "command": []}, "expected the command to run"),
        ({"type": "command", "command": {"a": "b"}}, "expected the command to run"),
        ({"type": "command", "command": 7}, "expected the command to run"),
    ],
)
def test_wrong_wishes(wish: t.Any, message: str) -> None:
    with pytest.raises(InvalidOption, match=message):
        conditions("wait_for", [wish])
