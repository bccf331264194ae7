# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage pools."""

from __future__ import annotations

import typing as t

from .._errors import InvalidOption
from .._plan import Current, Plan, plan
from .._resource import CONFIG, DESCRIPTION, Field, Resource


def _plan_pool(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    if current is None and params["state"] == "present" and not params.get("driver"):
        raise InvalidOption("driver", None, f"there is no storage pool {params['name']}, and a new one needs a driver, such as dir")
    return plan(resource, params, current, renamed)


STORAGE_POOL = Resource(
    kind="storage_pool",
    schema="storage_{driver}",
    collection="storage-pools",
    fields=(CONFIG, DESCRIPTION, Field("driver", {"type": "str"}, create_only=True)),
    plan=_plan_pool,
)
