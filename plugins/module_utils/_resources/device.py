# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One device of an instance or a profile, beside those of others."""

from __future__ import annotations

import typing as t

from .. import _validate
from .._client import Client
from .._converge import fulfil
from .._errors import InvalidOption
from .._job import Context, Job
from .._messages import Reply
from .._options import VALIDATE
from .._plan import Current, Plan, plan_update
from .._resource import DEVICES, Resource, device_map, refuse_name

_HOLDERS = {"instance": Resource("instance", "instances", (DEVICES,)), "profile": Resource("profile", "profiles", (DEVICES,))}


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    kind = "instance" if params["instance"] else "profile"
    for option in (kind, "name"):
        refuse_name(option, params[option])
    holder = _HOLDERS[kind]
    path = (holder.collection, params[kind])

    def make_plan(reply: Reply) -> Plan:
        planned = plan(holder, path, params, Current(reply.metadata, reply.etag))
        if planned.changed and params["state"] == "present":
            known = (reply.metadata.get("devices") or {}).get(params["name"]) or {}
            _validate.options(context, _validate.of_device({**known, **(params["config"] or {})}), params)
        return planned

    result, found = fulfil(context, lambda: client.existing(f"{kind} {params[kind]}", *path), make_plan)
    return {**result, "device": (found.metadata.get("devices") or {}).get(params["name"])}


def plan(holder: Resource, path: tuple[str, ...], params: t.Mapping[str, t.Any], current: Current) -> Plan:
    """The holder with the device as wished; shown is the device alone."""
    name, known = params["name"], (current.entity.get("devices") or {}).get(params["name"])
    config = None if params["state"] == "absent" else params["config"] or {}
    if config is not None and not (known or {}).get("type") and not config.get("type"):
        raise InvalidOption("config", config, f"there is no device {name}, and a new one needs a type, such as disk")
    update = plan_update(holder, path, {"devices": device_map("devices", {name: config})}, current)
    before, after = ({name: (shown or {}).get("devices", {}).get(name)} for shown in (update.before, update.after))
    return Plan(before, after, update.requests)


DEVICE = Job(
    options={
        "instance": {"type": "str"},
        "profile": {"type": "str"},
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "config": {"type": "dict"},
        "validate": VALIDATE,
    },
    rules={"mutually_exclusive": [["instance", "profile"]], "required_one_of": [["instance", "profile"]]},
    run=_run,
)
