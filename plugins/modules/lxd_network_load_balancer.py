#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_load_balancer
short_description: Manage network load balancers of LXD and Incus
version_added: 1.0.0
description:
  - Spreads what comes to ports of an address over several instances of an OVN network.
  - What the task does not mention is left as it is.
options:
  network:
    description: The name of the network.
    type: str
    required: true
  listen_address:
    description:
      - The address on which the server listens, IPv4 or IPv6. It names the load balancer and cannot be changed.
      - It may be written in any way, as may all other addresses; the servers keep C(2001:db8::7) of C(2001:DB8:0::7).
    type: str
    required: true
  state:
    description: Whether the load balancer shall be there.
    type: str
    choices: [present, absent]
    default: present
  backends:
    description:
      - The instances. If given, these are all of them; an empty list removes all. Their order means nothing.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name of the backend.
        type: str
        required: true
      target_address:
        description: The address in the network.
        type: str
        required: true
      target_port:
        description: The ports there, if they differ; one, or as many as the listening port list has.
        type: str
      description:
        description: What it is for.
        type: str
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
      target_backend:
        description: The names of the backends.
        type: list
        elements: str
        required: true
      description:
        description: What it is for.
        type: str
  config:
    description:
      - Keys of the configuration and their values; they are merged into what the load balancer has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the load balancer is for. Empty text removes it.
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
notes:
  - Load balancers need an OVN network. This module was tested against what the servers document, and against the refusal of servers
    that lack it.
seealso:
  - module: fleet.lxd.lxd_network_load_balancer_info
  - module: fleet.lxd.lxd_network_forward
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: Two web servers behind one address
  fleet.lxd.lxd_network_load_balancer:
    network: ovn0
    listen_address: 198.51.100.8
    backends:
      - name: web1
        target_address: 10.88.0.11
      - name: web2
        target_address: 10.88.0.12
    ports:
      - protocol: tcp
        listen_port: 80,443
        target_backend: [web1, web2]
"""

RETURN = r"""
network_load_balancer:
  description: The load balancer as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    listen_address: 198.51.100.8
    backends: [{name: web1, target_address: 10.88.0.11, target_port: "", description: ""}]
    ports: [{protocol: tcp, listen_port: "80,443", target_backend: [web1], description: ""}]
    config: {}
"""

from ..module_utils._module import run
from ..module_utils._resources.network_load_balancer import NETWORK_LOAD_BALANCER


def main():
    run(NETWORK_LOAD_BALANCER)


if __name__ == "__main__":
    main()
