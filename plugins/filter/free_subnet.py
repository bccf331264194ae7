# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A subnet that the routing table shows free."""

from __future__ import annotations

DOCUMENTATION = r"""
name: free_subnet
short_description: Choose an address for a bridge in a subnet that no route covers
version_added: 1.0.0
description:
  - Looks for a subnet of 256 addresses that overlaps with no route, without sending anything to anybody.
  - If the bridge has an address already, that one is returned.
options:
  _input:
    description: The routes, as C(ip -json -4 route show table all) prints them.
    type: list
    elements: dict
    required: true
  bridge:
    description: The name of the bridge.
    type: str
    required: true
  within:
    description: The network to choose from.
    type: str
    default: 10.64.0.0/10
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: The routes of this machine
  ansible.builtin.command: ip -json -4 route show table all
  register: routes
  changed_when: false

- name: A bridge in a free subnet
  fleet.lxd.lxd_network:
    name: freebr0
    config:
      ipv4.address: "{{ routes.stdout | from_json | fleet.lxd.free_subnet(bridge='freebr0') }}"
      ipv4.nat: false
      ipv6.address: none
"""

RETURN = r"""
_value:
  description: The address of the bridge and the length of its prefix.
  type: str
  sample: 10.64.0.1/24
"""

import ipaddress
import typing as t

from ansible.errors import AnsibleFilterError


def free_subnet(routes: t.Sequence[t.Mapping[str, t.Any]], bridge: str, within: str = "10.64.0.0/10") -> str:
    own = [route for route in routes if route.get("dev") == bridge and route.get("prefsrc") and "/" in route.get("dst", "")]
    if own:
        return f"{own[0]['prefsrc']}/{own[0]['dst'].partition('/')[2]}"
    taken = [_network(route["dst"]) for route in routes if route.get("dst") not in (None, "default")]
    try:
        candidates = ipaddress.ip_network(within).subnets(new_prefix=24)
    except ValueError as error:
        raise AnsibleFilterError(f"within: {within!r} is not valid: {error}") from error
    for candidate in candidates:
        if not any(candidate.overlaps(network) for network in taken):
            return f"{candidate[1]}/{candidate.prefixlen}"
    raise AnsibleFilterError(f"within: every subnet of {within} is covered by a route of this machine")


def _network(destination: str) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(destination, strict=False)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"free_subnet": free_subnet}
