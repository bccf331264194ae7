#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_storage_volume
short_description: Manage storage volumes of LXD and Incus
version_added: 1.0.0
description:
  - Creates, copies, imports, changes, renames, moves, and removes storage volumes of users. The volumes of instances and images
    belong to these.
  - What the task does not mention is left as it is.
  - M(fleet.lxd.lxd_device) attaches a volume to an instance or a profile.
options:
  pool:
    description: The name of the storage pool.
    type: str
    required: true
  name:
    description: The name of the volume.
    type: str
    required: true
  state:
    description: Whether the volume shall be there.
    type: str
    choices: [present, absent]
    default: present
  new_name:
    description: How the volume shall be called. Nothing happens if it is called so already.
    type: str
  new_pool:
    description: The pool to which the volume shall move. Nothing happens if it is there already.
    type: str
  new_project:
    description: The project to which the volume shall move. Nothing happens if it is there already.
    type: str
  new_target:
    description:
      - The member of a cluster to which the volume shall move. Nothing happens if it is there already.
      - Needs a server with C(cluster_internal_custom_volume_copy), as Incus, LXD 5.0.3, and LXD 5.20 and later are.
    type: str
  config:
    description:
      - Keys of the configuration and their values; they are merged into what the volume has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the volume is for. Empty text removes it.
    type: str
  content_type:
    description: What the volume is to instances, V(filesystem) if not given. Cannot be changed. For V(iso), use O(iso).
    type: str
    choices: [filesystem, block, iso]
  source:
    description:
      - A volume of which a new one is a copy. Not looked at once the volume is there.
      - The copy has its O(description) and its O(config), with what the task says of these laid over it.
    type: dict
    suboptions:
      name:
        description: Its name; C(volume/snapshot) copies a snapshot.
        type: str
        required: true
      remote:
        description:
          - The server that has it, by its name in the client's configuration (see M(fleet.lxd.lxd_remote)), if it is another one.
            It has to be of the same kind, LXD or Incus. LXD 5.0 does not hand out snapshots of their own.
          - The servers speak to each other; where neither reaches the other, both are connected by the machine where the task runs.
        type: str
      pool:
        description: Its pool, if it is another.
        type: str
      project:
        description: Its project, if it is another.
        type: str
      location:
        description: The member of the cluster that has it. Another one than O(target) needs what O(new_target) needs.
        type: str
      volume_only:
        description: Whether its snapshots are left behind.
        type: bool
        default: false
  iso:
    description:
      - An ISO image, on the machine where the task runs, that becomes a new volume. Not looked at once the volume is there.
      - Needs a server with C(custom_volume_iso), as Incus and LXD 5.14 and later are.
    type: path
  target:
    description: The member of a cluster on which it is; needed where members may have different ones of that name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._validate
  - fleet.lxd._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: fleet.lxd.lxd_storage_volume_info
  - module: fleet.lxd.lxd_storage_volume_snapshot
  - module: fleet.lxd.lxd_backup
  - module: fleet.lxd.lxd_device
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A volume for the database
  fleet.lxd.lxd_storage_volume:
    pool: default
    name: database
    config:
      size: 20GiB

- name: The database has it
  fleet.lxd.lxd_device:
    instance: db1
    name: data
    config: {type: disk, pool: default, source: database, path: /var/lib/postgresql}

- name: A copy in another pool
  fleet.lxd.lxd_storage_volume:
    pool: slow
    name: database-copy
    source:
      name: database
      pool: default

- name: A copy from another server
  fleet.lxd.lxd_storage_volume:
    pool: default
    name: database
    source:
      remote: old-server
      name: database
      volume_only: true

- name: An installer
  fleet.lxd.lxd_storage_volume:
    pool: default
    name: installer
    iso: /srv/iso/installer.iso

- name: Moved to another pool
  fleet.lxd.lxd_storage_volume:
    pool: default
    name: database
    new_pool: slow
"""

RETURN = r"""
storage_volume:
  description: The volume as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: database
    type: custom
    content_type: filesystem
    description: ""
    config: {size: 20GiB}
    used_by: []
    location: none
"""

from ..module_utils._module import run
from ..module_utils._resources.storage_volume import STORAGE_VOLUME


def main():
    run(STORAGE_VOLUME)


if __name__ == "__main__":
    main()
