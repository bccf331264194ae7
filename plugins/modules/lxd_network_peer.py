#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_peer
short_description: Manage network peers of LXD and Incus
version_added: 1.0.0
description:
  - Lets two OVN networks reach each other without leaving OVN.
  - Each side has to create its peer; until the other one has, the status is C(Pending).
options:
  network:
    description: The name of the network.
    type: str
    required: true
  name:
    description: The name of the peer.
    type: str
    required: true
  state:
    description: Whether the peer shall be there.
    type: str
    choices: [present, absent]
    default: present
  type:
    description: Whether the other network is on the same server, or reached by an integration. Incus only. Cannot be changed.
    type: str
    choices: [local, remote]
  target_project:
    description: The project of the other network. Cannot be changed.
    type: str
  target_network:
    description: The other network. Cannot be changed.
    type: str
  target_integration:
    description: The integration by which the other network is reached, for O(type=remote). Incus only. Cannot be changed.
    type: str
  config:
    description:
      - Keys of the configuration, such as C(user.*), and their values; they are merged into what the peer has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the peer is for. Empty text removes it.
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
  - Peers need an OVN network. This module was tested against what the servers document, and against the refusal of servers that lack it.
seealso:
  - module: fleet.lxd.lxd_network_peer_info
  - module: fleet.lxd.lxd_network
  - module: fleet.lxd.lxd_network_integration
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: The shop reaches the database
  fleet.lxd.lxd_network_peer:
    network: shop
    name: to-database
    target_project: default
    target_network: database
"""

RETURN = r"""
network_peer:
  description: The peer as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: to-database
    target_project: default
    target_network: database
    status: Created
    config: {}
"""

from ..module_utils._module import run
from ..module_utils._resources.network_peer import NETWORK_PEER


def main():
    run(NETWORK_PEER)


if __name__ == "__main__":
    main()
