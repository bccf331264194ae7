#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network
short_description: Manage networks of LXD and Incus
version_added: 1.0.0
description:
  - Creates, changes, renames, and removes networks.
  - What the task does not mention is left as it is, such as the addresses that the server has chosen.
options:
  name:
    description: The name of the network, at most 15 characters for a bridge.
    type: str
    required: true
  new_name:
    description:
      - Rename the network to this name. If only a network of the new name is there, the renaming has been done before.
    type: str
  state:
    description: Whether the network shall be there. Only an unused one can be removed.
    type: str
    choices: [present, absent]
    default: present
  type:
    description:
      - The type, such as V(bridge), V(macvlan), V(physical), V(sriov), or V(ovn). Cannot be changed. The server's default is
        V(bridge).
    type: str
  config:
    description:
      - Keys of the configuration and their values; they are merged into what the network has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
      - V(auto) for an address means that there shall be one; a network that has one keeps it.
    type: dict
  member_config:
    description:
      - For a server in a cluster, the keys that each member has for itself, such as C(parent) or C(bridge.external_interfaces), by
        the name of the member. They are merged into what the member has.
      - In a cluster a network is defined on all members, and then created, by one task; members that are not named here get no keys
        of their own. A creation that stopped half-way is completed.
      - Mutually exclusive with O(new_name).
    type: dict
  description:
    description: What the network is for. Empty text removes it.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._validate
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: fleet.lxd.lxd_network_info
  - module: fleet.lxd.lxd_network_acl
  - module: fleet.lxd.lxd_network_forward
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A bridge with no way out
  fleet.lxd.lxd_network:
    name: backbr0
    type: bridge
    config:
      ipv4.address: 10.77.12.1/24
      ipv4.nat: false
      ipv6.address: none

- name: A network of the cluster, on another interface of each member
  fleet.lxd.lxd_network:
    name: uplink
    type: macvlan
    member_config:
      node1:
        parent: eno1
      node2:
        parent: enp3s0

- name: No longer there
  fleet.lxd.lxd_network:
    name: backbr0
    state: absent
"""

RETURN = r"""
network:
  description: The network as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: backbr0
    type: bridge
    managed: true
    config: {ipv4.address: 10.77.12.1/24, ipv4.nat: "false", ipv6.address: none}
    status: Created
"""

from ..module_utils._module import run
from ..module_utils._resources.network import NETWORK


def main():
    run(NETWORK)


if __name__ == "__main__":
    main()
