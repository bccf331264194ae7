#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_address_set
short_description: Manage network address sets of Incus
version_added: 1.0.0
description:
  - Creates, changes, renames, and removes named sets of addresses; the rules of ACLs name them as C($NAME).
  - What the task does not mention is left as it is.
options:
  name:
    description: The name of the address set.
    type: str
    required: true
  new_name:
    description:
      - Rename the address set to this name. If only one of the new name is there, the renaming has been done before.
    type: str
  state:
    description: Whether the address set shall be there. Only an unused one can be removed.
    type: str
    choices: [present, absent]
    default: present
  addresses:
    description:
      - Addresses and networks, IPv4 and IPv6. If given, these are all of them; an empty list removes all. Their order means nothing.
    type: list
    elements: str
  config:
    description:
      - Keys of the configuration, such as C(user.*), and their values; they are merged into what the address set has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the address set is for. Empty text removes it.
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
  - Address sets came with Incus 6.12; LXD has none. This module was tested against what Incus documents, and against the refusal of
    servers that lack them.
seealso:
  - module: fleet.lxd.lxd_network_address_set_info
  - module: fleet.lxd.lxd_network_acl
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: Where administrators sit
  fleet.lxd.lxd_network_address_set:
    name: admins
    addresses: [192.0.2.0/28, 2001:db8:7::/64]

- name: Only they may log in
  fleet.lxd.lxd_network_acl:
    name: ssh
    ingress:
      - action: allow
        source: $admins
        protocol: tcp
        destination_port: 22
"""

RETURN = r"""
network_address_set:
  description: The address set as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: admins
    addresses: [192.0.2.0/28, "2001:db8:7::/64"]
    config: {}
    description: ""
    used_by: []
"""

from ..module_utils._module import run
from ..module_utils._resources.network_address_set import NETWORK_ADDRESS_SET


def main():
    run(NETWORK_ADDRESS_SET)


if __name__ == "__main__":
    main()
