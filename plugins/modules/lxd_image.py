#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_image
short_description: Import, publish, change, export, and remove images of LXD and Incus
version_added: 1.0.0
description:
  - Imports an image from files, from an address, from a remote (simplestreams, LXD, Incus), or makes one of an instance or a
    snapshot; gives it aliases and sets its properties.
  - An image is known by its fingerprint, the sha256 of its content. What the server has is not transferred again; files are
    hashed before anything is sent, and of a remote only the index is read.
  - Aliases are moved in one step. At no moment is there no alias of that name, and other tasks may import the same image at the
    same time.
  - Transfers over a network are made for lines that are slow, break, or stall; see O(transfer). An image is imported whole or not
    at all.
options:
  state:
    description:
      - With V(present), the image is there, with O(aliases), O(properties), and so on. What is not mentioned is left alone.
      - With V(absent), the image of O(fingerprint), or those that O(aliases) point to, are removed, and with them all their aliases.
      - With V(exported), the image of O(fingerprint), or of the first of O(aliases), is written to O(dest).
    type: str
    choices: [present, absent, exported]
    default: present
  fingerprint:
    description:
      - The fingerprint of the image, the sha256 of its content, or the first 6 digits or more of it.
      - With O(source), it is what the source has to have. If the server has it already, the source is not even looked at.
    type: str
  aliases:
    description:
      - Aliases that point to the image. One that points to another image is moved.
      - Without O(fingerprint) and O(source), the first alias says which image is meant.
    type: list
    elements: str
    aliases: [alias]
  exclusive_aliases:
    description: Whether other aliases of the image are removed.
    type: bool
    default: false
  source:
    description:
      - Where the image comes from.
      - Without it, the image has to be on the server, and its aliases and fields are changed.
    type: dict
    suboptions:
      type:
        description:
          - V(file) is one or two files on the machine where the task runs.
          - V(url) is one or two files on the web.
          - V(remote) is a server that offers images, by simplestreams, or a server of LXD or Incus.
          - V(instance) and V(snapshot) make a new image of an instance of the same server, which has to be stopped, or of a snapshot.
        type: str
        required: true
        choices: [file, url, remote, instance, snapshot]
      path:
        description: With O(source.type=file), a unified tarball, or the metadata of a split image.
        type: path
      rootfs:
        description: With O(source.type=file), the root of a split image, a squashfs or a tarball, or the qcow2 disk of a virtual machine.
        type: path
      url:
        description:
          - With O(source.type=url), the address of a unified tarball or of the metadata of a split image, C(https://) or C(http://).
          - It may also be one that answers with the headers C(LXD-Image-Hash) and C(LXD-Image-URL), or those of Incus.
          - Give O(fingerprint) with it. Else the fingerprint is known only after the image was downloaded, and so it is downloaded
            on each run, in check mode too.
        type: str
      rootfs_url:
        description: With O(source.type=url), the address of the root of a split image.
        type: str
      remote:
        description:
          - With O(source.type=remote), the name of a remote in the client's configuration, as M(fleet.lxd.lxd_remote) writes it.
          - The names that the clients know by themselves are known too, V(images), V(ubuntu), V(ubuntu-daily), V(ubuntu-minimal),
            V(ubuntu-minimal-daily).
        type: str
      server:
        description: With O(source.type=remote), the address of a remote that has no name, instead of O(source.remote).
        type: str
      protocol:
        description: What O(source.server) speaks. V(simplestreams) by default.
        type: str
        choices: [simplestreams, lxd, incus]
      alias:
        description: The alias of the image at the remote.
        type: str
      fingerprint:
        description: The fingerprint of the image at the remote, or the first 12 digits or more of it, instead of O(source.alias).
        type: str
      image_type:
        description: The type of the image, if the remote has several of that alias. V(container) by default.
        type: str
        choices: [container, virtual-machine]
      architecture:
        description:
          - The architecture in the kernel's words, such as V(x86_64), if the remote has several of that alias.
          - By default the first of those that the server can run.
        type: str
      project:
        description: The project of a O(source.server) that is LXD or Incus.
        type: str
      server_cert:
        description:
          - Path of a PEM file with the certificate of O(source.server); of a simplestreams server also that of its authority.
        type: path
      server_fingerprint:
        description: The sha256 fingerprint of the certificate of a O(source.server) that is LXD or Incus.
        type: str
      client_cert:
        description:
          - Path of the certificate with which to ask a O(source.server) that is LXD or Incus for images that are not public.
          - By default the one in the client's configuration.
        type: path
      client_key:
        description: Path of the key of O(source.client_cert).
        type: path
      name:
        description: The name of the instance, or C(instance/snapshot).
        type: str
      compression_algorithm:
        description: How to compress an image that is made of an instance or a snapshot, such as V(zstd), V(xz), or V(none).
        type: str
  refresh:
    description:
      - Whether to look at the source although there is an image with the first of O(aliases), and to import what it offers now if
        that is another image. The aliases then move on to it. The older image stays.
      - V(true) by default. V(false) for instances and snapshots, which make another image each time.
    type: bool
  transfer:
    description:
      - How an image comes from a remote to the server.
      - With V(pull), the server fetches it. That spares the line of the machine where the task runs, and only so can the server
        follow the remote with O(auto_update). A broken download is not resumed by the servers, and one that stalls is not even
        noticed by them; this module does, and ends it after O(stall_timeout).
      - With V(relay), the machine where the task runs fetches the image into a temporary file, and uploads it. A download that breaks
        or stalls is resumed where it ended, it is verified, and only a whole image is uploaded. The server needs no way to the
        remote. The image goes over two lines, so that the one to the server should be a good one.
      - V(auto) is V(relay) for addresses, for C(http://), and where the server is reached by its socket, as then both ways use the
        same line and relaying is the one that resumes. Otherwise, and with O(auto_update=true), it is V(pull), and then V(relay) if
        the server could not fetch the image; a warning says so.
      - A server that was told to fetch an image may hold on to a stalled download although it is cancelled. Then no import of this
        image is possible until the connection is gone or the server was restarted. The task fails and says so. Only a relay is free
        of that.
    type: str
    choices: [auto, pull, relay]
    default: auto
  stall_timeout:
    description:
      - Seconds without data after which a transfer counts as broken. The relay goes on where it was; a pull is ended.
      - Servers tell how far they are in steps of one per cent. For large images more time is allowed between two of these, as much as a
        line of 16 KiB a second takes.
    type: float
    default: 30
  retries:
    description:
      - How many tries in a row that bring nothing new are allowed to a download after the first. Pauses between them grow from 0.5 to 30
        seconds.
      - With O(transfer=pull), how often the server is told to fetch it again when the line broke.
    type: int
    default: 5
  timeout:
    description: Seconds after which the task gives up, whatever happens. By default it goes on as long as anything moves.
    type: float
  tmp_dir:
    description: Where images are kept while they are relayed. By default the directory of the system for temporary files.
    type: path
  properties:
    description: Properties of the image. Those not mentioned are left alone, and one that is V(null) is removed.
    type: dict
  public:
    description: Whether clients that are not trusted may have the image.
    type: bool
  auto_update:
    description:
      - Whether the server follows the alias of the remote. It can do so only with an image that it fetched itself, by alias; of any
        other it keeps the wish, and does nothing.
    type: bool
  expires_at:
    description: When the image expires, such as V(2030-12-31T23:59:59Z) or V(2030-12-31), in UTC if not said otherwise, or V(never).
    type: str
  profiles:
    description: The profiles that instances get which are made of the image and name none.
    type: list
    elements: str
  dest:
    description:
      - With O(state=exported), a directory that is there, or the path of a file in one.
      - Into a directory, a unified image goes as C(FINGERPRINT.tar.xz), a split one as C(meta-FINGERPRINT.tar.xz) and
        C(FINGERPRINT.squashfs), or what the server calls them. To a path of a file, a unified image goes as that file, a split one
        as C(FILE) and C(FILE.root).
      - Files that are there and have the right content are left alone. Each file appears whole.
    type: path
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
attributes:
  check_mode:
    support: full
    details: What decides is read, also from remotes; nothing is sent.
  diff_mode:
    support: full
  idempotent:
    support: full
    details: With O(refresh=true), an instance or a snapshot is made into a new image each time.
notes:
  - Progress of long transfers is shown while they last, where the task runs on the controller and its terminal is watched.
  - The signatures of simplestreams indexes are not checked, as the servers do not either. What vouches for an image is https.
seealso:
  - module: fleet.lxd.lxd_image_info
  - module: fleet.lxd.lxd_remote
  - module: fleet.lxd.lxd_container
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: An image of a remote that the clients know
  fleet.lxd.lxd_image:
    alias: noble
    source:
      type: remote
      remote: ubuntu
      alias: "24.04"

- name: The same for virtual machines, which the server keeps up to date from now on
  fleet.lxd.lxd_image:
    alias: noble-vm
    auto_update: true
    source:
      type: remote
      remote: ubuntu
      alias: "24.04"
      image_type: virtual-machine

- name: Over a bad line, with patience
  fleet.lxd.lxd_image:
    alias: debian
    transfer: relay
    stall_timeout: 120
    retries: 50
    source:
      type: remote
      server: https://images.linuxcontainers.org
      alias: debian/12

- name: Once only, whatever the remote has later
  fleet.lxd.lxd_image:
    alias: debian
    refresh: false
    source:
      type: remote
      remote: images
      alias: debian/12

- name: A unified tarball of this machine
  fleet.lxd.lxd_image:
    aliases: [busybox, busybox/1.35]
    source:
      type: file
      path: /srv/images/busybox.tar.xz
    properties:
      description: BusyBox, built by us
    public: true

- name: A split image, metadata and root
  fleet.lxd.lxd_image:
    alias: debian
    source:
      type: file
      path: /srv/images/debian/meta.tar.xz
      rootfs: /srv/images/debian/rootfs.squashfs

- name: From the web
  fleet.lxd.lxd_image:
    alias: appliance
    fingerprint: 422923e07cb9f181d2ea10ab84d3b13d9b3a6b1a7d1b7a9b0f4f1f5e4f9f7e1c
    source:
      type: url
      url: https://downloads.example.org/appliance.tar.xz

- name: From another server that trusts us
  fleet.lxd.lxd_image:
    alias: golden
    source:
      type: remote
      remote: build-server
      alias: golden

- name: The same without a named remote
  fleet.lxd.lxd_image:
    alias: golden
    source:
      type: remote
      server: https://build.example.org:8443
      protocol: incus
      server_fingerprint: "{{ build_server_fingerprint }}"
      alias: golden

- name: An image made of a stopped instance; once, as long as the alias is there
  fleet.lxd.lxd_image:
    alias: golden
    source:
      type: instance
      name: template
    expires_at: "2031-01-01"

- name: A new one made of a snapshot, with the alias moved on to it
  fleet.lxd.lxd_image:
    alias: golden
    refresh: true
    source:
      type: snapshot
      name: template/release-7
      compression_algorithm: zstd

- name: Only change what is there
  fleet.lxd.lxd_image:
    fingerprint: 422923e07cb9
    aliases: [stable]
    exclusive_aliases: true
    properties:
      obsolete: null
    expires_at: never

- name: To files
  fleet.lxd.lxd_image:
    state: exported
    alias: golden
    dest: /srv/images/

- name: Gone
  fleet.lxd.lxd_image:
    state: absent
    alias: golden
"""

RETURN = r"""
image:
  description: The image with all that the server tells of it; in check mode, what is known of it.
  returned: O(state=present) and O(state=exported)
  type: dict
  sample:
    aliases:
      - description: ""
        name: busybox
    architecture: x86_64
    auto_update: false
    fingerprint: 422923e07cb9f181d2ea10ab84d3b13d9b3a6b1a7d1b7a9b0f4f1f5e4f9f7e1c
    properties:
      description: BusyBox
    public: false
    size: 881228
    type: container
fingerprint:
  description: The fingerprint of the image. Empty in check mode when an instance or a snapshot would be published.
  returned: O(state=present) and O(state=exported)
  type: str
transfer:
  description:
    - How the image came to the server, V(pull), V(relay), V(upload) for files, V(publish), or V(none) if it was there.
  returned: O(state=present)
  type: str
  sample: relay
bytes:
  description: How many bytes were downloaded by this task, those of broken tries included.
  returned: O(state=present) and O(state=exported)
  type: int
attempts:
  description: How many tries that took.
  returned: O(state=present) and O(state=exported)
  type: int
elapsed:
  description: How many seconds the task took.
  returned: O(state=present) and O(state=exported)
  type: float
files:
  description: The files with the image. Empty in check mode when they are not there yet.
  returned: O(state=exported)
  type: list
  elements: str
removed:
  description: The fingerprints of the images that were removed.
  returned: O(state=absent)
  type: list
  elements: str
"""

from ..module_utils._module import run
from ..module_utils._resources.image import IMAGE


def main():
    run(IMAGE)


if __name__ == "__main__":
    main()
