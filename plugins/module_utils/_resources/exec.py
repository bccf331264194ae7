# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .._exec import run
from .._job import Job
from .._options import MUTUALLY_EXCLUSIVE, SPEC

# It opens its own channel, which does without pylxd: so it does not connect, and declares the options of the connection.
EXEC = Job(
    options={
        **SPEC,
        "name": {"type": "str"},
        "names": {"type": "list", "elements": "str"},
        "argv": {"type": "list", "elements": "str"},
        "cmd": {"type": "str"},
        "executable": {"type": "str", "default": "/bin/sh"},
        "stdin": {"type": "str"},
        "stdin_add_newline": {"type": "bool", "default": True},
        "encoding": {"type": "str", "choices": ["text", "base64"], "default": "text"},
        "environment": {"type": "dict"},
        "cwd": {"type": "str", "aliases": ["chdir"]},
        "user": {"type": "str"},
        "group": {"type": "str"},
        "timeout": {"type": "float"},
        "agent_timeout": {"type": "float", "default": 60.0},
        "creates": {"type": "str"},
        "removes": {"type": "str"},
    },
    run=run,
    rules={
        "mutually_exclusive": [*MUTUALLY_EXCLUSIVE, ("name", "names"), ("argv", "cmd")],
        "required_one_of": [("name", "names"), ("argv", "cmd")],
    },
    connects=False,
)
