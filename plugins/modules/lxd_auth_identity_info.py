#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_auth_identity_info
short_description: List identities of LXD
version_added: 1.0.0
description:
  - Lists the identities of the server that prove themselves in one way.
options:
  authentication_method:
    description: The way in which they prove who they are; V(tls), V(oidc), or, with LXD 6.7 and later, V(bearer).
    type: str
    required: true
  name:
    description: Only the identity of this name or id.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
notes:
  - Identities, groups, and permissions came with LXD 5.21; LXD 5.0 and Incus have none. This module was tested against what LXD
    documents, and against the refusal of servers that lack them.
seealso:
  - module: fleet.lxd.lxd_auth_identity
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All identities with a certificate
  fleet.lxd.lxd_auth_identity_info:
    authentication_method: tls
  register: identities
"""

RETURN = r"""
auth_identities:
  description: The identities.
  returned: success
  type: list
  elements: dict
  sample:
    - authentication_method: tls
      name: ci
      groups: [shop-operators]
"""

from ..module_utils._module import run_info
from ..module_utils._resources.auth_identity import AUTH_IDENTITY


def main():
    run_info(AUTH_IDENTITY)


if __name__ == "__main__":
    main()
