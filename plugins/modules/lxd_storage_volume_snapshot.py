#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_storage_volume_snapshot
short_description: Manage snapshots of storage volumes of LXD and Incus
version_added: 1.0.0
description:
  - Takes, renames, restores, and removes snapshots of the storage volumes that users made, and lets them expire.
  - A volume that a running instance has cannot be restored.
options:
  pool:
    description: The name of the storage pool.
    type: str
    required: true
  volume:
    description: The name of the volume.
    type: str
    required: true
  name:
    description: The name of the snapshot.
    type: str
    required: true
  state:
    description: Whether the snapshot shall be there.
    type: str
    choices: [present, absent]
    default: present
  description:
    description: What the snapshot is for. Empty text removes it.
    type: str
  new_name:
    description: How the snapshot shall be called. Nothing happens if it is called so already.
    type: str
  expires_at:
    description: When the server removes it, as V(2030-12-31T23:00:00Z); a time without zone is one of UTC. Empty text means never.
    type: str
  restore:
    description: Whether the volume is set back to the snapshot, which has to be there. This happens each time that the task runs.
    type: bool
    default: false
  keep:
    description: How many snapshots stay, counting this one; older ones are removed.
    type: int
  keep_matching:
    description: A pattern such as V(daily-*) of the names of those that O(keep) counts and removes.
    type: str
    default: "*"
  target:
    description: The member of a cluster on which it is; needed where members may have different ones of that name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(restore=true), each run restores
seealso:
  - module: fleet.lxd.lxd_storage_volume_snapshot_info
  - module: fleet.lxd.lxd_storage_volume
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: One a day, for a week
  fleet.lxd.lxd_storage_volume_snapshot:
    pool: default
    volume: database
    name: "daily-{{ ansible_date_time.date }}"
    keep: 7
    keep_matching: daily-*
"""

RETURN = r"""
storage_volume_snapshot:
  description: The snapshot as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: daily-2026-11-23
    description: ""
    expires_at: "0001-01-01T00:00:00Z"
    config: {}
"""

from ..module_utils._module import run
from ..module_utils._resources.storage_volume_snapshot import STORAGE_VOLUME_SNAPSHOT


def main():
    run(STORAGE_VOLUME_SNAPSHOT)


if __name__ == "__main__":
    main()
