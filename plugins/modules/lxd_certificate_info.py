#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_certificate_info
short_description: List the certificates that an LXD or Incus server trusts
version_added: 1.0.0
description:
  - Lists the trust store of the server.
options:
  fingerprint:
    description: Only the certificate of this sha256 fingerprint.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_certificate
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: Who is trusted
  fleet.lxd.lxd_certificate_info:
  register: trusted

- name: As names
  ansible.builtin.debug:
    msg: "{{ trusted.certificates | map(attribute='name') }}"
"""

RETURN = r"""
certificates:
  description: The entries of the trust store.
  returned: success
  type: list
  elements: dict
  sample:
    - name: controller
      type: client
      restricted: false
      projects: []
      fingerprint: 3f1d4c8a5b7e9f00112233445566778899aabbccddeeff00112233445566778a
"""

from ..module_utils._module import run_info
from ..module_utils._resources.certificate import CERTIFICATE


def main():
    run_info(CERTIFICATE)


if __name__ == "__main__":
    main()
