# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage volumes that users made; those of instances and images belong to these."""

from __future__ import annotations

import typing as t

from .. import _validate, _volume
from .._client import Client
from .._errors import NotFound
from .._job import Context, Job
from .._resource import DESCRIPTION, Field, Resource

_SOURCE: t.Mapping[str, t.Any] = {
    "type": "dict",
    "options": {
        "name": {"type": "str", "required": True},
        "remote": {"type": "str"},
        "pool": {"type": "str"},
        "project": {"type": "str"},
        "location": {"type": "str"},
        "volume_only": {"type": "bool", "default": False},
    },
}

STORAGE_VOLUME = Resource(
    kind="storage_volume",
    schema=_validate.in_pool("volume"),
    collection="storage-pools/{pool}/volumes/custom",
    fields=(
        _volume.CONFIG,
        DESCRIPTION,
        Field("content_type", {"type": "str", "choices": ["filesystem", "block", "iso"]}, create_only=True),
    ),
    renames=True,
    moves=("pool", "project", "target"),
    targeted=True,
    options={"source": _SOURCE, "iso": {"type": "path"}},
    rules={"mutually_exclusive": [["source", "iso"], ["content_type", "iso"], ["content_type", "source"]]},
    look=_volume.look,
    plan=_volume.plan_volume,
    send=_volume.send,
)


def _info(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    listed = client.listed("storage-pools", params["pool"], "volumes", **({"all-projects": "true"} if params["all_projects"] else {}))
    wanted = {key: params[key] for key in ("name", "type") if params[key]}
    found = [one for one in listed if wanted.items() <= one.items()]
    if params["name"] and not found:
        raise NotFound(f"There is no storage volume {params['name']} in the pool {params['pool']} of {client.remote}", status=404)
    return {"changed": False, "storage_volumes": found}


STORAGE_VOLUME_INFO = Job(
    options={
        "pool": {"type": "str", "required": True},
        "name": {"type": "str"},
        "type": {"type": "str"},
        "all_projects": {"type": "bool", "default": False},
    },
    rules={"mutually_exclusive": [["all_projects", "project"]]},
    run=_info,
)
