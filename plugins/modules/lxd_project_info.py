#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_project_info
short_description: List projects of LXD and Incus
version_added: 1.0.0
description:
  - Lists the projects of the server.
options:
  name:
    description: Only the project of this name.
    type: str
  include:
    description:
      - What else to ask for each project, in one more request each.
      - V(state) is how much of its limits it uses.
    type: list
    elements: str
    choices: [state]
    default: []
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_project
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: How full is it
  fleet.lxd.lxd_project_info:
    name: shop
    include: [state]
  register: found

- name: Instances
  ansible.builtin.debug:
    msg: "{{ found.projects[0].state.resources.instances.Usage }}"
"""

RETURN = r"""
projects:
  description: The projects, each with what O(include) names.
  returned: success
  type: list
  elements: dict
  sample:
    - name: shop
      description: The web shop
      config: {features.images: "false"}
      used_by: []
"""

from ..module_utils._module import run_info
from ..module_utils._resources.project import PROJECT


def main():
    run_info(PROJECT)


if __name__ == "__main__":
    main()
