#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_auth_group
short_description: Manage groups of identities of LXD
version_added: 1.0.0
description:
  - Creates, changes, renames, and removes groups, and what their members may do.
  - What the task does not mention is left as it is; a list of permissions that it mentions is the whole list.
options:
  name:
    description: The name of the group.
    type: str
    required: true
  new_name:
    description:
      - Rename the group to this name. If only one of the new name is there, the renaming has been done before.
    type: str
  state:
    description: Whether the group shall be there.
    type: str
    choices: [present, absent]
    default: present
  permissions:
    description: What members may do. If given, these are all permissions; an empty list removes all. Their order means nothing.
    type: list
    elements: dict
    suboptions:
      entity_type:
        description: The type of the entity, such as V(server), V(project), or V(instance).
        type: str
        required: true
      url:
        description: The URL of the entity, such as C(/1.0) for the server, or C(/1.0/instances/web?project=shop).
        type: str
        required: true
      entitlement:
        description: What may be done with it, such as V(can_view), V(operator), or V(admin).
        type: str
        required: true
  description:
    description: What the group is for. Empty text removes it.
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
notes:
  - Identities, groups, and permissions came with LXD 5.21; LXD 5.0 and Incus have none. This module was tested against what LXD
    documents, and against the refusal of servers that lack them.
seealso:
  - module: fleet.lxd.lxd_auth_group_info
  - module: fleet.lxd.lxd_auth_identity
  - module: fleet.lxd.lxd_auth_permission_info
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: Those who run the shop
  fleet.lxd.lxd_auth_group:
    name: shop-operators
    permissions:
      - entity_type: project
        url: /1.0/projects/shop
        entitlement: operator
"""

RETURN = r"""
auth_group:
  description: The group as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: shop-operators
    description: ""
    permissions: [{entity_type: project, url: /1.0/projects/shop, entitlement: operator}]
    identities: {}
    identity_provider_groups: []
"""

from ..module_utils._module import run
from ..module_utils._resources.auth_group import AUTH_GROUP


def main():
    run(AUTH_GROUP)


if __name__ == "__main__":
    main()
