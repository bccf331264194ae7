#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_auth_group_info
short_description: List groups of identities of LXD
version_added: 1.0.0
description:
  - Lists the groups of the server, with their permissions and members.
options:
  name:
    description: Only the group of this name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
notes:
  - Identities, groups, and permissions came with LXD 5.21; LXD 5.0 and Incus have none. This module was tested against what LXD
    documents, and against the refusal of servers that lack them.
seealso:
  - module: fleet.lxd.lxd_auth_group
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All groups
  fleet.lxd.lxd_auth_group_info:
  register: groups
"""

RETURN = r"""
auth_groups:
  description: The groups.
  returned: success
  type: list
  elements: dict
  sample:
    - name: shop-operators
      permissions: [{entity_type: project, url: /1.0/projects/shop, entitlement: operator}]
      identities: {tls: [3f1d4c8a5b7e9f00112233445566778899aabbccddeeff00112233445566778a]}
"""

from ..module_utils._module import run_info
from ..module_utils._resources.auth_group import AUTH_GROUP


def main():
    run_info(AUTH_GROUP)


if __name__ == "__main__":
    main()
