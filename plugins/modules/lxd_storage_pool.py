#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_storage_pool
short_description: Manage storage pools of LXD and Incus
version_added: 1.0.0
description:
  - Creates, changes, and removes storage pools; on all members of a cluster by one task.
  - What the task does not mention is left as it is, such as the keys that the server fills in.
  - Only pools of the driver V(dir) were run in tests, and none of a cluster.
options:
  name:
    description: The name of the storage pool.
    type: str
    required: true
  state:
    description: Whether the storage pool shall be there. Only an unused one can be removed.
    type: str
    choices: [present, absent]
    default: present
  driver:
    description: The storage driver, such as V(dir), V(btrfs), V(zfs), or V(lvm). Needed to create, cannot be changed.
    type: str
  config:
    description:
      - Keys of the configuration and their values; they are merged into what the pool has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  member_config:
    description:
      - What is different on members of a cluster, such as C(source), as a mapping of members to mappings of
        keys. The pool is defined on every member, whether it is mentioned or not, and then created.
      - Not for a server that is not in a cluster.
    type: dict
  description:
    description: What the storage pool is for. Empty text removes it.
    type: str
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
  - module: fleet.lxd.lxd_storage_pool_info
  - module: fleet.lxd.lxd_storage_volume
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A pool in a directory of the server
  fleet.lxd.lxd_storage_pool:
    name: plain
    driver: dir
    description: For tests

- name: A pool on a disk of each member
  fleet.lxd.lxd_storage_pool:
    name: fast
    driver: zfs
    member_config:
      node1: {source: /dev/nvme0n1}
      node2: {source: /dev/nvme1n1}

- name: No longer there
  fleet.lxd.lxd_storage_pool:
    name: plain
    state: absent
"""

RETURN = r"""
storage_pool:
  description: The storage pool as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: plain
    driver: dir
    description: For tests
    config: {source: /var/lib/lxd/storage-pools/plain}
    status: Created
"""

from ..module_utils._module import run
from ..module_utils._resources.storage_pool import STORAGE_POOL


def main():
    run(STORAGE_POOL)


if __name__ == "__main__":
    main()
