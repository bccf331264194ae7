# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be sent so that an instance is as wished, its power included. Pure, like ``_plan``."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from . import _place
from ._errors import InvalidOption, LxdError
from ._messages import Request
from ._plan import Current, Plan, differ, overlay, refuse_immutable, refuse_new_name, view, wishes
from ._resource import CONFIG, DESCRIPTION, DEVICES, Field

# The names by which Python, Debian and users call what the servers call x86_64 and so on.
_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64", "i386": "i686", "armhf": "armv7l", "ppc64el": "ppc64le"}


def _architecture(_option: str, value: str) -> str:
    return _ARCHITECTURES.get(value, value)


FIELDS = (
    CONFIG,
    DESCRIPTION,
    DEVICES,
    Field("profiles", {"type": "list", "elements": "str"}),
    Field("ephemeral", {"type": "bool"}),
    Field("architecture", {"type": "str"}, _architecture, create_only=True),
    Field("type", {"type": "str", "choices": ["container", "virtual-machine"]}, create_only=True),
)

# What the server says in ``status``, as the power that a task can wish for. Ready is a running guest that has told so.
_POWER = {"Running": "started", "Ready": "started", "Stopped": "stopped", "Frozen": "frozen"}
_STATUS = {"started": "Running", "stopped": "Stopped", "frozen": "Frozen"}
# An instance in one of these is on its way to another.
TRANSIENT = ("Starting", "Stopping", "Aborting", "Freezing", "Thawed")

_OF_THE_SERVER = ("volatile.", "image.")
# Those of them which a copy has, too: what it once was made of. And those by which others know an instance that moves.
_ORIGIN = re.compile(r"image\..+|volatile\.base_image")
_IDENTITY = re.compile(r"volatile\..+\.hwaddr|volatile\.uuid|volatile\.cloud-init\.instance-id")

# Instances are hosts: the servers take no other names.
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def verify(params: t.Mapping[str, t.Any]) -> None:
    """:raises InvalidOption: for what can be said to be wrong before the server is asked."""
    for option in ("name", "new_name"):
        if params[option] is not None and not NAME.fullmatch(params[option]):
            raise InvalidOption(option, params[option], "expected 1 to 63 letters, digits and hyphens, and no hyphen first or last")
    if params["timeout"] <= 0:
        raise InvalidOption("timeout", params["timeout"], "expected a number of seconds above 0")
    if params["state"] == "absent":
        refuse_new_name(params, "new_name", *_place.OPTIONS)


@dataclasses.dataclass(frozen=True)
class InstancePlan(Plan):
    """``restart_required``: the running guest will not notice what has changed."""

    restart_required: bool = False

    @property
    def actions(self) -> tuple[str, ...]:
        """The requests, in the words of community.general."""
        return tuple(map(action, self.requests))


def action(request: Request) -> str:
    body = request.body or {}
    if len(request.path) == 3:
        return body["action"]
    if request.method == "POST" and len(request.path) == 1:
        return "refresh" if body.get("source", {}).get("refresh") else "create"
    if request.method == "POST":
        return "migrate" if body.get("migration") else "rename"
    return {"PUT": "apply_instance_configs", "DELETE": "delete"}[request.method]


def power(entity: t.Mapping[str, t.Any] | None) -> str:
    """``absent``, ``started``, ``stopped`` or ``frozen``; or another status of the server in lower case, such as ``error``."""
    if entity is None:
        return "absent"
    status = entity.get("status") or "unknown"
    return _POWER.get(status, status.lower())


def plan(
    params: t.Mapping[str, t.Any],
    current: Current | None,
    renamed: Current | None,
    source: t.Any = None,
    inherited: t.Mapping[str, t.Any] | None = None,
) -> InstancePlan:
    """:param source: what a new instance is made of, as the API takes it; or of what one that is there is refreshed.
    :param inherited: the fields that a new instance takes over from what it is a copy of.
    :raises InvalidOption: for what cannot be changed, or would collide.
    """
    if params["state"] == "absent":
        return _Steps(params, current, None).remove()
    return _Steps(params, current, renamed).converge(source, _passed_on(inherited or {}, bool((source or {}).get("move"))))


