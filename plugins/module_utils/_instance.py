# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be sent so that an instance is as wished, its power included. Pure, like ``_plan``."""

from __future__ import annotations

import dataclasses
import typing as t

from ._errors import InvalidOption, LxdError
from ._messages import Request
from ._plan import Current, Plan, differ, overlay, refuse_immutable, view, wishes
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


@dataclasses.dataclass(frozen=True)
class InstancePlan(Plan):
    """``actions`` name the requests, in the words of community.general."""

    actions: tuple[str, ...] = ()
    restart_required: bool = False


def power(entity: t.Mapping[str, t.Any] | None) -> str:
    """``absent``, ``started``, ``stopped`` or ``frozen``.

    :raises LxdError: for an instance that is neither, such as one on a cluster member that does not answer.
    """
    if entity is None:
        return "absent"
    status = entity.get("status", "")
    if status not in _POWER:
        raise LxdError(f"The instance {entity.get('name')} is in the status {status}, in which nothing can be done to it", status=status)
    return _POWER[status]


def plan(params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None, source: t.Any = None) -> InstancePlan:
    """:param source: what a new instance is made of, as the API takes it; only looked at if there is no instance.
    :raises InvalidOption: for what cannot be changed, or would collide.
    """
    if params["state"] == "absent":
        return _Steps(params, current, None).remove()
    return _Steps(params, current, renamed).converge(source)


class _Steps:
    """The requests as they add up, with the power that the instance has by then."""

    def __init__(self, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> None:
        self.params = params
        self.name: str = params["name"]
        self.new_name: str | None = params.get("new_name") if params.get("new_name") != params["name"] else None
        if self.new_name and current and renamed:
            raise InvalidOption("new_name", self.new_name, f"an instance of that name exists beside {self.name}")
        if self.new_name and current is None:
            self.name, self.new_name, current = self.new_name, None, renamed
        self.current = current
        self.wanted = wishes(FIELDS, _without_volatile(params))
        self.power = power(current.entity if current else None)
        self.requests: list[Request] = []
        self.actions: list[str] = []

    def remove(self) -> InstancePlan:
        if self.current is None:
            return InstancePlan(None, None)
        if self.power == "frozen":
            self._state("unfreeze", "started")
        if self.power == "started":
            self._state("stop", "stopped")
        self._add("delete", Request("DELETE", ("instances", self.name)))
        return InstancePlan(self._view(self.current.entity), None, tuple(self.requests), tuple(self.actions))

    def converge(self, source: t.Any) -> InstancePlan:
        before = self._view(self.current.entity) if self.current else None
        entity: t.Mapping[str, t.Any]
        if self.current is None:
            entity = self._create(source)
        else:
            refuse_immutable(FIELDS, self.wanted, self.current.entity)
            entity = self._change(self.current)
        self._reach(self.params["state"])
        status = next(status for status, name in _POWER.items() if name == self.power)
        kept = self.current.entity.get("status") if self.current and self.power == power(self.current.entity) else status
        after = self._view({**entity, "status": kept})
        return InstancePlan(before, after, tuple(self.requests), tuple(self.actions))

    def _create(self, source: t.Any) -> dict[str, t.Any]:
        entity = {"name": self.name, **overlay(FIELDS, self.wanted, {})}
        query = {"target": self.params["target"]} if self.params.get("target") else {}
        self._add("create", Request("POST", ("instances",), {**entity, "source": source}, query))
        self.power = "stopped"
        return entity

    def _change(self, current: Current) -> dict[str, t.Any]:
        """Down first, if that is the wish: nothing has to be changed on a running instance then."""
        if self.params["state"] == "stopped":
            self._reach("stopped")
        name = self.name
        if self.new_name:
            if self.power != "stopped":
                raise InvalidOption("new_name", self.new_name, f"{name} is running, and has to be stopped (state=stopped) to be renamed")
            self._add("rename", Request("POST", ("instances", name), {"name": self.new_name}))
            self.name = self.new_name
        entity = overlay(FIELDS, self.wanted, current.entity)
        if differ(FIELDS, self.wanted, current.entity, entity):
            # A stop or a renaming that goes before changes the ETag.
            etag = None if self.requests else current.etag
            self._add("apply_instance_configs", Request("PUT", ("instances", self.name), entity, etag=etag))
        return {**entity, "name": self.name}

    def _reach(self, state: str) -> None:
        if state == "present" or (state == self.power):
            return
        if state == "restarted" and self.power == "started":
            self._state("restart", "started")
            return
        if self.power == "frozen":
            self._state("unfreeze", "started")
        if state == "stopped" and self.power == "started":
            self._state("stop", "stopped")
        if state in ("started", "frozen", "restarted") and self.power == "stopped":
            self._state("start", "started")
        elif state == "restarted" and self.power == "started" and "unfreeze" in self.actions:
            self._state("restart", "started")
        if state == "frozen":
            self._state("freeze", "frozen")

    def _state(self, action: str, power_then: str) -> None:
        body = {"action": action, "timeout": self.params["timeout"], "force": self.params["force_stop"] and action in ("stop", "restart")}
        self._add(action, Request("PUT", ("instances", self.name, "state"), body))
        self.power = power_then

    def _add(self, action: str, request: Request) -> None:
        self.actions.append(action)
        self.requests.append(request)

    @staticmethod
    def _view(entity: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Without the server's own keys, which change by themselves."""
        own = {key: value for key, value in (entity.get("config") or {}).items() if not key.startswith(("volatile.", "image."))}
        return {"name": entity.get("name"), **view(FIELDS, {**entity, "config": own}), "status": entity.get("status")}


def _without_volatile(params: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    if not params.get("ignore_volatile_options") or not params.get("config"):
        return params
    return {**params, "config": {key: value for key, value in params["config"].items() if not key.startswith("volatile.")}}


def changed_keys(planned: Plan) -> set[str]:
    """The keys of the config that a plan sets or unsets on an instance that is there."""
    if planned.before is None or planned.after is None:
        return set()
    before, after = (side.get("config") or {} for side in (planned.before, planned.after))
    return {key for key in {*before, *after} if before.get(key) != after.get(key)}


def with_restart(planned: InstancePlan, stale: set[str], params: t.Mapping[str, t.Any]) -> InstancePlan:
    """The plan when the running guest would not notice the keys in ``stale``: says so, or restarts if that is allowed."""
    runs_on = planned.after is not None and planned.after.get("status") != "Stopped"
    if not stale or not runs_on or {"restart", "start"} & set(planned.actions):
        return planned
    if not params["restart_if_required"] or planned.after is None:
        return dataclasses.replace(planned, restart_required=True)
    body = {"action": "restart", "timeout": params["timeout"], "force": params["force_stop"]}
    restart = Request("PUT", ("instances", planned.after["name"], "state"), body)
    return dataclasses.replace(planned, requests=(*planned.requests, restart), actions=(*planned.actions, "restart"))
