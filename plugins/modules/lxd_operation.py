#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_operation
short_description: Wait for and cancel operations of LXD and Incus
version_added: 1.0.0
description:
  - Waits until an operation of the server has ended, and fails if it ended badly; or cancels it.
options:
  id:
    description: The id of the operation, or its URL.
    type: str
    required: true
  state:
    description:
      - V(finished) waits. The server forgets an operation some seconds after it has ended; how it ended is unknown then, and the task
        fails.
      - V(cancelled) cancels an operation that still runs. Not every operation can be cancelled.
    type: str
    choices: [finished, cancelled]
    default: finished
  timeout:
    description: How many seconds to wait for O(state=finished). As long as it takes if it is not given.
    type: float
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
attributes:
  check_mode:
    support: full
    details: Nothing is waited for in check mode.
  diff_mode:
    support: none
    details: An operation is not a thing that has a state before and after.
  idempotent:
    support: full
seealso:
  - module: fleet.lxd.lxd_operation_info
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: What runs
  fleet.lxd.lxd_operation_info:
  register: found

- name: Wait for all of it
  fleet.lxd.lxd_operation:
    id: "{{ item.id }}"
    timeout: 300
  loop: "{{ found.operations | selectattr('status', 'eq', 'Running') | selectattr('class', 'eq', 'task') }}"
  loop_control:
    label: "{{ item.description }}"

- name: The token is no longer wanted
  fleet.lxd.lxd_operation:
    id: 5d4d0f9a-3c0e-4b7e-8f0e-6f0e5d8b9f53
    state: cancelled
"""

RETURN = r"""
operation:
  description: The operation, V(null) if the server does not know it.
  returned: success
  type: dict
  sample:
    id: 5d4d0f9a-3c0e-4b7e-8f0e-6f0e5d8b9f53
    class: task
    description: Creating instance
    status: Success
    status_code: 200
"""

from ..module_utils._module import run
from ..module_utils._resources.operation import OPERATION


def main():
    run(OPERATION)


if __name__ == "__main__":
    main()
