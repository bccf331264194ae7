#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_forward_info
short_description: List network forwards of LXD and Incus
version_added: 1.0.0
description:
  - Lists the forwards of a network.
options:
  network:
    description: The name of the network.
    type: str
    required: true
  listen_address:
    description: Only the forward of this address.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_network_forward
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All forwards of a bridge
  fleet.lxd.lxd_network_forward_info:
    network: backbr0
  register: forwards
"""

RETURN = r"""
network_forwards:
  description: The forwards.
  returned: success
  type: list
  elements: dict
  sample:
    - listen_address: 198.51.100.7
      config: {target_address: 10.77.12.20}
      ports: []
"""

from ..module_utils._module import run_info
from ..module_utils._resources.network_forward import NETWORK_FORWARD


def main():
    run_info(NETWORK_FORWARD)


if __name__ == "__main__":
    main()
