#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_profile_info
short_description: List profiles of LXD and Incus
version_added: 1.0.0
description:
  - Lists the profiles of a project.
options:
  name:
    description: Only the profile of this name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_profile
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All profiles
  fleet.lxd.lxd_profile_info:
  register: found
"""

RETURN = r"""
profiles:
  description: The profiles.
  returned: success
  type: list
  elements: dict
  sample:
    - name: default
      config: {}
      devices: {root: {type: disk, path: /, pool: default}}
      used_by: [/1.0/instances/web]
"""

from ..module_utils._module import run_info
from ..module_utils._resources.profile import PROFILE


def main():
    run_info(PROFILE)


if __name__ == "__main__":
    main()
