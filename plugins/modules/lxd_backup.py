#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_backup
short_description: Export instances and storage volumes of LXD and Incus to files, and import them
version_added: 1.0.0
description:
  - With O(dest), an instance or a storage volume of a user is exported to a file of the machine where the task runs. With O(src), such
    a file becomes an instance or volume, unless there is one of that name.
  - Files of any size pass at constant memory. A file is there whole or not at all.
options:
  instance:
    description: The name of the instance.
    type: str
  volume:
    description: The name of the storage volume.
    type: str
  pool:
    description: The pool of O(volume), or the pool into which O(instance) is imported.
    type: str
  dest:
    description: The file to make. If it is there, it is left as it is, unless O(force=true).
    type: path
  src:
    description: The file to import.
    type: path
  checksum:
    description:
      - The SHA-256 that the file has to have, as V(sha256:...) or without that prefix; looked at before it is sent, or if O(dest) is there.
    type: str
  force:
    description: Whether O(dest) is made anew if it is there.
    type: bool
    default: false
  only:
    description: Whether snapshots are left out.
    type: bool
    default: false
  optimized_storage:
    description: Whether the storage driver's own format is used, which only a pool of that driver can import.
    type: bool
    default: false
  compression_algorithm:
    description: How the server compresses, such as V(gzip), V(zstd), or V(none); its own default if not given.
    type: str
  timeout:
    description: How many seconds the server may take to make a backup or to import one.
    type: float
    default: 3600.0
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: partial
    details: With O(force=true), each run exports
seealso:
  - module: fleet.lxd.lxd_snapshot
  - module: fleet.lxd.lxd_image
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: Export an instance
  fleet.lxd.lxd_backup:
    instance: web1
    dest: /srv/backups/web1.tar.gz
  register: backup

- name: Import it at another server
  fleet.lxd.lxd_backup:
    remote: other
    instance: web1
    src: /srv/backups/web1.tar.gz
    checksum: "{{ backup.checksum }}"

- name: Export a volume
  fleet.lxd.lxd_backup:
    pool: default
    volume: database
    dest: /srv/backups/database.tar
    compression_algorithm: none
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /srv/backups/web1.tar.gz
size:
  description: Its size in bytes; V(null) if it is not there yet.
  returned: success
  type: int
  sample: 1234567
checksum:
  description: Its SHA-256; V(null) if it was not read.
  returned: success
  type: str
  sample: sha256:847ffb358e8b1d528afcfaa0b1cb60b21db72594e69c3b312730d662a32f6ac5
"""

from ..module_utils._module import run
from ..module_utils._resources.backup import BACKUP


def main():
    run(BACKUP)


if __name__ == "__main__":
    main()
