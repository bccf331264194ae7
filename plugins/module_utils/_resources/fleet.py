# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets: all that a document says, on one server or many, in one task."""

from __future__ import annotations

from .._fleet import run
from .._job import Job
from .._options import MUTUALLY_EXCLUSIVE, SPEC

# It opens its own connections, to all the servers of the document.
FLEET = Job(
    options={
        **SPEC,
        "name": {"type": "str", "required": True},
        "document": {"type": "dict", "required": True},
        "prune": {"type": "bool", "default": False},
        "concurrency": {"type": "int", "default": 8},
    },
    rules={"mutually_exclusive": [*MUTUALLY_EXCLUSIVE]},
    run=run,
    connects=False,
)
