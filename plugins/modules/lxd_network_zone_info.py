#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_zone_info
short_description: List DNS zones of LXD and Incus
version_added: 1.0.0
description:
  - Lists the zones of a project.
options:
  name:
    description: Only the zone of this name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_network_zone
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All zones
  fleet.lxd.lxd_network_zone_info:
  register: zones
"""

RETURN = r"""
network_zones:
  description: The zones.
  returned: success
  type: list
  elements: dict
  sample:
    - name: lxd.example.net
      config: {peers.ns1.address: 192.0.2.53}
"""

from ..module_utils._module import run_info
from ..module_utils._resources.network_zone import NETWORK_ZONE


def main():
    run_info(NETWORK_ZONE)


if __name__ == "__main__":
    main()
