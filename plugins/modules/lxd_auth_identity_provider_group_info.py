#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_auth_identity_provider_group_info
short_description: List what groups of an identity provider are to LXD
version_added: 1.0.0
description:
  - Lists which groups of LXD the groups of the identity provider are mapped to.
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
  - module: fleet.lxd.lxd_auth_identity_provider_group
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All mappings
  fleet.lxd.lxd_auth_identity_provider_group_info:
  register: mappings
"""

RETURN = r"""
auth_identity_provider_groups:
  description: The mappings.
  returned: success
  type: list
  elements: dict
  sample:
    - name: sales
      groups: [shop-operators]
"""

from ..module_utils._module import run_info
from ..module_utils._resources.auth_identity_provider_group import AUTH_IDENTITY_PROVIDER_GROUP


def main():
    run_info(AUTH_IDENTITY_PROVIDER_GROUP)


if __name__ == "__main__":
    main()