def own(entity: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Without the keys of the server, which change by themselves."""
    config = {key: value for key, value in (entity.get("config") or {}).items() if not key.startswith(_OF_THE_SERVER)}
    return {**entity, "config": config} if config or "config" in entity else dict(entity)


def _passed_on(entity: t.Mapping[str, t.Any], moves: bool) -> dict[str, t.Any]:
    """What a copy has of its source: one on another server or member has no more of it than it is told."""
    config = entity.get("config") or {}
    carried = {key: value for key, value in config.items() if _ORIGIN.fullmatch(key) or (moves and _IDENTITY.fullmatch(key))}
    kept = own(entity)
    return {**kept, "config": {**kept["config"], **carried}} if "config" in kept else kept


def update(params: t.Mapping[str, t.Any], name: str, current: Current) -> Request | None:
    """What changes the instance of that name as wished; None if it is so already."""
    wanted = _wanted(params)
    entity = overlay(FIELDS, wanted, current.entity)
    if not differ(FIELDS, wanted, current.entity, entity):
        return None
    _refuse_untyped(name, wanted, entity)
    return Request("PUT", ("instances", name), entity, etag=current.etag)


def _refuse_untyped(name: str, wanted: t.Mapping[str, t.Any], entity: t.Mapping[str, t.Any]) -> None:
    for device, keys in wanted.get("devices", {}).items():
        if keys is not None and not entity["devices"][device].get("type"):
            expected = f"{name} has no device {device} of its own, and a new one needs a type, such as disk"
            raise InvalidOption(f"devices.{device}", keys, expected)


def _wanted(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    if not params.get("ignore_volatile_options") or not params.get("config"):
        return wishes(FIELDS, params)
    return wishes(FIELDS, {**params, "config": {key: value for key, value in params["config"].items() if not key.startswith("volatile.")}})


class _Steps:
    """The requests as they add up, with the power that the instance has by then."""

    def __init__(self, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> None:
        self.params = params
        self.name: str = params["name"]
        self.new_name: str | None = params.get("new_name") if params.get("new_name") != params["name"] else None
        if current and renamed:
            option = "new_name" if self.new_name else "new_project"
            raise InvalidOption(option, params[option], f"an instance of that name exists beside {self.name}")
        if current is None and (self.new_name or renamed):
            self.name, self.new_name, current = self.new_name or self.name, None, renamed
        self.current = current
        self.wanted = _wanted(params)
        self.power = power(current.entity if current else None)
        self.requests: list[Request] = []
        self.moved = _place.Move({})

    def remove(self) -> InstancePlan:
        if self.current is None:
            return InstancePlan(None, None)
        if self.power == "frozen":
            self._state("unfreeze", "started")
        if self.power == "started":
            self._state("stop", "stopped")
        self.requests.append(Request("DELETE", ("instances", self.name)))
        return InstancePlan(self._view(self.current.entity), None, tuple(self.requests))

    def converge(self, source: t.Any, inherited: t.Mapping[str, t.Any]) -> InstancePlan:
        before = self._view(self.current.entity) if self.current else None
        entity: t.Mapping[str, t.Any]
        if self.current is None:
            entity = self._create(source, inherited)
        else:
            refuse_immutable(FIELDS, self.wanted, self.current.entity)
            entity = self._change(self.current, source)
        self._reach(self.params["state"])
        kept = self.current is not None and self.power == power(self.current.entity)
        after = self._view({**entity, "status": entity["status"] if kept else _STATUS[self.power]})
        vanishes = entity.get("ephemeral") and "stop" in map(action, self.requests)
        if before is not None:
            before, after = {**self.moved.before, **before}, {**self.moved.after, **after}
        return InstancePlan(before, None if vanishes else after, tuple(self.requests))

    def _create(self, source: t.Any, inherited: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        entity = {"name": self.name, **overlay(FIELDS, self.wanted, inherited)}
        if self.params.get("new_pool"):
            entity["devices"] = _place.with_pool(entity, self.params["new_pool"])
        _refuse_untyped(self.name, self.wanted, entity)
        target = self.params.get("new_target") or self.params.get("target")
        query = {"target": target} if target else {}
        made_of = {key: value for key, value in (source or {}).items() if key != "refresh"}
        self.requests.append(Request("POST", ("instances",), {**entity, "source": made_of}, query))
        if any(set(inherited.get(field) or ()) - set(entity[field]) for field in ("config", "devices") if field in entity):
            # The servers copy what a request does not mention.
            self.requests.append(Request("PUT", ("instances", self.name), entity))
        self.power = "stopped"
        return entity

    def _change(self, current: Current, source: t.Any) -> dict[str, t.Any]:
        """Down first, if that is the wish: nothing has to be changed on a running instance then. An ephemeral one would be gone."""
        if self.params["state"] == "stopped" and not current.entity.get("ephemeral"):
            self._reach("stopped")
        self._move(self._with_profiles(current) if self.params.get("profiles_first") else current.entity)
        if (source or {}).get("refresh"):
            self._refresh(source)
        request = update(self.params, self.name, Current(self.moved.entity, current.etag))
        if request:
            # What goes before changes what this was made of: the sender makes it anew.
            self.requests.append(request._replace(etag=None) if self.requests else request)
        return {**(request.body if request else self.moved.entity), "name": self.name}

    def _with_profiles(self, current: Current) -> dict[str, t.Any]:
        """Before it moves: a snapshot is nowhere without the profiles of its instance, which need not be in another project."""
        entity = {**current.entity, "profiles": self.wanted["profiles"]}
        self.requests.append(Request("PUT", ("instances", self.name), entity, etag=None if self.requests else current.etag))
        return entity

    def _move(self, entity: t.Mapping[str, t.Any]) -> None:
        self.moved = moved = _place.move(self.params, entity, self.name, self.new_name)
        if moved.requests and not (moved.live and self.power == "started"):
            part = next(iter(moved.after))
            self._need_stopped(f"new_{part}", moved.after[part], "moved")
        live = self.power == "started"
        self.requests += [request._replace(body={**request.body, "live": live}) for request in moved.requests]
        self.name = moved.entity["name"]
        if self.new_name and self.new_name != self.name:
            self._need_stopped("new_name", self.new_name, "renamed")
            self.requests.append(Request("POST", ("instances", self.name), {"name": self.new_name}))
            self.name = self.new_name

    def _refresh(self, source: t.Any) -> None:
        self._need_stopped("source.refresh", True, "refreshed")
        self.requests.append(Request("POST", ("instances",), {"name": self.name, "source": source}))

    def _need_stopped(self, option: str, value: t.Any, purpose: str) -> None:
        if self.power != "stopped":
            is_now = "running" if self.power == "started" else self.power
            raise InvalidOption(option, value, f"{self.name} is {is_now}, and has to be stopped (state=stopped) to be {purpose}")

    def _reach(self, state: str) -> None:
        if state in ("present", self.power):
            return
        if self.current and self.power not in _STATUS:
            status = self.current.entity.get("status")
            raise LxdError(f"The instance {self.name} has the status {status}, in which it cannot be {state}", status=status)
        if self.power == "frozen":
            self._state("unfreeze", "started")
        if state == "stopped" and self.power == "started":
            self._state("stop", "stopped")
        elif state == "restarted" and self.power == "started":
            self._state("restart", "started")
        elif self.power == "stopped":
            self._state("start", "started")
        if state == "frozen":
            self._state("freeze", "frozen")

    def _state(self, verb: str, power_then: str) -> None:
        self.requests.append(_change_of_power(self.params, self.name, verb))
        self.power = power_then

    def _view(self, entity: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Without the server's own keys, which change by themselves; but for those that are wished."""
        wished = {key: value for key, value in (entity.get("config") or {}).items() if key in self.wanted.get("config", {})}
        seen = own(entity)
        config = {**seen.get("config", {}), **wished}
        return {"name": entity.get("name"), **view(FIELDS, {**seen, "config": config}), "status": entity.get("status")}


def _change_of_power(params: t.Mapping[str, t.Any], name: str, verb: str) -> Request:
    body = {"action": verb, "timeout": params["timeout"], "force": params["force_stop"] and verb in ("stop", "restart")}
    return Request("PUT", ("instances", name, "state"), body)


def changed_keys(planned: Plan) -> set[str]:
    """The keys of the config that a plan sets or unsets on an instance that is there."""
    if planned.before is None or planned.after is None:
        return set()
    before, after = (side.get("config") or {} for side in (planned.before, planned.after))
    return {key for key in {*before, *after} if before.get(key) != after.get(key)}


def with_restart(planned: InstancePlan, stale: set[str], params: t.Mapping[str, t.Any]) -> InstancePlan:
    """The plan when the running guest would not notice the keys in ``stale``: says so, or restarts if that is allowed."""
    if not stale or planned.after is None or planned.after["status"] == "Stopped" or {"restart", "start"} & set(planned.actions):
        return planned
    if not params["restart_if_required"] or planned.after["status"] == "Frozen":
        return dataclasses.replace(planned, restart_required=True)
    restart = _change_of_power(params, planned.after["name"], "restart")
    return dataclasses.replace(planned, requests=(*planned.requests, restart))
