# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses outside of an OVN network whose ports are spread over backends in it."""

from __future__ import annotations

import typing as t

from .._forwarding import PORTS, address
from .._resource import CONFIG, DESCRIPTION, Field, Resource, entries, unordered

_BACKENDS: t.Mapping[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "name": {"type": "str", "required": True},
        "target_address": {"type": "str", "required": True},
        "target_port": {"type": "str"},
        "description": {"type": "str"},
    },
}
_PORTS: t.Mapping[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "protocol": {"type": "str", "choices": ["tcp", "udp"], "required": True},
        "listen_port": {"type": "str", "required": True},
        "target_backend": {"type": "list", "elements": "str", "required": True},
        "description": {"type": "str"},
    },
}

NETWORK_LOAD_BALANCER = Resource(
    kind="network_load_balancer",
    collection="networks/{network}/load-balancers",
    identity="listen_address",
    canonical=address,
    fields=(
        CONFIG,
        DESCRIPTION,
        Field("backends", _BACKENDS, entries(PORTS), unordered),
        Field("ports", _PORTS, entries(PORTS), unordered),
    ),
    extension="network_load_balancer",
    schema="network_load_balancer",
)
