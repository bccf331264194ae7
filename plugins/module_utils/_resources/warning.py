# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server warns of."""

from __future__ import annotations

import typing as t

from .._errors import InvalidOption
from .._plan import Current, Plan, plan
from .._resource import Field, Resource


def _plan_warning(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    """Only the server itself warns."""
    if current is None and params["state"] == "present":
        raise InvalidOption("uuid", params["uuid"], "the server has no such warning; fleet.lxd.lxd_warning_info lists them")
    return plan(resource, params, current, renamed)


# Ansible shows what a result calls warnings as its own.
WARNING = Resource(
    kind="server_warning",
    collection="warnings",
    identity="uuid",
    fields=(Field("status", {"type": "str", "choices": ["new", "acknowledged"]}),),
    extension="warnings",
    plan=_plan_warning,
)
