#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_warning_info
short_description: List warnings of LXD and Incus
version_added: 1.0.0
description:
  - Lists what the server warns of.
options:
  uuid:
    description: Only the warning of this UUID.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_warning
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: What the server warns of
  fleet.lxd.lxd_warning_info:
  register: found

- name: Nothing new
  ansible.builtin.assert:
    that: found.server_warnings | selectattr('status', 'eq', 'new') | length == 0
"""

RETURN = r"""
server_warnings:
  description: The warnings. They are not called C(warnings), as Ansible shows what is called so as its own.
  returned: success
  type: list
  elements: dict
  sample:
    - uuid: 4eba8f7c-9d12-4212-82a5-2e33f20d1268
      type: AppArmor support has been disabled
      status: new
      severity: low
"""

from ..module_utils._module import run_info
from ..module_utils._resources.warning import WARNING


def main():
    run_info(WARNING)


if __name__ == "__main__":
    main()
