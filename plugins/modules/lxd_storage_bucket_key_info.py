#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_storage_bucket_key_info
short_description: List keys of storage buckets of LXD and Incus
version_added: 1.0.0
description:
  - Lists the keys of a bucket, without their secrets.
options:
  pool:
    description: The name of the storage pool.
    type: str
    required: true
  bucket:
    description: The name of the bucket.
    type: str
    required: true
  name:
    description: Only the key of this name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_storage_bucket_key
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All keys
  fleet.lxd.lxd_storage_bucket_key_info:
    pool: default
    bucket: backups
  register: keys
"""

RETURN = r"""
storage_bucket_keys:
  description: The keys.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: reader, description: "", role: read-only, access-key: ABCDEFGH, secret-key: VALUE_SPECIFIED_IN_NO_LOG_PARAMETER}
"""

from ..module_utils._module import run_info
from ..module_utils._resources.storage_bucket_key import STORAGE_BUCKET_KEY


def main():
    run_info(STORAGE_BUCKET_KEY)


if __name__ == "__main__":
    main()
