#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_auth_permission_info
short_description: List what LXD can permit
version_added: 1.0.0
description:
  - Lists every permission that a group could be given, and the groups that have it.
options:
  entity_type:
    description: Only permissions on entities of this type, such as V(project).
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
- name: What can be permitted on projects
  fleet.lxd.lxd_auth_permission_info:
    entity_type: project
  register: permissions
"""

RETURN = r"""
auth_permissions:
  description: The permissions.
  returned: success
  type: list
  elements: dict
  sample:
    - entity_type: project
      url: /1.0/projects/shop
      entitlement: operator
      groups: [shop-operators]
"""

from ..module_utils._module import run
from ..module_utils._resources.auth_permission import AUTH_PERMISSION_INFO


def main():
    run(AUTH_PERMISSION_INFO)


if __name__ == "__main__":
    main()
