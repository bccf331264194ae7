#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_storage_volume_snapshot_info
short_description: List snapshots of a storage volume of LXD and Incus
version_added: 1.0.0
description:
  - Lists the snapshots of a storage volume.
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
    description: Only the snapshot of this name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_storage_volume_snapshot
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All snapshots
  fleet.lxd.lxd_storage_volume_snapshot_info:
    pool: default
    volume: database
  register: listed
"""

RETURN = r"""
storage_volume_snapshots:
  description: The snapshots.
  returned: success
  type: list
  elements: dict
  sample:
    - name: daily-2026-11-23
      description: ""
      expires_at: "0001-01-01T00:00:00Z"
"""

from ..module_utils._module import run_info
from ..module_utils._resources.storage_volume_snapshot import STORAGE_VOLUME_SNAPSHOT


def main():
    run_info(STORAGE_VOLUME_SNAPSHOT)


if __name__ == "__main__":
    main()
