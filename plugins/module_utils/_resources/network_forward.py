# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses outside of a network whose ports lead into it."""

from __future__ import annotations

import typing as t

from .._resource import CONFIG, DESCRIPTION, Field, Resource, entries, unordered

_LISTS = ("listen_port", "target_port")
_PORTS: t.Mapping[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "protocol": {"type": "str", "choices": ["tcp", "udp"], "required": True},
        "listen_port": {"type": "str", "required": True},
        "target_address": {"type": "str", "required": True},
        "target_port": {"type": "str"},
        "description": {"type": "str"},
        "snat": {"type": "bool"},
    },
}

NETWORK_FORWARD = Resource(
    kind="network_forward",
    collection="networks/{network}/forwards",
    identity="listen_address",
    fields=(CONFIG, DESCRIPTION, Field("ports", _PORTS, entries(_LISTS), unordered)),
    extension="network_forward",
    schema="network_forward",
)
