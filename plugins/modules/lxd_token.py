#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_token
short_description: Issue one-time tokens with which clients and cluster members join LXD or Incus
version_added: 1.0.0
description:
  - Issues a token for a client that the server does not trust yet; M(fleet.lxd.lxd_remote) or C(lxc remote add) of the client
    takes it, and uses it up.
  - With O(type=cluster) the token is for a server that is to become a member of the cluster.
  - Nothing is issued if the server trusts a certificate of that name, or has a member of that name, already. A token that was
    issued before and not used is returned again. One for a client that O(restricted) and O(projects) do not fit is revoked,
    and another one issued.
  - The server has to listen on the network (C(core.https_address)) for the client to reach it.
options:
  name:
    description: The name under which the server will list the client's certificate, or the name of the new member.
    type: str
    required: true
  type:
    description: For whom the token is; V(cluster) needs a server that is in a cluster.
    type: str
    choices: [client, cluster]
    default: client
  restricted:
    description: Whether the client may use nothing but O(projects).
    type: bool
    default: false
  projects:
    description: The projects that the client may use, if O(restricted=true).
    type: list
    elements: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: A token is a secret.
  idempotent:
    support: full
notes:
  - The result holds a secret. Use C(no_log) on the task, and on those that use the token.
seealso:
  - module: fleet.lxd.lxd_certificate
  - module: fleet.lxd.lxd_remote
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A token for the controller
  fleet.lxd.lxd_token:
    name: controller
  register: issued
  no_log: true

- name: A token for the third member of the cluster
  fleet.lxd.lxd_token:
    type: cluster
    name: node3
  register: issued
  no_log: true
"""

RETURN = r"""
token:
  description: The token, V(null) if the client or the member is there already, and where check mode would issue one.
  returned: success
  type: str
trusted:
  description: Whether the server trusts a certificate, or has a member, of that name.
  returned: success
  type: bool
  sample: false
"""

from ..module_utils._module import run
from ..module_utils._resources.token import TOKEN


def main():
    run(TOKEN)


if __name__ == "__main__":
    main()
