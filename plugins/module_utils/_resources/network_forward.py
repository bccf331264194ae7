# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses outside of a network whose ports lead into it."""

from __future__ import annotations

import typing as t

from .._client import Client
from .._forwarding import CONFIG, PORTS, address
from .._resource import DESCRIPTION, Field, Resource, entries, unordered

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


def _look(client: Client, params: t.Mapping[str, t.Any], *_there: t.Any) -> t.Mapping[str, t.Any]:
    if params["state"] == "present" and any(port.get("snat") for port in params.get("ports") or ()):
        client.require("network_forward_snat", "ports[].snat")
    return {}


NETWORK_FORWARD = Resource(
    kind="network_forward",
    collection="networks/{network}/forwards",
    identity="listen_address",
    canonical=address,
    fields=(CONFIG, DESCRIPTION, Field("ports", _PORTS, entries(PORTS), unordered)),
    extension="network_forward",
    schema="network_forward",
    look=_look,
)
