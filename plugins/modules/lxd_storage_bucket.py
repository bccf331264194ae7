#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_storage_bucket
short_description: Manage storage buckets of LXD and Incus
version_added: 1.0.0
description:
  - Creates, changes, and removes storage buckets.
  - Buckets need MinIO on the server, or a Ceph cluster. Neither was there for tests, which only saw servers refuse.
options:
  pool:
    description: The name of the storage pool.
    type: str
    required: true
  name:
    description: The name of the bucket.
    type: str
    required: true
  state:
    description: Whether the bucket shall be there.
    type: str
    choices: [present, absent]
    default: present
  config:
    description:
      - Keys of the configuration and their values; they are merged into what the bucket has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the bucket is for. Empty text removes it.
    type: str
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
  - module: fleet.lxd.lxd_storage_bucket_info
  - module: fleet.lxd.lxd_storage_bucket_key
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A bucket for backups
  fleet.lxd.lxd_storage_bucket:
    pool: default
    name: backups
    config:
      size: 100GiB
  register: bucket
  no_log: true
"""

RETURN = r"""
storage_bucket:
  description: The bucket as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample: {name: backups, description: "", config: {size: 100GiB}, s3_url: "", location: none}
credentials:
  description: The key that the server made with it. It is told this once; keep it.
  returned: when the bucket was created, and the server made a key
  type: dict
  sample: {name: admin, role: admin, access-key: ABCDEFGH, secret-key: VALUE}
"""

from ..module_utils._module import run
from ..module_utils._resources.storage_bucket import STORAGE_BUCKET


def main():
    run(STORAGE_BUCKET)


if __name__ == "__main__":
    main()
