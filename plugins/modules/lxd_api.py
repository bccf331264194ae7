#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_api
short_description: Make any call of the REST API of LXD and Incus
version_added: 1.0.0
description:
  - For what no other module of the collection manages. Operations that the server starts are waited for.
  - A V(PUT) or V(PATCH) is sent only if something would differ, and only if nobody else changed the same thing in between.
options:
  path:
    description:
      - The path, with or without C(/1.0), with or without a query. Names in it that hold C(/) or C(?) are percent-encoded.
    type: str
    required: true
  method:
    description:
      - V(GET) reads.
      - V(PUT) and V(PATCH) read what is there first. Nothing is sent if each key of O(body) has that value; for V(PATCH), mappings
        in it are merged, one level deep, as most endpoints do. A key of C(config) that is V(null) or empty is unset, a device is
        replaced as a whole. Text, numbers, and booleans differ; the servers keep the values of C(config) as text.
      - Many servers forget on a V(PATCH) of a project or of a network ACL what is not in it. There, a V(PUT) of the merged whole is sent.
      - V(POST) and V(DELETE) are always sent, and always say that they changed something.
    type: str
    choices: [GET, POST, PUT, PATCH, DELETE]
    default: GET
  query:
    description: Keys and values of the query, beside those in O(path).
    type: dict
  body:
    description: What to send.
    type: dict
  timeout:
    description: How many seconds to wait for the operation that the server starts. As long as it takes if it is not given.
    type: float
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
attributes:
  check_mode:
    support: full
    details: Nothing is sent in check mode but V(GET).
  diff_mode:
    support: partial
    details: Only for V(PUT) and V(PATCH).
  idempotent:
    support: partial
    details: V(POST) and V(DELETE) are always sent.
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: What the server knows of its keys
  fleet.lxd.lxd_api:
    path: metadata/configuration
  register: keys

- name: The member of the cluster in the second rack
  fleet.lxd.lxd_api:
    method: PATCH
    path: cluster/members/node2
    body:
      failure_domain: rack2

- name: Restore it after maintenance
  fleet.lxd.lxd_api:
    method: POST
    path: cluster/members/node2/state
    body:
      action: restore
    timeout: 600
"""

RETURN = r"""
metadata:
  description:
    - What the server answered; after a V(PUT) or V(PATCH), what is there then. V(null) for a V(POST) or V(DELETE) in check mode.
  returned: success
  type: raw
operation:
  description: The operation that was waited for, V(null) if the server started none.
  returned: success of V(GET), V(POST), and V(DELETE), unless in check mode
  type: dict
etag:
  description: The ETag of what was read.
  returned: success, unless for a V(POST) or V(DELETE) in check mode
  type: str
"""

from ..module_utils._module import run
from ..module_utils._resources.api import API


def main():
    run(API)


if __name__ == "__main__":
    main()
