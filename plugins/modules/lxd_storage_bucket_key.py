#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_storage_bucket_key
short_description: Manage keys of storage buckets of LXD and Incus
version_added: 1.0.0
description:
  - Creates, changes, and removes keys with which clients use a bucket.
  - The secret is in the result of the task that creates the key, and in no other; a diff never shows it.
  - Buckets need MinIO on the server, or a Ceph cluster. Neither was there for tests, which only saw servers refuse.
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
    description: The name of the key.
    type: str
    required: true
  state:
    description: Whether the key shall be there.
    type: str
    choices: [present, absent]
    default: present
  description:
    description: What the key is for. Empty text removes it.
    type: str
  role:
    description: What it allows; the server's default is V(read-only).
    type: str
    choices: [admin, read-only]
  access_key:
    description: The name by which clients know it; the server makes one up if it is not given.
    type: str
  secret_key:
    description: The secret; the server makes one up if it is not given.
    type: str
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
    support: full
seealso:
  - module: fleet.lxd.lxd_storage_bucket_key_info
  - module: fleet.lxd.lxd_storage_bucket
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A key that reads
  fleet.lxd.lxd_storage_bucket_key:
    pool: default
    bucket: backups
    name: reader
    role: read-only
  register: key
  no_log: true
"""

RETURN = r"""
storage_bucket_key:
  description: The key as the server has it, without its secret; V(null) if it is not there.
  returned: success
  type: dict
  sample: {name: reader, description: "", role: read-only, access-key: ABCDEFGH, secret-key: VALUE_SPECIFIED_IN_NO_LOG_PARAMETER}
credentials:
  description: The key that the server made with it. It is told this once; keep it.
  returned: when the key was created, and the server made a key
  type: dict
  sample: {name: admin, role: admin, access-key: ABCDEFGH, secret-key: VALUE}
"""

from ..module_utils._module import run
from ..module_utils._resources.storage_bucket_key import STORAGE_BUCKET_KEY


def main():
    run(STORAGE_BUCKET_KEY)


if __name__ == "__main__":
    main()
