#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_console_log
short_description: Read or clear the console log of an instance of LXD and Incus
version_added: 1.0.0
description:
  - Tells what a container wrote to its console, as far as the server keeps it.
  - While the container runs, LXD and Incus hand out each line once, so that reading empties the log, in check mode as well.
    Once it has stopped, the log stays until it is cleared.
options:
  instance:
    description: The name of the instance.
    type: str
    required: true
  state:
    description: V(absent) clears the log.
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
  - module: fleet.lxd.lxd_container
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: What did it say as it started?
  fleet.lxd.lxd_console_log:
    instance: web1
  register: console

- name: Show it
  ansible.builtin.debug:
    msg: "{{ console.console_log }}"
"""

RETURN = r"""
console_log:
  description: What was in the log when the task began.
  returned: success
  type: str
  sample: "login: "
"""

from ..module_utils._module import run
from ..module_utils._resources.console_log import CONSOLE_LOG


def main():
    run(CONSOLE_LOG)


if __name__ == "__main__":
    main()
