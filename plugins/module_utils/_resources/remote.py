# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remotes of ``lxc`` and ``incus``."""

from __future__ import annotations

from .. import _remotes
from .._job import Job
from .._remote import run

REMOTE = Job(
    options={
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "addr": {"type": "str"},
        "protocol": {"type": "str", "choices": ["lxd", "incus", "simplestreams"]},
        "public": {"type": "bool"},
        "auth_type": {"type": "str", "choices": ["tls", "oidc"]},
        "project": {"type": "str"},
        "default": {"type": "bool"},
        "server_fingerprint": {"type": "str"},
        "server_cert": {"type": "path"},
        "replace_certificate": {"type": "bool", "default": False},
        "token": {"type": "str", "no_log": True},
        "trust_password": {"type": "str", "no_log": True},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        "client": {"type": "str", "choices": list(_remotes.CLIENTS)},
        "config_dir": {"type": "path"},
        "connect_timeout": {"type": "float", "default": 10.0},
    },
    run=run,
    rules={
        "mutually_exclusive": [("server_fingerprint", "server_cert"), ("token", "trust_password", "client_cert")],
        "required_together": [("client_cert", "client_key")],
    },
    connects=False,
)
