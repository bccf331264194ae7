#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_storage_pool_info
short_description: List storage pools of LXD and Incus
version_added: 1.0.0
description:
  - Lists storage pools, or one of them. Takes the options of M(community.general.lxd_storage_pool_info), and returns what it does.
options:
  name:
    description: Only the pool of this name; it is an error if there is none.
    type: str
  type:
    description: Only pools of these drivers.
    type: list
    elements: str
    default: []
  include:
    description: V(resources) adds to each pool how much space it has, and how much is used.
    type: list
    elements: str
    choices: [resources]
    default: []
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_storage_pool
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All pools, and how full they are
  fleet.lxd.lxd_storage_pool_info:
    include: [resources]
  register: pools

- name: Pools of two drivers
  fleet.lxd.lxd_storage_pool_info:
    type: [zfs, btrfs]
"""

RETURN = r"""
storage_pools:
  description: The storage pools.
  returned: success
  type: list
  elements: dict
  sample:
    - name: default
      driver: dir
      description: ""
      config: {source: /var/lib/lxd/storage-pools/default}
      used_by: [/1.0/profiles/default]
      status: Created
      locations: [none]
"""

from ..module_utils._module import run
from ..module_utils._resources.storage_pool import STORAGE_POOL_INFO


def main():
    run(STORAGE_POOL_INFO)


if __name__ == "__main__":
    main()
