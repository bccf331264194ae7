#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_auth_identity
short_description: Manage identities of LXD
version_added: 1.0.0
description:
  - Puts identities into groups; creates and removes those that prove themselves by a certificate.
  - An identity of V(oidc) comes to be when its owner logs in for the first time.
  - What the task does not mention is left as it is.
options:
  authentication_method:
    description: The way in which they prove who they are; V(tls), V(oidc), or, with LXD 6.7 and later, V(bearer).
    type: str
    required: true
  name:
    description: The name, or the id, which is the fingerprint of a certificate, or the e-mail address of a person.
    type: str
    required: true
  state:
    description: Whether the identity shall be there.
    type: str
    choices: [present, absent]
    default: present
  groups:
    description: The groups. If given, these are all of them; an empty list removes it from all. Their order means nothing.
    type: list
    elements: str
  tls_certificate:
    description: The certificate as PEM text. Needed to create an identity of V(tls). Another one replaces it.
    type: str
  type:
    description: The type in the server's words; only needed to create an identity of V(bearer). Cannot be changed.
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
  - module: fleet.lxd.lxd_auth_identity_info
  - module: fleet.lxd.lxd_auth_group
  - module: fleet.lxd.lxd_certificate
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: The build server runs the shop
  fleet.lxd.lxd_auth_identity:
    authentication_method: tls
    name: ci
    tls_certificate: "{{ lookup('ansible.builtin.file', 'ci.crt') }}"
    groups: [shop-operators]

- name: Jane, too
  fleet.lxd.lxd_auth_identity:
    authentication_method: oidc
    name: jane.doe@example.com
    groups: [shop-operators]
"""

RETURN = r"""
auth_identity:
  description: The identity as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    authentication_method: tls
    type: Client certificate
    id: 3f1d4c8a5b7e9f00112233445566778899aabbccddeeff00112233445566778a
    name: ci
    groups: [shop-operators]
"""

from ..module_utils._module import run
from ..module_utils._resources.auth_identity import AUTH_IDENTITY


def main():
    run(AUTH_IDENTITY)


if __name__ == "__main__":
    main()
