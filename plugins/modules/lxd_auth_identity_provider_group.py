#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_auth_identity_provider_group
short_description: Map groups of an identity provider to groups of LXD
version_added: 1.0.0
description:
  - Says which groups of LXD the members of a group of the identity provider are in.
options:
  name:
    description: The name of the group at the identity provider.
    type: str
    required: true
  new_name:
    description:
      - Rename the mapping to this name. If only one of the new name is there, the renaming has been done before.
    type: str
  state:
    description: Whether the mapping shall be there.
    type: str
    choices: [present, absent]
    default: present
  groups:
    description: The groups of LXD. If given, these are all of them. Their order means nothing.
    type: list
    elements: str
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
  - module: fleet.lxd.lxd_auth_identity_provider_group_info
  - module: fleet.lxd.lxd_auth_group
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: The sales department runs the shop
  fleet.lxd.lxd_auth_identity_provider_group:
    name: sales
    groups: [shop-operators]
"""

RETURN = r"""
auth_identity_provider_group:
  description: The mapping as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: sales
    groups: [shop-operators]
"""

from ..module_utils._module import run
from ..module_utils._resources.auth_identity_provider_group import AUTH_IDENTITY_PROVIDER_GROUP


def main():
    run(AUTH_IDENTITY_PROVIDER_GROUP)


if __name__ == "__main__":
    main()
