#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_file
short_description: Manage files of instances of LXD and Incus
version_added: 1.0.0
description:
  - Writes files, directories, and symlinks into an instance, fetches them, or removes them. The instance needs no Python, and a
    container need not run. A virtual machine has to run, with its agent; that was not run in tests.
  - Files of any size pass at constant memory. What is there is compared by checksum, for which the server sends it.
  - What the task does not mention is left as it is, such as other files of a directory.
options:
  instance:
    description: The name of the instance.
    type: str
    required: true
  path:
    description: The absolute path in the instance.
    type: str
    required: true
  state:
    description: V(absent) removes what is at O(path), with all below it.
    type: str
    choices: [present, absent]
    default: present
  content:
    description:
      - The content of a file, such as the output of P(ansible.builtin.template#lookup).
      - A mapping or a list is written as JSON, as M(ansible.builtin.copy) does.
    type: raw
  src:
    description:
      - A file, or a directory with all that is in it, on the machine where the task runs, that shall be at O(path).
      - Symlinks in a directory stay symlinks.
      - New files and directories get the permissions of those here, but not setuid, setgid and sticky, of which the task warns.
    type: path
  type:
    description: V(directory) makes a directory.
    type: str
    choices: [directory]
  target:
    description: Where the symlink at O(path) leads.
    type: str
  dest:
    description:
      - The path, on the machine where the task runs, at which what is at O(path) shall be, in a directory that exists.
      - Owners are not kept. A directory does not make way for a file.
    type: path
  mode:
    description:
      - The permissions of files, and of the directory of O(type=directory), as octal digits in quotes. Without it, a new file has those
        of O(src), or the server's default.
      - On servers without C(instances_files_modify_permissions), a file is replaced to change it, and of a directory that is not empty it
        cannot be changed.
      - The servers' API does not know setuid, setgid and sticky, so V(0777) is the most that can be wished for in an instance.
        A C(chmod) by M(fleet.lxd.lxd_exec) sets them.
    type: str
  directory_mode:
    description: The permissions of directories, as O(mode).
    type: str
  owner:
    description: The user who owns it, as a number or as a name that the instance knows.
    type: str
  group:
    description: The group that owns it, as a number or as a name that the instance knows.
    type: str
  parents:
    description: Whether missing directories above O(path) are made.
    type: bool
    default: false
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
  - module: fleet.lxd.lxd_metadata
  - module: fleet.lxd.lxd_backup
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A file of a template
  fleet.lxd.lxd_file:
    instance: web1
    path: /etc/motd
    content: "{{ lookup('ansible.builtin.template', 'motd.j2') }}"
    mode: "0644"
    owner: root

- name: A directory, with all that is in it
  fleet.lxd.lxd_file:
    instance: web1
    path: /srv/site
    src: files/site

- name: A symlink
  fleet.lxd.lxd_file:
    instance: web1
    path: /etc/localtime
    target: /usr/share/zoneinfo/Etc/UTC

- name: Fetch a log
  fleet.lxd.lxd_file:
    instance: web1
    path: /var/log/app.log
    dest: /tmp/app.log

- name: No longer there
  fleet.lxd.lxd_file:
    instance: web1
    path: /srv/site
    state: absent
"""

RETURN = r"""
path:
  description: The path in the instance.
  returned: success
  type: str
  sample: /etc/motd
dest:
  description: The local path.
  returned: when fetched
  type: str
  sample: /tmp/app.log
file:
  description: What is at O(path), V(null) if nothing is.
  returned: success
  type: dict
  sample: {type: file, mode: "0644", uid: 0, gid: 0, size: 12, checksum: "sha256:a948904f..."}
"""

from ..module_utils._module import run
from ..module_utils._resources.file import FILE


def main():
    run(FILE)


if __name__ == "__main__":
    main()
