# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An instance made as wished: read, planned, sent, waited for."""

from __future__ import annotations

import functools
import itertools
import typing as t

if t.TYPE_CHECKING:
    from ._wait import Condition

from ._addresses import addresses
from ._client import Client
from ._converge import settle
from ._errors import InvalidOption
from ._instance import InstancePlan, changed_keys, plan, power, verify, with_restart
from ._instance_look import at_rest
from ._job import Context
from ._messages import Request
from ._plan import Current
from ._source import Source, source

Found = tuple[t.Optional[Current], t.Optional[Current]]


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """``instance`` with its ``state`` as they are afterwards, ``addresses``, ``actions``, ``old_state`` and ``restart_required``."""
    client = t.cast(Client, context.client)
    verify(params)
    conditions = _conditions(params) if params["wait_for"] or params["wait_for_ipv4_addresses"] else []
    made_of = source(params)
    name = params["new_name"] or params["name"]
    there = client.at(params["new_project"])
    elsewhere = there is not client or name != params["name"]
    params = {**params, "members": _members(client, params["new_target"])}
    old: list[str] = []

    def read() -> Found:
        return at_rest(client, params["name"], params["timeout"]), at_rest(there, name, params["timeout"]) if elsewhere else None

    def make_plan(found: Found) -> InstancePlan:
        current = found[0] or found[1]
        old.append(power(current.entity if current else None))
        if current is None and params["state"] != "absent":
            planned = _plan_new(there, params, context, made_of)
        else:
            first = current is not None and _profiles_first(client, there, params, context, current)
            planned = plan({**params, "profiles_first": first}, *found, made_of.body if made_of else None)
            if params["new_pool"] and "migrate" in planned.actions:
                client.require_named("new_pool", params["new_pool"], "storage-pools", params["new_pool"], what="such pool")
        if {"create", "apply_instance_configs"} & set(planned.actions):
            from . import _validate

            _validate.options(context, "instance", params, current.entity if current else None)
        changed = changed_keys(planned) | _keys_of_profiles(there, planned)
        if conditions and not context.check and planned.after is not None:
            _refuse_hopeless(name, conditions, _devices(there, planned, current))
        return with_restart(planned, _stale(client, changed) if changed and old[-1] in ("started", "frozen") else set(), params)

    def send(planned: InstancePlan, done: t.Callable[[Request], None]) -> None:
        from . import _instance_send

        _instance_send.send(client, there, params, context, made_of, planned, done)

    planned, found = settle(read, make_plan, send, context.check)
    if conditions and not context.check and planned.after is not None:
        from . import _wait

        look, run = functools.partial(_look, there, name), functools.partial(_in_guest, there, name)
        _wait.wait(name, conditions, look, run, params["timeout"], context.progress)
        found = read()
    return _result(there if found[1] else client, params, context, planned, found, old[0])


def _members(client: Client, target: str | None) -> list[str]:
    if not target:
        return []
    from . import _cluster

    return _cluster.members(client, "new_target", target)


def _stale(client: Client, keys: set[str]) -> set[str]:
    from . import _live

    return _live.stale(client, keys)


def _profiles_first(client: Client, there: Client, params: t.Mapping[str, t.Any], context: Context, current: Current) -> bool:
    """Whether an instance has to get the profiles of the task before it moves, as the other project lacks one that it has.

    :raises InvalidOption: for a profile that is not where it has to be then.
    """
    project, wished, own = params["new_project"], params["profiles"], current.entity.get("profiles") or []
    if not project or (current.entity.get("project") or "default") == project or (context.check and not client.get("projects", project)):
        return False
    missing = next((name for name in own if there.get("profiles", name) is None), None)
    if missing is None:
        return False
    if missing in (wished or ()):
        raise InvalidOption("profiles", missing, f"there is no profile of that name in the project {project}")
    if wished is None:
        said = f"it has no profile {missing}, which {params['name']} has; profiles has to name others, which both projects have"
        raise InvalidOption("new_project", project, said)
    for name, at in itertools.product(wished, (client, there)):
        if at.get("profiles", name) is None:
            said = f"the project {at.remote.project or 'default'} lacks it, and both need it, as {project} has no {missing}"
            raise InvalidOption("profiles", name, said)
    return True


