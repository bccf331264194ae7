# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances: containers and virtual machines."""

from __future__ import annotations

import dataclasses
import functools
import time
import typing as t

from .. import _cluster, _live, _place, _validate, _wait
from .._addresses import addresses
from .._client import Client
from .._converge import settle
from .._errors import Conflict, InvalidOption, LxdError, NotFound, OperationFailed, Refused, TimedOut
from .._instance import FIELDS, NAME, TRANSIENT, InstancePlan, action, changed_keys, plan, power, update, verify, with_restart
from .._job import Context, Job
from .._messages import Request
from .._plan import Current
from .._source import Source, source

# How much longer than the server itself we wait for it to stop or start an instance.
GRACE = 30
# How long the fetching of an image by the server itself may make no progress.
STALL = 120
# How long the server may need to remove an ephemeral instance that has stopped.
REMOVAL = 10

Found = tuple[t.Optional[Current], t.Optional[Current]]


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    verify(params)
    conditions = _conditions(params)
    made_of = source(params)
    name = params["new_name"] or params["name"]
    there = client.at(params["new_project"])
    elsewhere = there is not client or name != params["name"]
    params = {**params, "members": _cluster.members(client, "new_target", params["new_target"])}
    old: list[str] = []

    def read() -> Found:
        return _entity(client, params["name"], params["timeout"]), _entity(there, name, params["timeout"]) if elsewhere else None

    def make_plan(found: Found) -> InstancePlan:
        current = found[0] or found[1]
        old.append(power(current.entity if current else None))
        if current is None and params["state"] != "absent":
            planned = _plan_new(there, params, context, made_of)
        else:
            planned = plan(params, *found, made_of.body if made_of else None)
            _refuse_pool(client, params["new_pool"] if "migrate" in planned.actions else None)
        if {"create", "apply_instance_configs"} & set(planned.actions):
            _validate.options(context, "instance", params, current.entity if current else None)
        changed = changed_keys(planned) | _keys_of_profiles(there, planned)
        return with_restart(planned, _live.stale(client, changed) if old[-1] in ("started", "frozen") else set(), params)

    planned, found = settle(read, make_plan, functools.partial(_send, client, there, params, context, made_of), context.check)
    if conditions and not context.check and planned.after is not None:
        look, run = functools.partial(_look, there, name), functools.partial(_in_guest, there, name)
        _wait.wait(name, conditions, look, run, params["timeout"], context.progress)
        found = read()
    return _result(there if found[1] else client, params, context, planned, found, old[0])


def _refuse_pool(client: Client, pool: str | None) -> None:
    if pool and client.get("storage-pools", pool) is None:
        raise InvalidOption("new_pool", pool, f"there is no such pool on {client.remote}")


def _plan_new(client: Client, params: t.Mapping[str, t.Any], context: Context, made_of: Source | None) -> InstancePlan:
    if made_of is None:
        raise InvalidOption("image", None, f"there is no instance {params['name']}, and a new one needs an image or a source")
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


def _conditions(params: t.Mapping[str, t.Any]) -> list[_wait.Condition]:
    wanted = _wait.conditions("wait_for", params["wait_for"] or [])
    idle = params["state"] in ("stopped", "frozen", "absent")
    if wanted and idle:
        raise InvalidOption("wait_for", params["wait_for"], f"an instance that shall be {params['state']} gets nothing to wait for")
    if params["wait_for_ipv4_addresses"] and not idle:
        wanted.append(_wait.Condition("ipv4", every=True))
    return wanted


def _send(
    client: Client,
    there: Client,
    params: t.Mapping[str, t.Any],
    context: Context,
    made_of: Source | None,
    planned: InstancePlan,
    done: t.Callable[[Request], None],
) -> None:
    at = client if any(map(_place.leaves, planned.requests)) else there
    for request in planned.requests:
        verb = action(request)
        context.progress(f"{params['name']}: {verb}", None)
        if verb in ("create", "refresh") and made_of:
            made_of.make(at, context, request, functools.partial(_create, at, context))
        elif verb == "delete":
            _delete(at, planned, request)
        elif verb == "apply_instance_configs":
            _apply(at, params, request)
        elif verb == "migrate":
            _create(at, context, request)
        elif verb == "rename":
            at.send(request)
        else:
            _power(at, params, request)
        at = there if _place.leaves(request) else at
        done(request)


def _create(client: Client, context: Context, request: Request) -> None:
    """Send what takes a while, and show how far it is."""
    name = request.body["name"]
    fetched = bool(request.body.get("source", {}).get("server"))
    last: list[t.Any] = [None, time.monotonic()]

    def progress(operation: t.Mapping[str, t.Any]) -> None:
        if operation.get("metadata") != last[0]:
            last[:] = [operation.get("metadata"), time.monotonic()]
        elif fetched and time.monotonic() - last[1] > STALL:
            raise TimedOut(
                f"{name}: the server has got nothing of its image for {STALL} seconds, and goes on as operation {operation['id']}; "
                "fleet.lxd.lxd_image, or image with a named remote, fetches over lines that stall",
                operation=operation["id"],
            )
        for key, value in (operation.get("metadata") or {}).items():
            if key.endswith("_progress"):
                context.progress(f"{name}: {value}", None)

    client.send(request, progress=progress)


