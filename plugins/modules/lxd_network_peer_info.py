#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_peer_info
short_description: List network peers of LXD and Incus
version_added: 1.0.0
description:
  - Lists the peers of an OVN network.
options:
  network:
    description: The name of the network.
    type: str
    required: true
  name:
    description: Only the peer of this name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
notes:
  - Peers need an OVN network. This module was tested against what the servers document, and against the refusal of servers that lack it.
seealso:
  - module: fleet.lxd.lxd_network_peer
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All peers of a network
  fleet.lxd.lxd_network_peer_info:
    network: shop
  register: peers
"""

RETURN = r"""
network_peers:
  description: The peers.
  returned: success
  type: list
  elements: dict
  sample:
    - name: to-database
      target_project: default
      target_network: database
      status: Created
"""

from ..module_utils._module import run_info
from ..module_utils._resources.network_peer import NETWORK_PEER


def main():
    run_info(NETWORK_PEER)


if __name__ == "__main__":
    main()
