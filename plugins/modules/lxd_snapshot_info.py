#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_snapshot_info
short_description: List snapshots of an instance of LXD and Incus
version_added: 1.0.0
description:
  - Lists the snapshots of an instance.
options:
  instance:
    description: The name of the instance.
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
  - module: fleet.lxd.lxd_snapshot
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All snapshots
  fleet.lxd.lxd_snapshot_info:
    instance: web1
  register: listed
"""

RETURN = r"""
snapshots:
  description: The snapshots.
  returned: success
  type: list
  elements: dict
  sample:
    - name: upgrade-7
      created_at: "2026-11-23T10:34:43.140928097Z"
      expires_at: "0001-01-01T00:00:00Z"
      stateful: false
"""

from ..module_utils._module import run_info
from ..module_utils._resources.snapshot import SNAPSHOT


def main():
    run_info(SNAPSHOT)


if __name__ == "__main__":
    main()
