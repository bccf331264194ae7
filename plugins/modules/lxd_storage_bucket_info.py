#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_storage_bucket_info
short_description: List storage buckets of LXD and Incus
version_added: 1.0.0
description:
  - Lists the buckets of a storage pool.
options:
  pool:
    description: The name of the storage pool.
    type: str
    required: true
  name:
    description: Only the bucket of this name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_storage_bucket
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All buckets
  fleet.lxd.lxd_storage_bucket_info:
    pool: default
  register: buckets
"""

RETURN = r"""
storage_buckets:
  description: The buckets.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: backups, description: "", config: {size: 100GiB}}
"""

from ..module_utils._module import run_info
from ..module_utils._resources.storage_bucket import STORAGE_BUCKET


def main():
    run_info(STORAGE_BUCKET)


if __name__ == "__main__":
    main()
