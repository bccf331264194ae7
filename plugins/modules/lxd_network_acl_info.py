#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_acl_info
short_description: List network ACLs of LXD and Incus
version_added: 1.0.0
description:
  - Lists the access control lists of a project.
options:
  name:
    description: Only the ACL of this name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_network_acl
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All ACLs
  fleet.lxd.lxd_network_acl_info:
  register: acls
"""

RETURN = r"""
network_acls:
  description: The ACLs.
  returned: success
  type: list
  elements: dict
  sample:
    - name: web
      ingress: [{action: allow, protocol: tcp, destination_port: "80,443", state: enabled}]
      egress: []
"""

from ..module_utils._module import run_info
from ..module_utils._resources.network_acl import NETWORK_ACL


def main():
    run_info(NETWORK_ACL)


if __name__ == "__main__":
    main()
