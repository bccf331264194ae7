#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_zone
short_description: Manage DNS zones of LXD and Incus
version_added: 1.0.0
description:
  - Creates, changes, and removes zones, which the server hands out to name servers by zone transfer.
  - Networks name them in C(dns.zone.forward) and C(dns.zone.reverse.ipv4); the server fills in the instances.
options:
  name:
    description: The name of the zone.
    type: str
    required: true
  state:
    description: Whether the zone shall be there. Only an unused one can be removed.
    type: str
    choices: [present, absent]
    default: present
  config:
    description:
      - Keys of the configuration, such as C(peers.NAME.address) for a name server that may transfer the zone, and their values;
        they are merged into what the zone has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the zone is for. Empty text removes it.
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
seealso:
  - module: fleet.lxd.lxd_network_zone_info
  - module: fleet.lxd.lxd_network_zone_record
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A zone for the instances of a bridge, for one name server
  fleet.lxd.lxd_network_zone:
    name: lxd.example.net
    config:
      peers.ns1.address: 192.0.2.53
      dns.nameservers: ns1.example.net

- name: The instances of the bridge are in it
  fleet.lxd.lxd_network:
    name: backbr0
    config:
      dns.zone.forward: lxd.example.net
"""

RETURN = r"""
network_zone:
  description: The zone as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: lxd.example.net
    config: {peers.ns1.address: 192.0.2.53, dns.nameservers: ns1.example.net}
    description: ""
    used_by: []
"""

from ..module_utils._module import run
from ..module_utils._resources.network_zone import NETWORK_ZONE


def main():
    run(NETWORK_ZONE)


if __name__ == "__main__":
    main()
