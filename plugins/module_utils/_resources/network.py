# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks that the server manages."""

from __future__ import annotations

import typing as t

from .. import _cluster
from .._client import Client
from .._errors import InvalidOption
from .._plan import Current, Plan, plan
from .._resource import CONFIG, DESCRIPTION, Field, Resource


def _look(client: Client, params: t.Mapping[str, t.Any], *_there: t.Any) -> t.Mapping[str, t.Any]:
    return _cluster.look(NETWORK, client, params)


def _plan_network(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    """``auto`` in a PUT would give a network that has an address another one: it asks for an address, and there is one."""
    current, renamed = (_managed(params, option, found) for option, found in (("name", current), ("new_name", renamed)))
    there = current or renamed
    if there and params.get("config"):
        known = there.entity.get("config") or {}
        kept = {key: known[key] if value == "auto" and known.get(key) else value for key, value in params["config"].items()}
        params = {**params, "config": kept}
    return _cluster.plan(plan(resource, params, current, renamed), resource, params, there)


def _managed(params: t.Mapping[str, t.Any], option: str, found: Current | None) -> Current | None:
    """The servers list every interface of their hosts, and those that are not their own are not there to be removed."""
    if found is None or found.entity.get("managed", True):
        return found
    if params["state"] == "absent":
        return None
    raise InvalidOption(option, params[option], "the host has an interface of that name, which the server does not manage")


NETWORK = Resource(
    kind="network",
    schema="network_{type}",
    collection="networks",
    fields=(CONFIG, DESCRIPTION, Field("type", {"type": "str"}, create_only=True)),
    renames=True,
    details=("state", "leases"),
    options={"member_config": _cluster.MEMBER_CONFIG},
    rules={"mutually_exclusive": [["new_name", "member_config"]]},
    look=_look,
    plan=_plan_network,
)
