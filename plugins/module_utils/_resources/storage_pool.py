# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage pools."""

from __future__ import annotations

import typing as t

from .. import _cluster
from .._client import Client
from .._errors import InvalidOption
from .._job import Context, Job
from .._messages import Request
from .._plan import Current, Plan, plan
from .._resource import CONFIG, DESCRIPTION, Field, Resource


def _look(client: Client, params: t.Mapping[str, t.Any], *_there: t.Any) -> t.Mapping[str, t.Any]:
    return _cluster.look(STORAGE_POOL, client, params)


def _plan_pool(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    if current is None and params["state"] == "present" and not params.get("driver"):
        raise InvalidOption("driver", None, f"there is no storage pool {params['name']}, and a new one needs a driver, such as dir")
    return _cluster.plan(plan(resource, params, current, renamed), resource, params, current)


STORAGE_POOL = Resource(
    kind="storage_pool",
    schema="storage_{driver}",
    collection="storage-pools",
    fields=(CONFIG, DESCRIPTION, Field("driver", {"type": "str"}, create_only=True)),
    options={"member_config": _cluster.MEMBER_CONFIG},
    look=_look,
    plan=_plan_pool,
)


def _info(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    if params["name"]:
        pools = [client.send(Request("GET", ("storage-pools", params["name"]))).metadata]
    else:
        pools = client.send(Request("GET", ("storage-pools",), query={"recursion": "1"})).metadata or []
    pools = [pool for pool in pools if not params["type"] or pool["driver"] in params["type"]]
    if "resources" in params["include"]:
        paths = [("storage-pools", pool["name"], "resources") for pool in pools]
        pools = [{**pool, "resources": client.send(Request("GET", path)).metadata} for pool, path in zip(pools, paths)]
    return {"changed": False, "storage_pools": [STORAGE_POOL.hide(pool) for pool in pools]}


STORAGE_POOL_INFO = Job(
    options={
        "name": {"type": "str"},
        "type": {"type": "list", "elements": "str", "default": []},
        "include": {"type": "list", "elements": "str", "choices": ["resources"], "default": []},
    },
    run=_info,
)
