#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_zone_record
short_description: Manage records of DNS zones of LXD and Incus
version_added: 1.0.0
description:
  - Creates, changes, and removes names in a zone beside those of its instances.
  - What the task does not mention is left as it is; a list of entries that it mentions is the whole list.
options:
  zone:
    description: The name of the zone.
    type: str
    required: true
  name:
    description: The name, without that of the zone. V(@) is the zone itself.
    type: str
    required: true
  state:
    description: Whether the record shall be there.
    type: str
    choices: [present, absent]
    default: present
  entries:
    description: What the name has. If given, these are all entries; an empty list removes all. Their order means nothing.
    type: list
    elements: dict
    suboptions:
      type:
        description: The type, such as V(A), V(AAAA), V(CNAME), V(MX), or V(TXT).
        type: str
        required: true
      value:
        description: The value.
        type: str
        required: true
      ttl:
        description: For how many seconds it may be remembered. The server's default is 300.
        type: int
  config:
    description:
      - Keys of the configuration, such as C(user.*), and their values; they are merged into what the record has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the record is for. Empty text removes it.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: fleet.lxd.lxd_network_zone_record_info
  - module: fleet.lxd.lxd_network_zone
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: The shop has two addresses
  fleet.lxd.lxd_network_zone_record:
    zone: lxd.example.net
    name: shop
    entries:
      - type: A
        value: 192.0.2.10
      - type: AAAA
        value: 2001:db8::10
        ttl: 3600
"""

RETURN = r"""
network_zone_record:
  description: The record as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: shop
    entries: [{type: A, value: 192.0.2.10}, {type: AAAA, value: "2001:db8::10", ttl: 3600}]
    config: {}
    description: ""
"""

from ..module_utils._module import run
from ..module_utils._resources.network_zone_record import NETWORK_ZONE_RECORD


def main():
    run(NETWORK_ZONE_RECORD)


if __name__ == "__main__":
    main()
