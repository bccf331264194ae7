#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_snapshot
short_description: Manage snapshots of instances of LXD and Incus
version_added: 1.0.0
description:
  - Takes, renames, restores, and removes snapshots of instances, and lets them expire.
  - Stateful snapshots need CRIU or a virtual machine, and were not run in tests.
options:
  instance:
    description: The name of the instance.
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
  new_name:
    description: How the snapshot shall be called. Nothing happens if it is called so already.
    type: str
  expires_at:
    description: When the server removes it, as V(2030-12-31T23:00:00Z); a time without zone is one of UTC. Empty text means never.
    type: str
  restore:
    description: Whether the instance is set back to the snapshot, which has to be there. This happens each time that the task runs.
    type: bool
    default: false
  keep:
    description: How many snapshots stay, counting this one; older ones are removed.
    type: int
  keep_matching:
    description: A pattern such as V(daily-*) of the names of those that O(keep) counts and removes.
    type: str
    default: "*"
  stateful:
    description: Whether a new snapshot holds what the running instance has in memory. Cannot be changed.
    type: bool
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
  - module: fleet.lxd.lxd_snapshot_info
  - module: fleet.lxd.lxd_container
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: Before an upgrade; the last three stay
  fleet.lxd.lxd_snapshot:
    instance: web1
    name: "upgrade-{{ version }}"
    keep: 3
    keep_matching: upgrade-*

- name: The upgrade went wrong
  fleet.lxd.lxd_snapshot:
    instance: web1
    name: "upgrade-{{ version }}"
    restore: true
"""

RETURN = r"""
snapshot:
  description: The snapshot as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: upgrade-7
    created_at: "2026-11-23T10:34:43.140928097Z"
    expires_at: "0001-01-01T00:00:00Z"
    stateful: false
"""

from ..module_utils._module import run
from ..module_utils._resources.snapshot import SNAPSHOT


def main():
    run(SNAPSHOT)


if __name__ == "__main__":
    main()
