#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_info
short_description: Tell what an LXD or Incus server is
version_added: 1.0.0
description:
  - Returns the server's version, configuration, and API extensions; on request the hardware of its host, and the members of its cluster.
options:
  include:
    description:
      - What else to ask, in one more request each.
      - V(resources) is the hardware of the host.
      - V(members) are the members of the cluster.
    type: list
    elements: str
    choices: [resources, members]
    default: []
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_server
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: What is it
  fleet.lxd.lxd_info:
    include: [resources]
  register: found

- name: In one line
  ansible.builtin.debug:
    msg: "{{ found.kind }} {{ found.server.environment.server_version }} on {{ found.resources.cpu.total }} processors"

- name: Only where the server can
  fleet.lxd.lxd_network_load_balancer_info:
    network: ovn0
  when: "'network_load_balancer' in found.server.api_extensions"
"""

RETURN = r"""
kind:
  description: V(lxd) or V(incus).
  returned: success
  type: str
  sample: lxd
server:
  description: What the server tells of itself. Secrets in its configuration are V(true) only.
  returned: success
  type: dict
  contains:
    environment:
      description: Version, kernel, architectures, storage drivers, certificate, and so on.
      type: dict
    config:
      description: The configuration, which M(fleet.lxd.lxd_server) manages.
      type: dict
    api_extensions:
      description: What the server can.
      type: list
      elements: str
    auth:
      description: Whether we are V(trusted).
      type: str
resources:
  description: Processors, memory, disks, network cards, graphics cards, and so on.
  returned: when O(include) has V(resources)
  type: dict
members:
  description: The members of the cluster, empty if the server is not in one.
  returned: when O(include) has V(members)
  type: list
  elements: dict
"""

from ..module_utils._module import run
from ..module_utils._resources.info import INFO


def main():
    run(INFO)


if __name__ == "__main__":
    main()
