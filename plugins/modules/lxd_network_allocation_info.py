#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_allocation_info
short_description: List which addresses are taken on Incus and LXD
version_added: 1.0.0
description:
  - Lists the addresses that networks, instances, forwards, and load balancers take.
  - For those that a network has leased, see O(fleet.lxd.lxd_network_info#module:include).
options:
  all_projects:
    description: Whether to list those of all projects. Mutually exclusive with O(project).
    type: bool
    default: false
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
notes:
  - LXD 5.0 has no such list.
seealso:
  - module: fleet.lxd.lxd_network_info
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: What is taken
  fleet.lxd.lxd_network_allocation_info:
  register: taken
"""

RETURN = r"""
network_allocations:
  description: The allocations.
  returned: success
  type: list
  elements: dict
  sample:
    - addresses: 10.77.12.1/24
      type: network
      nat: false
      hwaddr: ""
      used_by: /1.0/networks/backbr0
"""

from ..module_utils._module import run
from ..module_utils._resources.network_allocation import NETWORK_ALLOCATION_INFO


def main():
    run(NETWORK_ALLOCATION_INFO)


if __name__ == "__main__":
    main()
