#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_profile
short_description: Manage profiles of LXD and Incus
version_added: 1.0.0
description:
  - Creates, changes, renames, and removes profiles.
  - What the task does not mention is left as it is.
options:
  name:
    description: The name of the profile.
    type: str
    required: true
  new_name:
    description:
      - Rename the profile to this name. If only a profile of the new name is there, the renaming has been done before.
    type: str
  state:
    description: Whether the profile shall be there.
    type: str
    choices: [present, absent]
    default: present
  config:
    description:
      - Keys of the configuration and their values; they are merged into what the profile has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the profile is for. Empty text removes it.
    type: str
  devices:
    description:
      - Devices by name, each a mapping of its keys; they are merged into what the profile has, device by device.
      - A device of V(null) is removed, as is a key of V(null). A device that gets another C(type) keeps none of its keys.
    type: dict
  merge_profile:
    description:
      - Accepted for playbooks that were written for C(community.general), and not used; profiles are always merged.
    type: bool
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._validate
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: fleet.lxd.lxd_container
  - module: fleet.lxd.lxd_profile_info
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A profile for web servers
  fleet.lxd.lxd_profile:
    name: web
    description: Web servers
    config:
      limits.cpu: 2
      limits.memory: 512MiB
      boot.autostart: true
    devices:
      www:
        type: proxy
        listen: tcp:127.0.0.1:8080
        connect: tcp:127.0.0.1:80

- name: Without the limit on memory and without the proxy
  fleet.lxd.lxd_profile:
    name: web
    config:
      limits.memory: null
    devices:
      www: null

- name: Under another name
  fleet.lxd.lxd_profile:
    name: web
    new_name: frontend

- name: No longer there
  fleet.lxd.lxd_profile:
    name: frontend
    state: absent
"""

RETURN = r"""
profile:
  description: The profile as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: web
    description: Web servers
    config: {limits.cpu: "2"}
    devices: {}
    used_by: []
"""

from ..module_utils._module import run
from ..module_utils._resources.profile import PROFILE


def main():
    run(PROFILE)


if __name__ == "__main__":
    main()
