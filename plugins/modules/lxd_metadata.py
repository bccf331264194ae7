#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_metadata
short_description: Manage the image metadata and templates of an instance of LXD and Incus
version_added: 1.0.0
description:
  - Changes what an instance took over from its image, its metadata and the templates of files; an image that is made of the instance
    has them, too.
  - What the task does not mention is left as it is. Without anything to change, it tells what is there.
options:
  instance:
    description: The name of the instance.
    type: str
    required: true
  properties:
    description:
      - Properties of the image; merged into those that are there, V(null) removes one.
      - Numbers and booleans may be given as such.
    type: dict
  architecture:
    description: The architecture of the image.
    type: str
  creation_date:
    description: When the image was made, in seconds since 1970.
    type: int
  expiry_date:
    description: When the image expires, in seconds since 1970.
    type: int
  templates:
    description:
      - Which files of the instance are made of templates, as a mapping of paths to mappings with C(when), C(create_only), C(template),
        and C(properties); merged into what is there, V(null) removes one.
    type: dict
  files:
    description: The templates, as a mapping of names to contents; those that are not mentioned stay, V(null) removes one.
    type: dict
    default: {}
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
  - module: fleet.lxd.lxd_image
  - module: fleet.lxd.lxd_file
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: The host name is written at each start
  fleet.lxd.lxd_metadata:
    instance: web1
    templates:
      /etc/hostname:
        when: [start]
        template: hostname.tpl
    files:
      hostname.tpl: "{% raw %}{{ container.name }}{% endraw %}\n"
"""

RETURN = r"""
metadata:
  description: The metadata as the server has it.
  returned: success
  type: dict
  sample: {architecture: x86_64, creation_date: 1700000000, expiry_date: 0, properties: {os: busybox}, templates: {}}
files:
  description: The templates that the task names, V(null) for those that are not there.
  returned: success
  type: dict
  sample: {hostname.tpl: "{{ container.name }}"}
"""

from ..module_utils._module import run
from ..module_utils._resources.metadata import METADATA


def main():
    run(METADATA)


if __name__ == "__main__":
    main()
