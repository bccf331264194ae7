#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_container
short_description: Manage containers and virtual machines of LXD and Incus
version_added: 1.0.0
description:
  - Creates, changes, renames, starts, stops, freezes, restarts, and removes instances, and waits until they are of use.
  - What the task does not mention is left as it is.
  - What is set is in force before the instance starts. What a running instance would not notice is reported as
    RV(restart_required), and the instance is restarted only if O(restart_if_required) says so.
options:
  name:
    description: The name of the instance.
    type: str
    required: true
  new_name:
    description:
      - Rename the instance to this name. It has to be stopped, or be stopped by the same task with O(state=stopped).
      - If only an instance of the new name is there, the renaming has been done before.
    type: str
  new_pool:
    description:
      - Move the root of the instance to this storage pool, with its snapshots. It has to be stopped, or be stopped by the same task.
      - What a profile has of a root device, the instance gets as one of its own. A new instance is created there.
    type: str
  new_project:
    description:
      - Move the instance to this project, from that of the task. It has to be stopped, or be stopped by the same task.
      - That project has to have the profiles of the instance. If it lacks one, the instance gets O(profiles) before it moves, which both
        projects have to have then.
      - If the instance is only in the new project, it has been moved before. All else of the task is done there, and a new instance
        is created there.
    type: str
  new_target:
    description:
      - Move the instance to this member of the cluster, or to the first one of a V(@group) if it is on none of its members.
      - It has to be stopped, or be stopped by the same task; but one whose C(migration.stateful) is true may run if it moves nowhere else,
        if the servers can do that (not run by the tests).
      - A new instance is created there.
    type: str
  state:
    description:
      - V(present) makes sure that the instance is there, and leaves its power as it is; a new one is not started.
      - V(started), V(stopped), and V(frozen) make sure of that, too.
      - V(restarted) restarts it, or starts it if it was stopped, each time.
      - V(absent) stops it if need be, and removes it.
    type: str
    choices: [present, started, stopped, restarted, frozen, absent]
    default: started
  type:
    description: What to create; the server's default is V(container). Cannot be changed.
    type: str
    choices: [container, virtual-machine]
  image:
    description:
      - The image to create the instance from, an alias or a fingerprint of the server, or C(remote:alias) with a remote of the client's
        configuration. An image of a remote is brought to the server first, as M(fleet.lxd.lxd_image) would.
      - What could be a fingerprint, with 12 hexadecimal digits or more, is an alias if no image has that fingerprint.
      - Only looked at when the instance is created; that an alias has moved on does not change an instance.
      - Mutually exclusive with O(source).
    type: str
  source:
    description:
      - What to create the instance from, as the API has it.
      - For an image a mapping with C(type=image) and C(alias) or C(fingerprint); with C(remote) to name a remote of the client's
        configuration, or with C(mode), C(server), and C(protocol) to have the server fetch it.
      - For a copy a mapping with C(type=copy) and C(source), the name of an instance or C(instance/snapshot), with C(project) if it is
        in another one. A copy has the config, devices, and profiles of its source, and O(config), O(devices), and O(profiles) change them;
        for another pool, give the C(root) device.
      - For a copy from another server with C(remote), too, a remote of the client's configuration, or V(local) for the server of this
        machine. Its C(mode) says who calls whom, V(pull) has the target call the source at its https address, V(push) the source the
        target, and V(relay) has us carry what they say. V(auto), the default, tries them in this order, as far as somebody can be
        called.
      - C(instance_only=true) copies no snapshots; C(live=true) tries to bring the state of a running guest, too (not run by the tests).
        A copy of a running instance is of its files as they are at that moment.
      - C(move=true) removes the source from the C(remote), after the copy, if it is stopped and unchanged and all its snapshots have
        arrived; its MAC addresses and other identity are kept. Backups that the server keeps are not. A C(move) of what is there already
        does nothing, and looks at no source.
      - C(refresh=true) brings an instance that is there up to the source, its snapshots included, each time; its config is left alone.
        It has to be stopped, or be stopped by the same task. A new one is copied as ever.
      - Between LXD and Incus the same works; but LXD 5.0 takes no snapshots of Incus, so that C(instance_only=true) is needed.
      - For an empty instance a mapping with C(type=none).
      - Only looked at when the instance is created, or refreshed.
    type: dict
  config:
    description:
      - Keys of the configuration and their values; they are merged into what the instance has.
      - Numbers and booleans may be given as such. A value of V(null) unsets a key.
    type: dict
  devices:
    description:
      - Devices by name, each a mapping of its keys; they are merged into what the instance has, device by device.
      - A device of V(null) is removed, as is a key of V(null). A device that gets another C(type) keeps none of its keys.
    type: dict
  profiles:
    description: The names of all profiles of the instance, in the order in which they apply.
    type: list
    elements: str
  description:
    description: What the instance is for. Empty text removes it.
    type: str
  ephemeral:
    description: Whether the instance is removed when it stops, by whatever stops it.
    type: bool
  architecture:
    description: The architecture, such as V(x86_64) (or V(amd64)). Cannot be changed.
    type: str
  target:
    description: The member of a cluster, or V(@group), on which to create the instance; one that is there stays where it is.
    type: str
  timeout:
    description:
      - Seconds that the instance has for each change of power, and for all of O(wait_for).
      - Every change, be it a move or the removal, waits as long for an instance that the server is busy with, such as with its copy to
        another server.
    type: int
    default: 30
  force_stop:
    description: Whether to pull the plug when the instance is stopped, restarted, or removed, instead of asking the guest.
    type: bool
    default: false
  force_after_timeout:
    description: Whether to pull the plug of an instance that was asked to stop and did not within O(timeout).
    type: bool
    default: false
  restart_if_required:
    description: Whether to restart a running instance that would not notice what has changed otherwise.
    type: bool
    default: false
  wait_for:
    description:
      - What to wait for once the instance runs; each either a type, or a mapping with C(type) and what narrows it.
      - V(ipv4) and V(ipv6) wait for an address of global scope on any NIC of the instance, or on the C(nic) (the name of the device).
        Interfaces that the guest has made itself, such as C(docker0), do not count.
      - An instance that would have no such NIC is refused before anything is changed, if its devices are known by then. Those of a new one
        are, with O(profiles).
      - V(ready) waits until the guest has told the server that it is ready.
      - V(agent) waits until commands can be run in the instance, for which a virtual machine needs its agent; a container is ready for
        them as soon as it runs.
      - V(cloud-init) waits until cloud-init is done, and fails with its words if it failed.
      - V(command) waits until the C(command) (text for the shell, or a list of arguments) succeeds in the instance.
      - The task fails when the O(timeout) is over, and says what it saw.
    type: list
    elements: raw
  wait_for_ipv4_addresses:
    description:
      - Whether to wait for an IPv4 address on every NIC of the instance; not used when it shall be stopped, frozen, or absent.
    type: bool
    default: false
  wait_for_container:
    description: Accepted for playbooks that were written for C(community.general), and not used; operations are always waited for.
    type: bool
    default: false
  ignore_volatile_options:
    description: Whether to leave out the C(volatile.*) keys of O(config). They are the server's; there is no need to mention them.
    type: bool
    default: false
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
    support: partial
    details: O(state=restarted) restarts each time, and C(refresh=true) in O(source) copies each time.
