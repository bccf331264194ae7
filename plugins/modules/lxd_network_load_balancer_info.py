#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_load_balancer_info
short_description: List network load balancers of LXD and Incus
version_added: 1.0.0
description:
  - Lists the load balancers of an OVN network.
options:
  network:
    description: The name of the network.
    type: str
    required: true
  listen_address:
    description: Only the load balancer of this address.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
notes:
  - Load balancers need an OVN network. This module was tested against what the servers document, and against the refusal of servers
    that lack it.
seealso:
  - module: fleet.lxd.lxd_network_load_balancer
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All load balancers of a network
  fleet.lxd.lxd_network_load_balancer_info:
    network: ovn0
  register: balancers
"""

RETURN = r"""
network_load_balancers:
  description: The load balancers.
  returned: success
  type: list
  elements: dict
  sample:
    - listen_address: 198.51.100.8
      backends: []
      ports: []
"""

from ..module_utils._module import run_info
from ..module_utils._resources.network_load_balancer import NETWORK_LOAD_BALANCER


def main():
    run_info(NETWORK_LOAD_BALANCER)


if __name__ == "__main__":
    main()
