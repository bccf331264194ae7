#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_fleet
short_description: Make a whole fleet of LXD and Incus as a document says
version_added: 1.0.0
description:
  - Takes one document of projects, storage pools, networks, profiles, images, and instances, on one server or many, and makes all of it so.
  - The document is checked whole before anything is touched, and all faults are told at once, each with its path.
  - What is there is read by whole lists, so that the number of requests does not depend on the number of instances.
    Each part is planned by its own module; in check mode nothing else is done.
  - Parts are made side by side, each as soon as what it refers to is there. When one fails, only what depends on it is not tried.
options:
  name:
    description:
      - The name of the fleet. What it creates is marked with it, in C(user.fleet) of its config (of its properties, for an image).
      - What was there before keeps being somebody else's, even when the document changes it.
    type: str
    required: true
  document:
    description:
      - A mapping with any of the keys V(remotes), V(projects), V(storage_pools), V(network_zones), V(network_zone_records),
        V(network_acls), V(networks), V(network_forwards), V(storage_volumes), V(profiles), V(images), and V(instances).
      - V(remotes) is a list of named remotes, on which all parts are that name none. Each other key has a list of mappings.
        A server that is named in two ways, by two remotes or by the task's own options and a remote, is refused.
      - Such a mapping has the options of the module of that kind (M(fleet.lxd.lxd_project), M(fleet.lxd.lxd_storage_pool),
        M(fleet.lxd.lxd_network_zone), M(fleet.lxd.lxd_network_zone_record), M(fleet.lxd.lxd_network_acl), M(fleet.lxd.lxd_network),
        M(fleet.lxd.lxd_network_forward), M(fleet.lxd.lxd_storage_volume), M(fleet.lxd.lxd_profile), M(fleet.lxd.lxd_image), and
        M(fleet.lxd.lxd_container)) but those which rename or move, and in place of the options of the connection C(project), and
        C(remote) or C(remotes). Profiles and so on are made on each of the C(remotes), instances are placed over them.
      - "An instance can have C(count): so many instances, with their number for C({n}) in C(name) and in any other text of the entry;
        C({n:03}) makes it three digits. They begin with the number C(first), by default 1. Only where they are placed is one for all:
        there is no number in C(remote), C(remotes), and C(targets)."
      - C(placement) says how new instances are placed over C(remotes), and over C(targets), a list of members of a cluster.
        V(spread), the default, takes the place with the fewest of them; V(pack) fills one place after the other with C(max_per_place) of
        them each; V(pinned) gives each a place by its number, and refuses one that is elsewhere. What exists stays where it is.
      - "C(rolling) changes the instances of an entry in batches: C(batch) at once, by default and at most C(max_unavailable) of them,
        which is 1 by default and counts those that are missing, and those that are not running anyway, unless the C(state) of the entry
        is V(stopped) or V(frozen). The next batch begins when all of the last fulfil C(health), a list like C(wait_for) of
        M(fleet.lxd.lxd_container), within C(timeout) seconds, 120 by default. Before the first one those that have nothing to do are
        looked at, too, and those that are not healthy count as not running. A failure stops it."
      - With C(recreate_on_new_image=true) an instance whose C(image) is an alias that means another image by now is removed and made anew.
        All that is in it is lost. A new image that the same document brings counts, unless it is made of an instance of the server, as
        nobody knows it beforehand then.
    type: dict
    required: true
  prune:
    description:
      - Whether to remove what the fleet has created and the document does not hold any more, on the servers of the document.
      - It looks in the default project, the task's O(project), those of the document, and those that the fleet has created.
      - Only what bears the mark of this fleet, with the very name, project, and pool that it was created with, is removed.
        Instances are stopped first. An image that bears it is removed also when its aliases have moved on to another one, after all that
        is made of the new one, unless somebody has given it another alias.
    type: bool
    default: false
  concurrency:
    description: How many parts are made at once on one server.
    type: int
    default: 8
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: The plan, as a text to be read.
  idempotent:
    support: full
seealso:
  - module: fleet.lxd.lxd_container
  - module: fleet.lxd.lxd_container_info
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A shop
  fleet.lxd.lxd_fleet:
    name: shop
    prune: true
    document:
      projects:
        - name: shop
          config:
            features.images: false
      profiles:
        - name: web
          project: shop
          config:
            limits.memory: 256MiB
          devices:
            root: {type: disk, path: /, pool: default}
      instances:
        - name: web-{n}
          count: 3
          project: shop
          image: busybox
          profiles: [web]
          rolling:
            max_unavailable: 1
            health:
              - type: command
                command: test -d /proc/1

- name: Read what would be done
  fleet.lxd.lxd_fleet:
    name: shop
    prune: true
    document: "{{ lookup('ansible.builtin.file', 'shop.yml') | from_yaml }}"
  check_mode: true
  diff: true

- name: Ten instances over two servers, and their profile on both
  fleet.lxd.lxd_fleet:
    name: workers
    document:
      remotes: [north, south]
      profiles:
        - name: worker
          config:
            limits.cpu: 1
      instances:
        - name: worker-{n:02}
          count: 10
          image: busybox
          profiles: [default, worker]
          state: stopped
          placement: spread
"""

RETURN = r"""
plan:
  description: What had to be done, in an order in which it can be.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The key of the document.
      type: str
    name:
      description: The name of the part.
      type: str
    project:
      description: The project that it is in, where its kind is in projects.
      type: str
    remote:
      description: The remote that it is on, if one was named.
      type: str
    target:
      description: The member of the cluster, if one was chosen.
      type: str
    action:
      description: V(create), V(change), V(recreate), or V(remove).
      type: str
    before:
      description: What is there of what the document can say.
      type: dict
    after:
      description: What it shall be.
      type: dict
  sample:
    - {kind: instances, name: web-1, project: shop, action: create, before: {}, after: {name: web-1, status: Running}}
unchanged:
  description: How many parts were as wished.
  returned: success
  type: int
  sample: 396
done:
  description: The parts that were made as wished, in the order in which that happened; like RV(plan) without C(before) and C(after).
  returned: when not in check mode
  type: list
  elements: dict
  sample: []
failed_parts:
  description:
    - The parts that failed, like RV(done), with C(msg) and what else the error tells.
    - C(changed) says whether something was done nevertheless, such as all but that an instance is healthy.
  returned: when not in check mode
  type: list
  elements: dict
  sample: []
not_tried:
  description:
    - The parts that were not tried, like RV(done), with the C(reason).
    - The C(action) is V(unknown) for what is on a server that could not be read.
  returned: when not in check mode, or a server could not be read
  type: list
  elements: dict
  sample: []
restart_required:
  description: The names of instances that were changed in a way that takes effect with their next restart.
  returned: when not in check mode
  type: list
  elements: str
  sample: []
faults:
  description: The faults of the document, each a sentence that begins with its path.
  returned: when the document cannot be
  type: list
  elements: str
  sample: ["$.instances[0].confg: not known here, did you mean config?"]
"""

from ..module_utils._module import run
from ..module_utils._resources.fleet import FLEET


def main():
    run(FLEET)


if __name__ == "__main__":
    main()