def _apply(client: Client, params: t.Mapping[str, t.Any], request: Request) -> None:
    """The volatile keys go with the others, and are not what they were before a stop."""
    if request.etag is None:
        current = _entity(client, request.path[-1], params["timeout"])
        renewed = update(params, request.path[-1], current) if current else request
    else:
        renewed = request
    if renewed:
        client.send(renewed)


def _power(client: Client, params: t.Mapping[str, t.Any], request: Request) -> None:
    """A change of power; that the instance has got there by itself means to look again."""
    try:
        client.send(request, timeout=request.body["timeout"] + GRACE)
    except Refused as refusal:
        if "is already" in str(refusal) or "is not running" in str(refusal) or "isn't running" in str(refusal):
            raise Conflict(str(refusal), **refusal.facts) from refusal
        if not isinstance(refusal, OperationFailed) or request.body["action"] not in ("stop", "restart"):
            raise
        if not params["force_after_timeout"]:
            raise LxdError(
                f"{params['name']} did not {request.body['action']} within {request.body['timeout']} seconds ({refusal}); "
                "force_after_timeout or force_stop would force it",
                **refusal.facts,
            ) from refusal
        client.send(dataclasses.replace(request, body={**request.body, "force": True}), timeout=request.body["timeout"] + GRACE)


def _delete(client: Client, planned: InstancePlan, request: Request) -> None:
    """An ephemeral instance is removed by its stop: the server needs a moment for it."""
    deadline = time.monotonic() + REMOVAL
    while (planned.before or {}).get("ephemeral") and "stop" in planned.actions and time.monotonic() < deadline:
        if client.get(*request.path) is None:
            return
        time.sleep(_wait.PAUSE)
    try:
        client.send(request)
    except NotFound:
        return


def _entity(client: Client, name: str, patience: float) -> Current | None:
    """The instance, as soon as nobody else is about to start or stop it."""
    deadline = time.monotonic() + patience
    while (reply := client.get("instances", name)) is not None:
        if reply.metadata.get("status") not in TRANSIENT or time.monotonic() > deadline:
            return Current(reply.metadata, reply.etag)
        time.sleep(_wait.PAUSE)
    return None


def _look(client: Client, name: str) -> tuple[t.Mapping[str, t.Any], t.Mapping[str, t.Any]]:
    entity = client.send(Request("GET", ("instances", name))).metadata
    return entity, client.send(Request("GET", ("instances", name, "state"))).metadata


def _in_guest(client: Client, name: str, argv: list[str], timeout: float) -> tuple[int, str]:
    from .._channel import Channel

    said: list[bytes] = []
    with Channel(client.remote) as channel:
        code = channel.exec(name, argv, stdout=said.append, stderr=said.append, timeout=timeout)
    return code, b"".join(said).decode(errors="replace")


CONTAINER = Job(
    options={
        "name": {"type": "str", "required": True},
        "new_name": {"type": "str"},
        "state": {
            "type": "str",
            "choices": ["present", "started", "stopped", "restarted", "frozen", "absent"],
            "default": "started",
        },
        **{field.name: field.spec for field in FIELDS},
        "image": {"type": "str"},
        "source": {"type": "dict"},
        "target": {"type": "str"},
        **_place.SPEC,
        "timeout": {"type": "int", "default": 30},
        "force_stop": {"type": "bool", "default": False},
        "force_after_timeout": {"type": "bool", "default": False},
        "restart_if_required": {"type": "bool", "default": False},
        "wait_for": {"type": "list", "elements": "raw"},
        "wait_for_ipv4_addresses": {"type": "bool", "default": False},
        "wait_for_container": {"type": "bool", "default": False},
        "ignore_volatile_options": {"type": "bool", "default": False},
        "validate": _validate.OPTION,
    },
    rules={"mutually_exclusive": [["image", "source"]]},
    run=_run,
)


def _info(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    query = {"recursion": "2"}
    if params["name"] is not None and not NAME.fullmatch(params["name"]):
        raise InvalidOption("name", params["name"], "expected the name of an instance: letters, digits and hyphens")
    if params["all_projects"]:
        if client.remote.project:
            raise InvalidOption("all_projects", True, f"it does not go with the project {client.remote.project}")
        query["all-projects"] = "true"
    wishes = [f"{key} eq {params[option]}" for option, key in (("name", "name"), ("type", "type"), ("status", "status")) if params[option]]
    wishes += [params["filter"]] if params["filter"] else []
    if wishes:
        query["filter"] = " and ".join(wishes)
    found = client.send(Request("GET", ("instances",), query=query)).metadata
    if not found:
        client.require_project()
    rows = sorted(map(_row, found), key=lambda row: (row.get("project", ""), row["name"]))
    return {"changed": False, "instances": rows}


def _row(entity: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The columns of ``lxc list`` as data, beside all that the server tells."""
    state = entity.get("state")
    snapshots = [snapshot["name"].rpartition("/")[2] for snapshot in entity.get("snapshots") or []]
    return {**entity, "ipv4": addresses(state, "ipv4"), "ipv6": addresses(state, "ipv6"), "snapshots": snapshots}


CONTAINER_INFO = Job(
    options={
        "name": {"type": "str"},
        "type": {"type": "str", "choices": ["container", "virtual-machine"]},
        "status": {"type": "str"},
        "filter": {"type": "str"},
        "all_projects": {"type": "bool", "default": False},
    },
    run=_info,
)
