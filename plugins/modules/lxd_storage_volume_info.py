#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_storage_volume_info
short_description: List storage volumes of LXD and Incus
version_added: 1.0.0
description:
  - Lists the volumes of a storage pool, also those of instances and images. Takes the options of
    M(community.general.lxd_storage_volume_info), and returns what it does.
options:
  pool:
    description: The name of the storage pool.
    type: str
    required: true
  name:
    description: Only volumes of this name; it is an error if there is none.
    type: str
  type:
    description: Only volumes of this type, such as V(custom), V(container), V(virtual-machine), or V(image).
    type: str
  all_projects:
    description: Whether those of all projects are listed.
    type: bool
    default: false
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_storage_volume
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: What users made
  fleet.lxd.lxd_storage_volume_info:
    pool: default
    type: custom
  register: volumes
"""

RETURN = r"""
storage_volumes:
  description: The volumes.
  returned: success
  type: list
  elements: dict
  sample:
    - name: database
      type: custom
      content_type: filesystem
      description: ""
      config: {size: 20GiB}
      used_by: []
      location: none
"""

from ..module_utils._module import run
from ..module_utils._resources.storage_volume import STORAGE_VOLUME_INFO


def main():
    run(STORAGE_VOLUME_INFO)


if __name__ == "__main__":
    main()
