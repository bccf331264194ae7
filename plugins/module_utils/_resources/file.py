# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of an instance."""

from __future__ import annotations

from .._file import run
from .._job import Job

FILE = Job(
    options={
        "instance": {"type": "str", "required": True},
        "path": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "content": {"type": "raw"},
        "src": {"type": "path"},
        "type": {"type": "str", "choices": ["directory"]},
        "target": {"type": "str"},
        "dest": {"type": "path"},
        "mode": {"type": "str"},
        "directory_mode": {"type": "str"},
        "owner": {"type": "str"},
        "group": {"type": "str"},
        "parents": {"type": "bool", "default": False},
    },
    rules={
        "mutually_exclusive": [["content", "src", "type", "target", "dest"]],
        "required_if": [["state", "present", ["content", "src", "type", "target", "dest"], True]],
    },
    run=run,
    files=True,
)
