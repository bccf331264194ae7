#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_image_info
short_description: List images of LXD and Incus, and of their remotes
version_added: 1.0.0
description:
  - What C(lxc image list) shows, as data. The images are those of the server, or of a remote.
options:
  fingerprint:
    description: Only images whose fingerprint begins so.
    type: str
  alias:
    description: Only images with an alias like this, in which C(*) and C(?) stand for anything.
    type: str
  image_type:
    description: Only images of this type.
    type: str
    choices: [container, virtual-machine]
  architecture:
    description: Only images of this architecture, in the kernel's words, such as V(x86_64).
    type: str
  properties:
    description: Only images that have all of these properties.
    type: dict
  source:
    description: The remote whose images are listed. By default they are those of the server.
    type: dict
    suboptions:
      remote:
        description:
          - The name of a remote in the client's configuration, or one that the clients know by themselves, such as V(images) or
            V(ubuntu).
        type: str
      server:
        description: The address of a remote that has no name, instead of O(source.remote).
        type: str
      protocol:
        description: What O(source.server) speaks. V(simplestreams) by default.
        type: str
        choices: [simplestreams, lxd, incus]
      project:
        description: The project of a O(source.server) that is LXD or Incus.
        type: str
      server_cert:
        description: Path of a PEM file with the certificate of O(source.server).
        type: path
      server_fingerprint:
        description: The sha256 fingerprint of the certificate of a O(source.server) that is LXD or Incus.
        type: str
      client_cert:
        description: Path of the certificate with which to ask a O(source.server) that is LXD or Incus.
        type: path
      client_key:
        description: Path of the key of O(source.client_cert).
        type: path
  stall_timeout:
    description: Seconds without data after which the download of an index counts as broken.
    type: float
    default: 30
  retries:
    description: How many tries in a row that bring nothing new are allowed to the download of an index.
    type: int
    default: 5
  timeout:
    description: Seconds after which the task gives up, whatever happens.
    type: float
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
  - fleet.lxd._attributes.info
seealso:
  - module: fleet.lxd.lxd_image
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: All images of the server
  fleet.lxd.lxd_image_info:
  register: images

- name: Their aliases
  ansible.builtin.debug:
    msg: "{{ images.images | map(attribute='alias') | list }}"

- name: What a remote has of Debian
  fleet.lxd.lxd_image_info:
    source:
      remote: images
    alias: debian/*
    architecture: x86_64

- name: The images that our build made
  fleet.lxd.lxd_image_info:
    properties:
      os: BusyBox
"""

RETURN = r"""
images:
  description: The images, sorted by alias and fingerprint, each with all that is told of it and what is listed here.
  returned: success
  type: list
  elements: dict
  contains:
    alias:
      description: The first alias, or the empty string.
      type: str
      sample: busybox
    aliases:
      description: All aliases, each with C(name) and C(description).
      type: list
      elements: dict
    fingerprint:
      description: The fingerprint.
      type: str
    short_fingerprint:
      description: The first 12 digits of the fingerprint.
      type: str
      sample: 422923e07cb9
    public:
      description: Whether everyone may have the image.
      type: bool
    description:
      description: The property of that name, or the empty string.
      type: str
      sample: Debian bookworm amd64
    architecture:
      description: The architecture in the kernel's words.
      type: str
      sample: x86_64
    type:
      description: V(container) or V(virtual-machine).
      type: str
      sample: container
    size:
      description: The size in bytes.
      type: int
      sample: 881228
    uploaded_at:
      description: When the image came to the server, or to the remote if it is LXD or Incus.
      type: str
      returned: not from simplestreams
    properties:
      description: All properties.
      type: dict
"""

from ..module_utils._module import run
from ..module_utils._resources.image import IMAGE_INFO


def main():
    run(IMAGE_INFO)


if __name__ == "__main__":
    main()
