#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_certificate
short_description: Manage the certificates that an LXD or Incus server trusts
version_added: 1.0.0
description:
  - Adds client certificates to the trust store of a server, restricts them to projects, rotates, and revokes them.
options:
  certificate:
    description:
      - The certificate as PEM text. Needed to add it.
    type: str
  fingerprint:
    description:
      - The sha256 fingerprint of the certificate, instead of O(certificate) for one that the server knows.
    type: str
  name:
    description: The name under which the server lists it.
    type: str
  type:
    description: What the certificate is for. The default for a new one is V(client).
    type: str
    choices: [client, metrics]
  restricted:
    description: Whether its owner may use nothing but O(projects).
    type: bool
  projects:
    description: The projects that its owner may use, if O(restricted=true). Their order means nothing.
    type: list
    elements: str
  rotate:
    description:
      - Whether O(certificate) takes the place of another one that the server lists under O(name), with its type, its restriction,
        and its projects. The other one loses its trust in the same step.
      - If there is no other one, the certificate is added like any.
    type: bool
    default: false
  state:
    description: Whether the server shall trust the certificate.
    type: str
    choices: [present, absent]
    default: present
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
seealso:
  - module: fleet.lxd.lxd_certificate_info
  - module: fleet.lxd.lxd_remote
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: The controller may do everything
  fleet.lxd.lxd_certificate:
    name: controller
    certificate: "{{ lookup('ansible.builtin.file', '~/.config/lxc/client.crt') }}"

- name: The build server may use its project only
  fleet.lxd.lxd_certificate:
    name: ci
    certificate: "{{ lookup('ansible.builtin.file', 'ci.crt') }}"
    restricted: true
    projects: [ci]

- name: The build server got a new certificate
  fleet.lxd.lxd_certificate:
    name: ci
    certificate: "{{ lookup('ansible.builtin.file', 'ci-2027.crt') }}"
    rotate: true

- name: The build server may do nothing any more
  fleet.lxd.lxd_certificate:
    certificate: "{{ lookup('ansible.builtin.file', 'ci.crt') }}"
    state: absent
"""

RETURN = r"""
certificate:
  description: The entry of the trust store, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: controller
    type: client
    restricted: false
    projects: []
    fingerprint: 3f1d4c8a5b7e9f00112233445566778899aabbccddeeff00112233445566778a
"""

from ..module_utils._module import run
from ..module_utils._resources.certificate import CERTIFICATE


def main():
    run(CERTIFICATE)


if __name__ == "__main__":
    main()
