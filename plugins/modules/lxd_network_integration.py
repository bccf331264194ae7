#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_integration
short_description: Manage network integrations of Incus
version_added: 1.0.0
description:
  - Creates, changes, renames, and removes the server's connections to the OVN interconnection of other clusters.
  - What the task does not mention is left as it is.
options:
  name:
    description: The name of the integration.
    type: str
    required: true
  new_name:
    description:
      - Rename the integration to this name. If only one of the new name is there, the renaming has been done before.
    type: str
  state:
    description: Whether the integration shall be there. Only an unused one can be removed.
    type: str
    choices: [present, absent]
    default: present
  type:
    description: The type. Needed to create it. Cannot be changed.
    type: str
    choices: [ovn]
  config:
    description:
      - Keys of the configuration, such as C(ovn.northbound_connection), and their values; they are merged into what the integration has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  description:
    description: What the integration is for. Empty text removes it.
    type: str
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
notes:
  - LXD has no integrations. Peers over one need OVN, and were not run in tests.
seealso:
  - module: fleet.lxd.lxd_network_integration_info
  - module: fleet.lxd.lxd_network_peer
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: The interconnection of the data centre
  fleet.lxd.lxd_network_integration:
    name: datacentre
    type: ovn
    config:
      ovn.northbound_connection: tcp:192.0.2.101:6645
      ovn.southbound_connection: tcp:192.0.2.101:6646
"""

RETURN = r"""
network_integration:
  description: The integration as the server has it, V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: datacentre
    type: ovn
    config: {ovn.northbound_connection: "tcp:192.0.2.101:6645", ovn.southbound_connection: "tcp:192.0.2.101:6646"}
    description: ""
    used_by: []
"""

from ..module_utils._module import run
from ..module_utils._resources.network_integration import NETWORK_INTEGRATION


def main():
    run(NETWORK_INTEGRATION)


if __name__ == "__main__":
    main()