def _plan_new(client: Client, params: t.Mapping[str, t.Any], context: Context, made_of: Source | None) -> InstancePlan:
    if made_of is None and params["state"] == "stopped" and params["ephemeral"]:
        return InstancePlan(None, None)
    if made_of is None:
        gone = " (an ephemeral one is removed by its stop)" if params["state"] == "stopped" else ""
        raise InvalidOption("image", None, f"there is no instance {params['name']}{gone}, and a new one needs an image or a source")
    if params["target"] and not client.server["environment"].get("server_clustered"):
        raise InvalidOption("target", params["target"], "the server is not in a cluster")
    return plan(params, None, None, *made_of.verify(client, context))


def _keys_of_profiles(client: Client, planned: InstancePlan) -> set[str]:
    """The keys that the instance gets another value of by other profiles.

    :raises InvalidOption: for a profile that is not there.
    """
    if planned.after is None:
        return set()
    before, after = ((side or {}).get("profiles") or [] for side in (planned.before, planned.after))
    if before == after:
        return set()
    replies = {name: client.get("profiles", name) for name in dict.fromkeys([*before, *after])}
    for name in after:
        if replies[name] is None:
            raise InvalidOption("profiles", name, f"there is no profile of that name on {client.remote}")
    found = {name: reply.metadata.get("config") or {} for name, reply in replies.items() if reply}
    old, new = ({key: value for name in names for key, value in found.get(name, {}).items()} for names in (before, after))
    return {key for key in {*old, *new} if old.get(key) != new.get(key)} - set(planned.after.get("config") or ())


def _result(
    client: Client, params: t.Mapping[str, t.Any], context: Context, planned: InstancePlan, found: Found, old_state: str
) -> dict[str, t.Any]:
    there = found[1] or found[0]
    entity = dict(there.entity) if there and (params["state"] != "absent" or context.check) else None
    state = client.get("instances", entity["name"], "state") if entity and entity.get("status") != "Stopped" else None
    return {
        "changed": planned.changed,
        "diff": {"before": planned.before or {}, "after": planned.after or {}},
        "actions": list(planned.actions),
        "old_state": old_state,
        "restart_required": planned.restart_required,
        "addresses": addresses(state.metadata) if state else {},
        "instance": {**entity, "state": state.metadata if state else None} if entity else None,
    }


def _conditions(params: t.Mapping[str, t.Any]) -> list[Condition]:
    from . import _wait

    wanted = _wait.conditions("wait_for", params["wait_for"] or [])
    idle = params["state"] in ("stopped", "frozen", "absent")
    if wanted and idle:
        raise InvalidOption("wait_for", params["wait_for"], f"an instance that shall be {params['state']} gets nothing to wait for")
    if params["wait_for_ipv4_addresses"] and not idle:
        wanted.append(_wait.Condition("ipv4", every=True))
    return wanted


def _devices(client: Client, planned: InstancePlan, current: Current | None) -> t.Mapping[str, t.Any] | None:
    """What the instance will have, its profiles included; None if that is left to its image."""
    after = t.cast(t.Mapping[str, t.Any], planned.after)
    if current and not {"apply_instance_configs", "migrate"} & set(planned.actions):
        return t.cast(t.Mapping[str, t.Any], current.entity.get("expanded_devices"))
    if "profiles" not in after:
        return None
    profiles = [client.existing(f"profile {name}", "profiles", name).metadata for name in after["profiles"]]
    return {name: device for entity in (*profiles, after) for name, device in (entity.get("devices") or {}).items()}


def _refuse_hopeless(name: str, conditions: t.Iterable[Condition], devices: t.Mapping[str, t.Any] | None) -> None:
    """In check mode an earlier task may be about to give a profile what is missing: only what is sent is refused."""
    if devices is None:
        return
    from . import _wait

    for condition in conditions:
        reason = _wait.hopeless(condition, devices)
        if reason:
            option, value = ("wait_for_ipv4_addresses", True) if condition.every else ("wait_for", condition.type)
            raise InvalidOption(option, value, f"{name} cannot get {condition}: {reason}")


def _look(client: Client, name: str) -> tuple[t.Mapping[str, t.Any], t.Mapping[str, t.Any]]:
    entity = client.send(Request("GET", ("instances", name))).metadata
    return entity, client.send(Request("GET", ("instances", name, "state"))).metadata


def _in_guest(client: Client, name: str, argv: list[str], timeout: float) -> tuple[int, str]:
    from ._channel import Channel

    said: list[bytes] = []
    with Channel(client.remote) as channel:
        code = channel.exec(name, argv, stdout=said.append, stderr=said.append, timeout=timeout)
    return code, b"".join(said).decode(errors="replace")
