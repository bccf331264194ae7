#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_server
short_description: Manage the configuration of an LXD or Incus server
version_added: 1.0.0
description:
  - Sets and unsets keys of the server's own configuration.
  - Keys that the task does not mention are left as they are.
options:
  config:
    description:
      - Keys of the configuration and their values; they are merged into what the server has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  update_secrets:
    description:
      - What to do with a secret (such as C(core.trust_password)) that is set already. Servers do not show secrets, so whether it is
        the same cannot be known.
      - V(on_create) sets a secret only if there is none yet. V(always) sets it each time, and is always changed.
    type: str
    choices: [on_create, always]
    default: on_create
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._validate
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Secrets are masked.
  idempotent:
    support: partial
    details: Not with O(update_secrets=always) and a secret in O(config).
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: Images are refreshed by nobody but us
  fleet.lxd.lxd_server:
    config:
      images.auto_update_interval: 0
      images.remote_cache_expiry: 20

- name: Back to the default
  fleet.lxd.lxd_server:
    config:
      images.remote_cache_expiry: null
"""

RETURN = r"""
server:
  description: What C(GET /1.0) of the server answers.
  returned: success
  type: dict
  sample:
    api_status: stable
    auth: trusted
    config: {images.auto_update_interval: "0"}
    environment: {server: lxd, server_version: 5.0.2}
"""

from ..module_utils._module import run
from ..module_utils._resources.server import SERVER


def main():
    run(SERVER)


if __name__ == "__main__":
    main()
