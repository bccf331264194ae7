#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_project
short_description: Manage projects of LXD and Incus
version_added: 1.0.0
description:
  - Creates, changes, renames, and removes projects.
  - What the task does not mention is left as it is, such as the C(features.*) that the server fills in.
options:
  name:
    description: The name of the project.
    type: str
    required: true
  new_name:
    description:
      - Rename the project to this name. If only a project of the new name is there, the renaming has been done before.
    type: str
  state:
    description: Whether the project shall be there. Only an empty project can be removed, unless O(force=true).
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - Whether O(state=absent) removes all that is in the project, too; instances, which are stopped at once, with their snapshots,
        images, profiles, storage volumes and buckets, networks, ACLs, and zones. Nothing of it can be brought back.
    type: bool
    default: false
  config:
    description:
      - Keys of the configuration (C(features.*), C(limits.*), C(restricted.*), C(user.*)) and their values; they are merged into
        what the project has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the project is for. Empty text removes it.
    type: str
  merge_project:
    description:
      - Accepted for playbooks that were written for C(community.general), and not used; projects are always merged.
    type: bool
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._validate
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: fleet.lxd.lxd_project_info
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A project that shares the images and profiles of the default one
  fleet.lxd.lxd_project:
    name: shop
    description: The web shop
    config:
      features.images: false
      features.profiles: false
      limits.instances: 20

- name: No limit any more
  fleet.lxd.lxd_project:
    name: shop
    config:
      limits.instances: null

- name: No longer there, nor anything that was in it
  fleet.lxd.lxd_project:
    name: review-4711
    state: absent
    force: true

- name: No longer there
  fleet.lxd.lxd_project:
    name: shop
    state: absent
"""

RETURN = r"""
project:
  description: The project as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: shop
    description: The web shop
    config: {features.images: "false", features.profiles: "false"}
    used_by: []
"""

from ..module_utils._module import run
from ..module_utils._resources.project import PROJECT


def main():
    run(PROJECT)


if __name__ == "__main__":
    main()
