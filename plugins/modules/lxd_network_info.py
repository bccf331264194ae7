#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_info
short_description: List networks of LXD and Incus
version_added: 1.0.0
description:
  - Lists the networks of the server; managed ones, and interfaces of the host that could be used as such.
options:
  name:
    description: Only the network of this name.
    type: str
  include:
    description:
      - What else to ask for each network, in one more request each. It is V(null) where a network has none.
      - V(state) is what the interface is at this moment; its addresses and counters.
      - V(leases) are the addresses that a managed network has given to instances.
    type: list
    elements: str
    choices: [state, leases]
    default: []
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_network
  - module: fleet.lxd.lxd_network_allocation_info
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: Who has which address
  fleet.lxd.lxd_network_info:
    name: backbr0
    include: [leases]
  register: found

- name: As a table
  ansible.builtin.debug:
    msg: "{{ found.networks[0].leases | items2dict(key_name='hostname', value_name='address') }}"
"""

RETURN = r"""
networks:
  description: The networks, each with what O(include) names.
  returned: success
  type: list
  elements: dict
  sample:
    - name: backbr0
      type: bridge
      managed: true
      config: {ipv4.address: 10.77.12.1/24}
      leases:
        - {hostname: web, hwaddr: "00:16:3e:11:22:33", address: 10.77.12.34, type: dynamic, location: none}
"""

from ..module_utils._module import run_info
from ..module_utils._resources.network import NETWORK


def main():
    run_info(NETWORK)


if __name__ == "__main__":
    main()
