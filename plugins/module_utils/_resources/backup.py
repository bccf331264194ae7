# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances and storage volumes as files, and made of files."""

from __future__ import annotations

from .._backup import run
from .._job import Job

BACKUP = Job(
    options={
        "instance": {"type": "str"},
        "volume": {"type": "str"},
        "pool": {"type": "str"},
        "dest": {"type": "path"},
        "src": {"type": "path"},
        "checksum": {"type": "str"},
        "force": {"type": "bool", "default": False},
        "only": {"type": "bool", "default": False},
        "optimized_storage": {"type": "bool", "default": False},
        "compression_algorithm": {"type": "str"},
        "timeout": {"type": "float", "default": 3600.0},
    },
    rules={
        "mutually_exclusive": [["instance", "volume"], ["dest", "src"]],
        "required_one_of": [["instance", "volume"], ["dest", "src"]],
        "required_by": {"volume": ["pool"]},
    },
    run=run,
    files=True,
)
