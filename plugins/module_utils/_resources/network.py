# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks that the server manages."""

from __future__ import annotations

import typing as t

from .._plan import Current, Plan, plan
from .._resource import CONFIG, DESCRIPTION, Field, Resource


def _plan_network(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    """``auto`` in a PUT would give a network that has an address another one: it asks for an address, and there is one."""
    there = current or renamed
    if there and params.get("config"):
        known = there.entity.get("config") or {}
        kept = {key: known[key] if value == "auto" and known.get(key) else value for key, value in params["config"].items()}
        params = {**params, "config": kept}
    return plan(resource, params, current, renamed)


NETWORK = Resource(
    kind="network",
    schema="network_{type}",
    collection="networks",
    fields=(CONFIG, DESCRIPTION, Field("type", {"type": "str"}, create_only=True)),
    renames=True,
    plan=_plan_network,
)
