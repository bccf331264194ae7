#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_device
short_description: Manage one device of an instance or profile of LXD and Incus
version_added: 1.0.0
description:
  - Adds, changes, and removes one device, and leaves all others alone. So several roles can each add a mount.
options:
  instance:
    description: The instance that has the device. Devices of its profiles are not its own.
    type: str
  profile:
    description: The profile that has the device.
    type: str
  name:
    description: The name of the device.
    type: str
    required: true
  state:
    description: Whether the device shall be there.
    type: str
    choices: [present, absent]
    default: present
  config:
    description:
      - Keys of the device and their values, C(type) among them for a new one; they are merged into what the device has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key. A device of another type keeps no keys.
      - A device of the type V(none) hides one of that name in a profile.
    type: dict
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
  - module: fleet.lxd.lxd_container
  - module: fleet.lxd.lxd_profile
  - module: fleet.lxd.lxd_storage_volume
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A volume as a mount
  fleet.lxd.lxd_device:
    instance: db1
    name: data
    config: {type: disk, pool: default, source: database, path: /var/lib/postgresql}

- name: A port of the host leads into all instances of a profile
  fleet.lxd.lxd_device:
    profile: web
    name: http
    config: {type: proxy, listen: "tcp:0.0.0.0:80", connect: "tcp:127.0.0.1:80"}

- name: No longer there
  fleet.lxd.lxd_device:
    instance: db1
    name: data
    state: absent
"""

RETURN = r"""
device:
  description: The device as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample: {type: disk, pool: default, source: database, path: /var/lib/postgresql}
"""

from ..module_utils._module import run
from ..module_utils._resources.device import DEVICE


def main():
    run(DEVICE)


if __name__ == "__main__":
    main()
