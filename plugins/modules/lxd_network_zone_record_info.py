#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_zone_record_info
short_description: List records of DNS zones of LXD and Incus
version_added: 1.0.0
description:
  - Lists the records of a zone that were added to it; those of its instances are not among them.
options:
  zone:
    description: The name of the zone.
    type: str
    required: true
  name:
    description: Only the record of this name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_network_zone_record
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All records of a zone
  fleet.lxd.lxd_network_zone_record_info:
    zone: lxd.example.net
  register: records
"""

RETURN = r"""
network_zone_records:
  description: The records.
  returned: success
  type: list
  elements: dict
  sample:
    - name: shop
      entries: [{type: A, value: 192.0.2.10}]
"""

from ..module_utils._module import run_info
from ..module_utils._resources.network_zone_record import NETWORK_ZONE_RECORD


def main():
    run_info(NETWORK_ZONE_RECORD)


if __name__ == "__main__":
    main()
