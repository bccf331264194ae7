#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_acl
short_description: Manage network ACLs of LXD and Incus
version_added: 1.0.0
description:
  - Creates, changes, renames, and removes access control lists, which networks and NICs name in C(security.acls).
  - What the task does not mention is left as it is; a list of rules that it mentions is the whole list.
options:
  name:
    description: The name of the ACL.
    type: str
    required: true
  new_name:
    description:
      - Rename the ACL to this name. If only one of the new name is there, the renaming has been done before.
    type: str
  state:
    description: Whether the ACL shall be there. Only an unused one can be removed.
    type: str
    choices: [present, absent]
    default: present
  ingress:
    description:
      - The rules for what comes to the instances. If given, these are all of them; an empty list removes all.
      - Their order means nothing; the server applies them by their O(ingress[].action).
    type: list
    elements: dict
    suboptions:
      action:
        description: What to do with what fits.
        type: str
        choices: [allow, allow-stateless, drop, reject]
        required: true
      state:
        description: Whether the rule holds, and whether the server logs what fits.
        type: str
        choices: [enabled, disabled, logged]
        default: enabled
      description:
        description: What the rule is for.
        type: str
      source:
        description: Where it comes from, a comma list of CIDRs, ranges of addresses, names of ACLs, or V(@external) and the like.
        type: str
      destination:
        description: Where it goes to, in the same words as O(ingress[].source).
        type: str
      protocol:
        description: The protocol, such as V(tcp), V(udp), V(icmp4), or V(icmp6). Any if it is not given.
        type: str
      source_port:
        description: A comma list of ports and ranges of ports, for V(tcp) and V(udp).
        type: str
      destination_port:
        description: A comma list of ports and ranges of ports, for V(tcp) and V(udp).
        type: str
      icmp_type:
        description: The ICMP type, as a number.
        type: str
      icmp_code:
        description: The ICMP code, as a number.
        type: str
  egress:
    description:
      - The rules for what leaves the instances. If given, these are all of them; an empty list removes all.
      - Their order means nothing; the server applies them by their O(egress[].action).
    type: list
    elements: dict
    suboptions:
      action:
        description: What to do with what fits.
        type: str
        choices: [allow, allow-stateless, drop, reject]
        required: true
      state:
        description: Whether the rule holds, and whether the server logs what fits.
        type: str
        choices: [enabled, disabled, logged]
        default: enabled
      description:
        description: What the rule is for.
        type: str
      source:
        description: Where it comes from, a comma list of CIDRs, ranges of addresses, names of ACLs, or V(@external) and the like.
        type: str
      destination:
        description: Where it goes to, in the same words as O(egress[].source).
        type: str
      protocol:
        description: The protocol, such as V(tcp), V(udp), V(icmp4), or V(icmp6). Any if it is not given.
        type: str
      source_port:
        description: A comma list of ports and ranges of ports, for V(tcp) and V(udp).
        type: str
      destination_port:
        description: A comma list of ports and ranges of ports, for V(tcp) and V(udp).
        type: str
      icmp_type:
        description: The ICMP type, as a number.
        type: str
      icmp_code:
        description: The ICMP code, as a number.
        type: str
  config:
    description:
      - Keys of the configuration, such as C(user.*), and their values; they are merged into what the ACL has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the ACL is for. Empty text removes it.
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
  - module: fleet.lxd.lxd_network_acl_info
  - module: fleet.lxd.lxd_network
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: The web servers are reached by HTTPS, and by nothing else
  fleet.lxd.lxd_network_acl:
    name: web
    description: Web servers
    ingress:
      - action: allow
        protocol: tcp
        destination_port: 80,443
      - action: reject

- name: On every instance of the bridge
  fleet.lxd.lxd_network:
    name: backbr0
    config:
      security.acls: web

- name: No longer there
  fleet.lxd.lxd_network_acl:
    name: web
    state: absent
"""

RETURN = r"""
network_acl:
  description: The ACL as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: web
    description: Web servers
    ingress: [{action: allow, protocol: tcp, destination_port: "80,443", state: enabled}]
    egress: []
    config: {}
    used_by: []
"""

from ..module_utils._module import run
from ..module_utils._resources.network_acl import NETWORK_ACL


def main():
    run(NETWORK_ACL)


if __name__ == "__main__":
    main()
