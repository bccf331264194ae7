#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_warning
short_description: Acknowledge and delete warnings of LXD and Incus
version_added: 1.0.0
description:
  - Sets the status of a warning of the server, or deletes it. Only the server itself creates them.
options:
  uuid:
    description: The UUID of the warning, from M(fleet.lxd.lxd_warning_info).
    type: str
    required: true
  status:
    description: Whether the warning is to be seen as V(new), or as V(acknowledged).
    type: str
    choices: [new, acknowledged]
  state:
    description: Whether the server shall keep the warning. One that it does not have cannot be made V(present).
    type: str
    choices: [present, absent]
    default: present
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
  - module: fleet.lxd.lxd_warning_info
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: What the server warns of
  fleet.lxd.lxd_warning_info:
  register: found

- name: We know that this host has no AppArmor
  fleet.lxd.lxd_warning:
    uuid: "{{ item.uuid }}"
    status: acknowledged
  loop: "{{ found.server_warnings | selectattr('type', 'search', 'AppArmor') }}"
  loop_control:
    label: "{{ item.type }}"
"""

RETURN = r"""
server_warning:
  description: The warning as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    uuid: 4eba8f7c-9d12-4212-82a5-2e33f20d1268
    type: AppArmor support has been disabled
    status: acknowledged
    severity: low
    count: 1
    last_message: Disabled because of lack of kernel support
"""

from ..module_utils._module import run
from ..module_utils._resources.warning import WARNING


def main():
    run(WARNING)


if __name__ == "__main__":
    main()
