#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_operation_info
short_description: List operations of LXD and Incus
version_added: 1.0.0
description:
  - Lists what the server does in the background, and what it did in the last seconds; tokens that were not used yet are among them.
options:
  all_projects:
    description:
      - Whether to list those of all projects. LXD before 5.14 lists those of one only. Mutually exclusive with O(project).
    type: bool
    default: false
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_operation
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: What runs
  fleet.lxd.lxd_operation_info:
  register: found
  no_log: true
"""

RETURN = r"""
operations:
  description: The operations. The secret of a token is in its C(metadata).
  returned: success
  type: list
  elements: dict
  sample:
    - id: 5d4d0f9a-3c0e-4b7e-8f0e-6f0e5d8b9f53
      class: task
      description: Creating instance
      status: Running
      status_code: 103
"""

from ..module_utils._module import run
from ..module_utils._resources.operation import OPERATION_INFO


def main():
    run(OPERATION_INFO)


if __name__ == "__main__":
    main()
