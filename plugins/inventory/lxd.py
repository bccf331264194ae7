# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: lxd
short_description: List instances of LXD and Incus as hosts
version_added: 1.0.0
description:
  - Reads the instances of any number of servers and projects, all servers at once, in one request each.
  - Each instance becomes a host that is reached by the connection P(fleet.lxd.lxd#connection), with no address needed; never by
    C(local).
  - The name of the file has to end with C(lxd.yml), C(lxd.yaml), C(incus.yml), or C(incus.yaml).
options:
  plugin:
    description: Says that the file is for this plugin.
    type: string
    required: true
    choices: [fleet.lxd.lxd]
  remotes:
    description:
      - The servers. Each is the name of a remote in the C(config.yml) of C(lxc) or C(incus), or a mapping of options of this plugin
        (O(url), O(remote), O(projects), O(client_cert), and so on) that hold for it.
      - Without it, there is one, which O(url), O(remote), and so on describe.
    type: list
    elements: raw
  projects:
    description:
      - The projects to read, as a list, or V(all). Without it, that of O(project), the remote's own, or the server's V(default).
    type: raw
  strict:
    description:
      - Whether a server that can't be read, or a remote or a project that does not exist, and an expression that fails, are errors.
        Otherwise there is a warning for such a server, and the expression is left out for that host.
      - If no server at all can be read, that is an error in any case. What was read without one of them is not written to the cache.
    type: bool
    default: false
  filters:
    description:
      - Expressions of Jinja, all of which have to hold for an instance to become a host.
    type: list
    elements: str
    default: []
  hostnames:
    description:
      - Expressions of Jinja; the first that gives text for an instance gives the name of its host. Otherwise it is the instance's.
      - Instances whose hosts would have the same name, or one that means more to Ansible (C(localhost), C(all), C(ungrouped)), get their
        project and their server added, and there is a warning. Those of one project get the name of the instance as well.
    type: list
    elements: str
    default: []
  connection:
    description:
      - The C(ansible_connection) of the hosts. V(none) sets none.
      - With V(ssh), C(ansible_host) is the instance's address.
    type: string
    default: fleet.lxd.lxd
  addresses:
    description:
      - Whether to read the addresses, which costs the server time; V(auto) does if O(connection=ssh) or an expression or
        O(groupby) asks for them.
      - Where the server can give all at once, it is asked to; otherwise for each running instance on its own.
    type: string
    choices: [auto, always, never]
    default: auto
  address_interfaces:
    description: The interfaces from which C(lxd_address) comes, in this order, as names or patterns of the shell.
    type: list
    elements: str
  address_family:
    description: Which addresses C(lxd_address) may be; V(any) takes an IPv4 address if there is one.
    type: string
    choices: [ipv4, ipv6, any]
  address_networks:
    description: Networks in one of which C(lxd_address) has to be, such as V(10.0.0.0/8).
    type: list
    elements: str
    default: []
  state:
    description: Only instances of this status.
    type: string
    choices: [STOPPED, STARTING, RUNNING, none]
    default: none
  type_filter:
    description: Only instances of this type.
    type: string
    choices: [container, virtual-machine, both]
    default: both
  prefered_instance_network_interface:
    description: What the name of the interface begins with from which C(lxd_address) comes. O(address_interfaces) is wider.
    type: string
    default: eth
    aliases: [prefered_container_network_interface]
  prefered_instance_network_family:
    description: The family of C(lxd_address). O(address_family) is wider.
    type: string
    choices: [inet, inet6]
    default: inet
  groupby:
    description:
      - Groups by name, each with C(type) (V(location), V(network_range), V(os), V(pattern), V(profile), V(project), V(release),
        V(type), or V(vlanid)) and C(attribute), what it has to be.
      - Accepted for inventories that were written for C(community.general); O(keyed_groups) and O(groups) do more.
    type: dict
  server_check_hostname:
    description:
      - Accepted for inventories that were written for C(community.general), and not used; a pinned certificate needs no hostname.
    type: bool
    default: true
extends_documentation_fragment:
  - fleet.lxd._connection
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
notes:
  - "Each host has these variables: C(lxd_name), C(lxd_remote), C(lxd_project), C(lxd_status), C(lxd_type), C(lxd_architecture),
    C(lxd_description), C(lxd_location), C(lxd_ephemeral), C(lxd_profiles), C(lxd_config) and C(lxd_devices) (with those of the
    profiles), C(lxd_os), C(lxd_release), if addresses are read C(lxd_ipv4) and C(lxd_ipv6) (lists by interface) and C(lxd_address),
    and if O(groupby) asks for them C(lxd_vlan_ids) (by device)."
  - "For playbooks that were written for C(community.general) there are C(ansible_lxd_os), C(ansible_lxd_release),
    C(ansible_lxd_profile), C(ansible_lxd_state), C(ansible_lxd_type), C(ansible_lxd_location), C(ansible_lxd_vlan_ids), and
    C(ansible_lxd_project), as far as they have a value."
  - What a server tells is data, and is never evaluated as a template.
seealso:
  - plugin: fleet.lxd.lxd
    plugin_type: connection
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
# lxd.yml: the server of this machine
plugin: fleet.lxd.lxd

---
# fleet.lxd.yml: two servers, one with all of its projects, groups by a key of theirs
plugin: fleet.lxd.lxd
remotes:
  - big
  - remote: small
    projects: all
filters:
  - lxd_status == 'Running'
keyed_groups:
  - key: lxd_config['user.role'] | default('none')
    prefix: role
groups:
  debian: lxd_os | lower == 'debian'
compose:
  owner: lxd_config['user.owner'] | default('nobody')

---
# ssh.lxd.yml: reached by ssh, at an address of the first network
plugin: fleet.lxd.lxd
url: https://10.77.0.2:8443
server_fingerprint: 3f1d4c8a5b7e9f00112233445566778899aabbccddeeff00112233445566778a
connection: ssh
address_networks: [10.77.0.0/16]
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /tmp/inventory
"""

import typing as t

from ansible.errors import AnsibleParserError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.vars import combine_vars

from ..plugin_utils._compiled import kept

with kept():
    from ..plugin_utils import _groupby, _inventory


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "fleet.lxd.lxd"

    def verify_file(self, path: str) -> bool:
        return super().verify_file(path) and path.endswith(("lxd.yml", "lxd.yaml", "incus.yml", "incus.yaml"))

    @kept()
    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        self._failing: set[str] = set()
        try:
            self._populate(inventory, self._rows(self.get_cache_key(path), cache))
            if self.get_option("connection") == self.NAME:
                _inventory.load_connection(self.NAME)
        except _inventory.Failure as error:
            raise AnsibleParserError(f"{path}: {error}") from error

    def _rows(self, key: str, cache: bool) -> list[dict[str, t.Any]]:
        """The instances, each as its variables; out of the cache if that may be and they are there, read with the same options."""
        asked = _inventory.asked(self.get_option) if self.get_option("cache") else None
        known = self._cache.get(key) if cache and asked else None
        if isinstance(known, dict) and known["asked"] == asked:
            return known["rows"]
        rows, complete = _inventory.read(self.get_option, self.get_option("strict"), self.display.warning)
        if complete and asked:
            self._cache[key] = {"asked": asked, "rows": rows}
        return rows

    def _populate(self, inventory: t.Any, rows: list[dict[str, t.Any]]) -> None:
        strict = self.get_option("strict")
        tests = _groupby.tests(self.get_option("groupby"))
        groups = {inventory.add_group(group): test for group, test in tests.items()}
        chosen = [row for row in rows if self._holds(row)]
        for name, row in _inventory.named(chosen, self._name_of, self.display.warning):
            told = _inventory.variables(row, self.get_option("connection"))
            # Plain data of a server, untrusted and ours: to let the inventory copy each value takes twice as long as all the rest.
            host = inventory.get_host(inventory.add_host(name))
            host.vars = combine_vars(host.vars, told)
            self._set_composite_vars(self.get_option("compose"), told, name, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), told, name, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), told, name, strict=strict)
            for group in (group for group, holds in groups.items() if holds(row)):
                inventory.add_child(group, name)

    def _holds(self, row: dict[str, t.Any]) -> bool:
        """Text of an expression is as true as a user would say: ``"false"`` is not."""
        found = (self._evaluate(expression, "filters", row) for expression in self.get_option("filters"))
        return all(boolean(value, strict=False) if isinstance(value, str) else bool(value) for value in found)

    def _name_of(self, row: dict[str, t.Any]) -> str:
        for expression in self.get_option("hostnames"):
            name = self._evaluate(expression, "hostnames", row)
            if isinstance(name, str) and name:
                return name
        return row["lxd_name"]

    def _evaluate(self, expression: str, option: str, row: dict[str, t.Any]) -> t.Any:
        """:raises AnsibleParserError: if ``strict``; an expression that fails gives None otherwise, for a filter with one warning."""
        try:
            return self._compose(expression, row)
        except Exception as error:
            story = f"{option}: {expression!r} fails for {row['lxd_name']}: {error}"
            if self.get_option("strict"):
                raise AnsibleParserError(story) from error
            if option == "filters" and expression not in self._failing:
                self.display.warning(story)
                self._failing.add(expression)
            return None
