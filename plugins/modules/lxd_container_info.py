#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_container_info
short_description: List containers and virtual machines of LXD and Incus
version_added: 1.0.0
description:
  - What C(lxc list) shows, as data; state, addresses, type, profiles, and snapshots of the instances of one project or of all.
options:
  name:
    description: Only the instance of this name.
    type: str
  type:
    description: Only instances of this type.
    type: str
    choices: [container, virtual-machine]
  status:
    description: Only instances of this status, such as V(Running), V(Stopped), or V(Frozen).
    type: str
  filter:
    description:
      - Only instances for which this expression in the server's own language holds, such as V(config.user.role eq web).
    type: str
  all_projects:
    description: Whether to list the instances of all projects. Mutually exclusive with O(project).
    type: bool
    default: false
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_container
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All that run
  fleet.lxd.lxd_container_info:
    status: Running
  register: running

- name: Their addresses
  ansible.builtin.debug:
    msg: "{{ item.name }} {{ item.ipv4 }}"
  loop: "{{ running.instances }}"
  loop_control:
    label: "{{ item.name }}"

- name: The web servers of all projects
  fleet.lxd.lxd_container_info:
    all_projects: true
    filter: config.user.role eq web
"""

RETURN = r"""
instances:
  description: The instances, sorted by project and name, each with all that the server tells of it and what is listed here.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      type: str
    status:
      description: The status in the server's words.
      type: str
      sample: Running
    type:
      description: V(container) or V(virtual-machine).
      type: str
    ipv4:
      description: The IPv4 addresses of global scope, by the interface in the guest.
      type: dict
      sample: {eth0: [10.77.12.34]}
    ipv6:
      description: The IPv6 addresses of global scope, by the interface in the guest.
      type: dict
    snapshots:
      description: The names of the snapshots.
      type: list
      elements: str
    state:
      description: What the server tells of the running guest; C(cpu), C(memory), C(network), C(processes).
      type: dict
"""

from ..module_utils._module import run
from ..module_utils._resources.container import CONTAINER_INFO


def main():
    run(CONTAINER_INFO)


if __name__ == "__main__":
    main()