notes:
  - A copy from another server that fails is removed where it was to be, and what it would have been a copy of never is. It is given
    up when the servers have told of no progress for 300 seconds.
  - Virtual machines could not be run by the tests of this collection, as their servers have no KVM.
seealso:
  - module: fleet.lxd.lxd_container_info
  - module: fleet.lxd.lxd_image
  - module: fleet.lxd.lxd_exec
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A running container with an address
  fleet.lxd.lxd_container:
    name: ub
    image: busybox
    description: The first one
    config:
      limits.memory: 256MiB
      user.role: web
    wait_for: [ipv4]

- name: One more key, one less; the description stays
  fleet.lxd.lxd_container:
    name: ub
    config:
      limits.cpu: 1
      user.role: null

- name: Wait until a command succeeds in it
  fleet.lxd.lxd_container:
    name: ub
    wait_for:
      - type: command
        command: test -e /etc/passwd

- name: A stopped copy
  fleet.lxd.lxd_container:
    name: ub-copy
    state: present
    source:
      type: copy
      source: ub

- name: To another pool, project, and name
  fleet.lxd.lxd_container:
    name: ub-copy
    state: stopped
    new_pool: fast
    new_project: web
    new_name: ub

- name: To another member of a cluster
  fleet.lxd.lxd_container:
    name: ub
    project: web
    state: stopped
    new_target: n2

- name: A copy of a snapshot on another server
  fleet.lxd.lxd_container:
    name: ub-first
    state: present
    source:
      type: copy
      remote: old
      source: ub/first

- name: From another server to this one, started here
  fleet.lxd.lxd_container:
    name: ub
    source:
      type: copy
      remote: old
      source: ub
      move: true

- name: Up to date with its source, each time
  fleet.lxd.lxd_container:
    name: ub-standby
    state: stopped
    source:
      type: copy
      remote: old
      source: ub
      refresh: true

- name: Frozen, stopped by force if it must be, and gone
  fleet.lxd.lxd_container:
    name: "{{ item.name }}"
    state: "{{ item.state }}"
    force_after_timeout: true
  loop:
    - {name: ub, state: frozen}
    - {name: ub, state: absent}
"""

RETURN = r"""
instance:
  description:
    - The instance as the server has it (C(GET /1.0/instances/NAME)), with its C(state) if it is not stopped.
    - V(null) if it is not there.
  returned: success
  type: dict
  sample:
    name: ub
    status: Running
    type: container
    config: {limits.memory: 256MiB}
    profiles: [default]
addresses:
  description: The IPv4 addresses of global scope, by the interface in the guest.
  returned: success
  type: dict
  sample: {eth0: [10.77.12.34]}
actions:
  description: What was done, or would have been in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample: [create, start]
old_state:
  description: The state before the task; V(absent), V(stopped), V(started), or V(frozen).
  returned: success
  type: str
  sample: absent
restart_required:
  description:
    - Whether this task has changed something that the running guest will not notice before it is restarted. Later tasks do not know of it.
  returned: success
  type: bool
  sample: false
"""

from ..module_utils._module import run
from ..module_utils._resources.container import CONTAINER


def main():
    run(CONTAINER)


if __name__ == "__main__":
    main()
