# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances: containers and virtual machines."""

from __future__ import annotations

import typing as t

from .. import _place
from .._instance import FIELDS
from .._instance_run import run
from .._job import Context, Job
from .._options import VALIDATE


def _listed(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    from .._instance_list import listed

    return listed(params, context)


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
        "validate": VALIDATE,
    },
    rules={"mutually_exclusive": [["image", "source"]]},
    run=run,
)

CONTAINER_INFO = Job(
    options={
        "name": {"type": "str"},
        "type": {"type": "str", "choices": ["container", "virtual-machine"]},
        "status": {"type": "str"},
        "filter": {"type": "str"},
        "all_projects": {"type": "bool", "default": False},
    },
    run=_listed,
)
