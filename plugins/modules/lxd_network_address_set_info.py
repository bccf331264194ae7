#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_address_set_info
short_description: List network address sets of Incus
version_added: 1.0.0
description:
  - Lists the address sets of a project.
options:
  name:
    description: Only the address set of this name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
notes:
  - Address sets came with Incus 6.12; LXD has none. This module was tested against what Incus documents, and against the refusal of
    servers that lack them.
seealso:
  - module: fleet.lxd.lxd_network_address_set
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All address sets
  fleet.lxd.lxd_network_address_set_info:
  register: sets
"""

RETURN = r"""
network_address_sets:
  description: The address sets.
  returned: success
  type: list
  elements: dict
  sample:
    - name: admins
      addresses: [192.0.2.0/28]
"""

from ..module_utils._module import run_info
from ..module_utils._resources.network_address_set import NETWORK_ADDRESS_SET


def main():
    run_info(NETWORK_ADDRESS_SET)


if __name__ == "__main__":
    main()
