# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until an instance has what a task needs of it: an address, an agent, a finished cloud-init, a command's success."""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ._addresses import addresses, interfaces
from ._errors import InvalidOption, LxdError, Refused, TimedOut

TYPES = ("ipv4", "ipv6", "ready", "agent", "cloud-init", "command")
_PAUSE = 0.25

# Runs a command in the instance, for so many seconds at most: (return code, what it said).
Run = t.Callable[[list[str], float], tuple[int, str]]
# The instance and its state, as they are now.
Look = t.Callable[[], tuple[t.Mapping[str, t.Any], t.Mapping[str, t.Any]]]


@dataclasses.dataclass(frozen=True)
class Condition:
    """``nic`` narrows ipv4 and ipv6 to one device, ``every`` widens them to all; ``command`` is an argument vector."""

    type: str
    nic: str | None = None
    every: bool = False
    command: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.type in ("ipv4", "ipv6"):
            place = f" on {self.nic}" if self.nic else " on every NIC" if self.every else ""
            return f"an {self.type.replace('ip', 'IP')} address{place}"
        return {
            "ready": "the guest to say that it is ready",
            "agent": "the agent in the guest",
            "cloud-init": "cloud-init to be done",
            "command": f"the success of {' '.join(self.command)!r}",
        }[self.type]


def conditions(option: str, wishes: t.Iterable[t.Any]) -> list[Condition]:
    """Each wish is the name of a type, or a mapping with ``type`` and its own keys.

    :raises InvalidOption: for anything else.
    """
    return [_condition(f"{option}[{index}]", wish) for index, wish in enumerate(wishes)]


def _condition(option: str, wish: t.Any) -> Condition:
    given = {"type": wish} if isinstance(wish, str) else wish
    if not isinstance(given, dict) or given.get("type") not in TYPES:
        raise InvalidOption(option, wish, f"expected one of {', '.join(TYPES)}, or a mapping with such a type")
    allowed = {"ipv4": {"nic"}, "ipv6": {"nic"}, "command": {"command"}}.get(given["type"], set())
    unknown = set(given) - allowed - {"type"}
    if unknown:
        raise InvalidOption(option, wish, f"{', '.join(sorted(unknown))} does not go with {given['type']}")
    command = given.get("command") or []
    if not isinstance(command, (str, list)) or (given["type"] == "command" and not command):
        raise InvalidOption(option, wish, "expected the command to run, as text for the shell or a list of arguments")
    argv = ("sh", "-c", command) if isinstance(command, str) else tuple(str(part) for part in command)
    return Condition(given["type"], nic=given.get("nic"), command=argv)


def wait(
    name: str,
    wanted: t.Sequence[Condition],
    look: Look,
    run: Run,
    timeout: float,
    progress: t.Callable[[str, float | None], None],
) -> None:
    """Until all conditions hold.

    :raises TimedOut: naming what was not there, and what was. :raises LxdError: as soon as it is clear that it will not be.
    """
    deadline = time.monotonic() + timeout
    for condition in wanted:
        while True:
            entity, state = look()
            if entity.get("status") not in ("Running", "Ready", "Frozen"):
                raise LxdError(f"{name} is {entity.get('status')}, and there was {condition} to wait for")
            left = deadline - time.monotonic()
            holds, saw = _check(condition, entity, state, run, max(left, 1.0))
            if holds:
                break
            if left <= 0:
                raise TimedOut(f"{name}: waited {timeout:g} seconds for {condition}; {saw}")
            progress(f"{name}: waiting for {condition}; {saw}", None)
            time.sleep(min(_PAUSE, max(left, 0.0)))


def _check(
    condition: Condition, entity: t.Mapping[str, t.Any], state: t.Mapping[str, t.Any], run: Run, left: float
) -> tuple[bool, str]:
    if condition.type in ("ipv4", "ipv6"):
        return _has_address(condition, entity, state)
    if condition.type == "ready":
        return entity.get("status") == "Ready", f"its status is {entity.get('status')}"
    if condition.type == "agent":
        return (state.get("processes") or -1) > 0, "no agent has answered yet"
    command = ["cloud-init", "status", "--wait", "--long"] if condition.type == "cloud-init" else list(condition.command)
    try:
        code, said = run(command, left)
    except TimedOut:
        return False, "the command was still running"
    except Refused as refusal:
        return False, f"the server said: {refusal}"
    if condition.type == "cloud-init":
        return _cloud_init(code, said)
    return code == 0, f"the last try returned {code}: {said.strip()[-300:] or 'it said nothing'}"


def hopeless(condition: Condition, devices: t.Mapping[str, t.Mapping[str, t.Any]]) -> str | None:
    """Why an instance with these devices cannot get the address that it would be waited for; None if it can, or it is for no address."""
    nics = _nics(devices)
    if condition.type not in ("ipv4", "ipv6") or (nics and condition.nic in (None, *nics)):
        return None
    return f"its NICs are {', '.join(sorted(nics))}" if nics else "it has no NIC"


def _nics(devices: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[str]:
    return [device for device, about in devices.items() if about.get("type") == "nic"]


def _has_address(condition: Condition, entity: t.Mapping[str, t.Any], state: t.Mapping[str, t.Any]) -> tuple[bool, str]:
    devices = entity.get("expanded_devices") or {}
    reason = hopeless(condition, devices)
    if reason:
        raise LxdError(f"{entity.get('name')} cannot get {condition}: {reason}")
    nics = _nics(devices)
    up = interfaces(entity, state)
    found = addresses(state, condition.type)
    wanted = [condition.nic] if condition.nic else nics
    have = [device for device in wanted if up.get(device) in found]
    holds = len(have) == len(wanted) if condition.every else bool(have)
    both = {**addresses(state, "ipv6"), **addresses(state, "ipv4")}
    return holds, f"its addresses are {', '.join(f'{i} {a[0]}' for i, a in sorted(both.items())) or 'none'}"


def _cloud_init(code: int, said: str) -> tuple[bool, str]:
    """0 is done, 2 is done with something to complain of; both will do."""
    if code in (0, 2):
        return True, said
    if code in (126, 127):
        raise LxdError("There is no cloud-init in the instance to wait for")
    raise LxdError(f"cloud-init failed: {' '.join(said.split())[-600:]}")
