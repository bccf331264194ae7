# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images: imported, published, changed, exported, removed, listed."""

from __future__ import annotations

import typing as t

from .._image_export import export
from .._image_list import listed
from .._image_options import REMOTE, SOURCE, TRANSFER, check
from .._images import absent, present
from .._job import Context, Job
from .._resource import refuse_name

_STATES = {"present": present, "absent": absent, "exported": export}


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    check(params)
    return _STATES[params["state"]](params, context)


def _info(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    for option in ("alias", "fingerprint"):
        refuse_name(option, params[option])
    return {"changed": False, "images": listed(params, context)}


IMAGE = Job(
    options={
        "state": {"type": "str", "default": "present", "choices": ["present", "absent", "exported"]},
        "fingerprint": {"type": "str"},
        "aliases": {"type": "list", "elements": "str", "aliases": ["alias"]},
        "exclusive_aliases": {"type": "bool", "default": False},
        "source": SOURCE,
        "refresh": {"type": "bool"},
        "transfer": {"type": "str", "default": "auto", "choices": ["auto", "pull", "relay"]},
        **TRANSFER,
        "tmp_dir": {"type": "path"},
        "properties": {"type": "dict"},
        "public": {"type": "bool"},
        "auto_update": {"type": "bool"},
        "expires_at": {"type": "str"},
        "profiles": {"type": "list", "elements": "str"},
        "dest": {"type": "path"},
    },
    run=_run,
    rules={"required_if": [("state", "exported", ("dest",))]},
    files=True,
)

IMAGE_INFO = Job(
    options={
        "fingerprint": {"type": "str"},
        "alias": {"type": "str"},
        "image_type": {"type": "str", "choices": ["container", "virtual-machine"]},
        "architecture": {"type": "str"},
        "properties": {"type": "dict"},
        "source": {"type": "dict", "options": dict(REMOTE)},
        **TRANSFER,
    },
    run=_info,
)
