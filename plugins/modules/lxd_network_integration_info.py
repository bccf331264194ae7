#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_network_integration_info
short_description: List network integrations of Incus
version_added: 1.0.0
description:
  - Lists the integrations of the server.
options:
  name:
    description: Only the integration of this name.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_network_integration
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All integrations
  fleet.lxd.lxd_network_integration_info:
  register: integrations
"""

RETURN = r"""
network_integrations:
  description: The integrations.
  returned: success
  type: list
  elements: dict
  sample:
    - name: datacentre
      type: ovn
"""

from ..module_utils._module import run_info
from ..module_utils._resources.network_integration import NETWORK_INTEGRATION


def main():
    run_info(NETWORK_INTEGRATION)


if __name__ == "__main__":
    main()
