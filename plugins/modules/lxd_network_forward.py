#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_forward
short_description: Manage network forwards of LXD and Incus
version_added: 1.0.0
description:
  - Makes an address outside of a network, or some of its ports, lead to an instance in the network.
  - What the task does not mention is left as it is.
options:
  network:
    description: The name of the network.
    type: str
    required: true
  listen_address:
    description:
      - The address on which the server listens, IPv4 or IPv6. It names the forward and cannot be changed.
      - It may be written in any way, as may all other addresses; the servers keep C(2001:db8::7) of C(2001:DB8:0::7).
    type: str
    required: true
  state:
    description: Whether the forward shall be there.
    type: str
    choices: [present, absent]
    default: present
  ports:
    description:
      - Which ports lead where. If given, these are all of them; an empty list removes all. Their order means nothing.
    type: list
    elements: dict
    suboptions:
      protocol:
        description: The protocol.
        type: str
        choices: [tcp, udp]
        required: true
      listen_port:
        description: A comma list of ports and ranges of ports.
        type: str
        required: true
      target_address:
        description: The address in the network.
        type: str
        required: true
      target_port:
        description: The ports there, if they differ; one, or as many as O(ports[].listen_port) has.
        type: str
      description:
        description: What it is for.
        type: str
      snat:
        description:
          - Whether what the instance sends from these ports leaves by the listening address.
          - Needs a server with C(network_forward_snat), as newer ones of Incus are.
        type: bool
  config:
    description:
      - Keys of the configuration, such as C(target_address) for all ports that O(ports) does not name, and their values; they are
        merged into what the forward has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the forward is for. Empty text removes it.
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
  - module: fleet.lxd.lxd_network_forward_info
  - module: fleet.lxd.lxd_network
  - module: fleet.lxd.lxd_network_load_balancer
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: HTTPS of one address of the host goes to the proxy, the rest of it to the old server
  fleet.lxd.lxd_network_forward:
    network: backbr0
    listen_address: 198.51.100.7
    config:
      target_address: 10.77.12.20
    ports:
      - protocol: tcp
        listen_port: 80,443
        target_address: 10.77.12.10

- name: No longer there
  fleet.lxd.lxd_network_forward:
    network: backbr0
    listen_address: 198.51.100.7
    state: absent
"""

RETURN = r"""
network_forward:
  description: The forward as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    listen_address: 198.51.100.7
    config: {target_address: 10.77.12.20}
    ports: [{protocol: tcp, listen_port: "80,443", target_address: 10.77.12.10, target_port: "", description: ""}]
    location: none
"""

from ..module_utils._module import run
from ..module_utils._resources.network_forward import NETWORK_FORWARD


def main():
    run(NETWORK_FORWARD)


if __name__ == "__main__":
    main()
