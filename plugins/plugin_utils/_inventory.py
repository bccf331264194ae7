# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances of servers as hosts: which servers, what is asked of them, and what a host is told of its instance."""

from __future__ import annotations

import collections
import concurrent.futures
import fnmatch
import functools
import hashlib
import ipaddress
import json
import re
import sys
import typing as t

from ansible.plugins.loader import connection_loader
from ansible.template import trust_as_template
from ansible.utils.path import unfrackpath

from ..module_utils._addresses import addresses
from ..module_utils._client import Client
from ..module_utils._errors import InvalidOption, LxdError, MissingLibrary, Refused
from ..module_utils._messages import Request
from ..module_utils._options import SPEC, Remote
from . import _groupby

Get = t.Callable[[str], t.Any]
Row = dict[str, t.Any]

# How many servers are read at once, and of how many instances of one the states.
_SERVERS, _STATES = 16, 4

# What an expression has to mention for addresses to be worth their price.
_ABOUT_ADDRESSES = ("lxd_ipv4", "lxd_ipv6", "lxd_address", "ansible_host")

# Options of which an entry of ``remotes`` has the say over all once it gives one, and those that are paths.
_PLACES, _PINS = frozenset({"url", "remote", "snap_url"}), frozenset({"server_cert", "server_fingerprint"})
_PATHS = ("client_cert", "client_key", "server_cert")

# What host variables say of the way to a server, out of the user's own file.
_WAYS = frozenset(f"ansible_lxd_{option}" for option in ("remote", "url", *_PATHS, "server_fingerprint"))

# Statuses with which an instance has addresses.
_RUNNING = ("Running", "Ready", "Frozen")

# Names that mean more to Ansible than an instance.
_RESERVED = frozenset({"all", "ungrouped", "localhost", "127.0.0.1", "::1"})

# Words of the API itself, whoever made the instance: only they are trusted of what a server tells, as any other could be an expression.
_WORDS = frozenset(
    "Running Stopped Frozen Error Ready running stopped frozen error ready container virtual-machine x86_64 aarch64 armv7l i686 "
    "default none disk nic /".split() + [""]
)

Failure = LxdError


def read(get: Get, strict: bool, warn: t.Callable[[str], None]) -> tuple[list[Row], bool]:
    """All instances of all servers, sorted; and whether every server could be read.

    :raises LxdError: for options that are wrong, for a server that can't be read if ``strict``, and if none can be.
    """
    wanted = _Wanted(get)
    rows: list[Row] = []
    failures: list[str] = []
    sources = [_overlaid(get, entry) for entry in get("remotes") or [{}]]
    for source in sources:
        _check_projects(source("projects"))
    with concurrent.futures.ThreadPoolExecutor(min(_SERVERS, len(sources))) as pool:
        for task in [pool.submit(_server, source, wanted) for source in sources]:
            try:
                rows += task.result()
            except MissingLibrary:
                raise
            except LxdError as error:
                if strict:
                    raise
                failures.append(str(error))
    if len(failures) == len(sources):
        raise LxdError("; ".join(failures))
    for failure in failures:
        warn(f"No instances from a server: {failure}")
    return sorted(rows, key=lambda row: (row["lxd_remote"] or "", row["lxd_project"], row["lxd_name"])), not failures


def _overlaid(get: Get, entry: t.Any) -> Get:
    """The options for one entry of ``remotes``: its own before those of the file; where it is, it says alone."""
    given = {"remote": entry} if isinstance(entry, str) else entry
    known = {*SPEC, "projects"}
    if not isinstance(given, dict) or not set(given) <= known:
        raise InvalidOption("remotes", entry, f"expected the name of a remote, or a mapping of {', '.join(sorted(known))}")
    mine = {option: None for kind in (_PLACES, _PINS) if given.keys() & kind for option in kind}
    mine.update(given)
    mine.update({option: unfrackpath(given[option]) for option in _PATHS if given.get(option)})
    return lambda option: mine[option] if option in mine else get(option)


class _Wanted:
    """What the options ask for, beside the servers."""

    def __init__(self, get: Get) -> None:
        self.status = None if get("state") == "none" else get("state").capitalize()
        self.type = None if get("type_filter") == "both" else get("type_filter")
        self.addresses = get("addresses") == "always" or (get("addresses") == "auto" and _mentions_addresses(get))
        self.interfaces = get("address_interfaces") or [f"{get('prefered_instance_network_interface')}*", "*"]
        self.family = get("address_family") or {"inet": "ipv4", "inet6": "ipv6"}[get("prefered_instance_network_family")]
        self.networks = [_network(network) for network in get("address_networks")]
        self.vlans = any(group.get("type") == "vlanid" for group in (get("groupby") or {}).values())

    def takes(self, entity: t.Mapping[str, t.Any]) -> bool:
        return self.status in (None, entity.get("status")) and self.type in (None, entity.get("type"))


def _mentions_addresses(get: Get) -> bool:
    """Whether anything in the file needs them."""
    if get("connection") == "ssh" or any(group.get("type") == "network_range" for group in (get("groupby") or {}).values()):
        return True
    asked = str([get(option) for option in ("compose", "groups", "keyed_groups", "filters", "hostnames")])
    return any(name in asked for name in _ABOUT_ADDRESSES)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise InvalidOption("address_networks", text, f"expected a network such as 10.0.0.0/8 ({error})") from error


def _server(get: Get, wanted: _Wanted) -> list[Row]:
    with Client(Remote.read(get)) as client:
        client.require_trust()
        way = _way(client.remote, get)
        rows = []
        for query in _queries(get("projects"), client):
            vlans = _vlans(client, query) if wanted.vlans else {}
            rows += [{**_row(client, entity, wanted, vlans), **way} for entity in _instances(client, query, wanted)]
        return rows


def _vlans(client: Client, query: t.Mapping[str, str]) -> dict[str, str]:
    """Of each network that is one, its id."""
    project = {key: value for key, value in query.items() if key == "project"}
    networks = client.send(Request("GET", ("networks",), query={**project, "recursion": "1"})).metadata
    return {network["name"]: network["config"]["vlan"] for network in networks if (network.get("config") or {}).get("vlan")}


def _check_projects(projects: t.Any) -> None:
    named = isinstance(projects, list) and projects and all(isinstance(project, str) for project in projects)
    if projects not in (None, "all") and not named:
        raise InvalidOption("projects", projects, "expected a list of the names of projects, or all")


def _queries(projects: t.Any, client: Client) -> list[dict[str, str]]:
    if projects is None:
        return [{"project": client.remote.project or "default"}]
    if projects == "all":
        return [{"all-projects": "true"}]
    return [{"project": project} for project in projects]


def _instances(client: Client, query: dict[str, str], wanted: _Wanted) -> list[dict[str, t.Any]]:
    """One request, and one for each running instance if addresses are wanted that the server does not give at once."""
    at_once = wanted.addresses and client.has("instances_state_selective_recursion")
    recursion = "2;fields=state.network" if at_once else "1"
    entities = client.send(Request("GET", ("instances",), query={**query, "recursion": recursion})).metadata
    if not entities and "project" in query:
        client.require_project(query["project"])
    entities = [entity for entity in entities if wanted.takes(entity)]
    if wanted.addresses and not at_once:
        running = [entity for entity in entities if entity.get("status") in _RUNNING]
        with concurrent.futures.ThreadPoolExecutor(_STATES) as pool:
            states = pool.map(lambda entity: _state(client, entity), running)
            for entity, state in zip(running, states):
                entity["state"] = state
    return entities


def _state(client: Client, entity: t.Mapping[str, t.Any]) -> t.Any:
    """None for an instance that has gone since, or that is too broken to tell."""
    project = entity.get("project") or client.remote.project or "default"
    try:
        reply = client.get("instances", entity["name"], "state", project=project)
    except Refused:
        return None
    return reply.metadata if reply else None


def _row(client: Client, entity: t.Mapping[str, t.Any], wanted: _Wanted, vlans: t.Mapping[str, str]) -> Row:
    devices = entity.get("expanded_devices") or {}
    config = entity.get("expanded_config") or {}
    remote = client.remote
    row: Row = {
        "lxd_name": entity["name"],
        "lxd_remote": remote.name,
        "lxd_project": entity.get("project") or remote.project or "default",
        "lxd_status": entity.get("status"),
        "lxd_type": entity.get("type"),
        "lxd_architecture": entity.get("architecture"),
        "lxd_description": entity.get("description") or "",
        "lxd_location": entity.get("location"),
        "lxd_ephemeral": entity.get("ephemeral", False),
        "lxd_profiles": entity.get("profiles") or [],
        "lxd_config": {key: value for key, value in config.items() if not key.startswith(("volatile.", "image."))},
        "lxd_devices": devices,
        "lxd_os": config.get("image.os"),
        "lxd_release": config.get("image.release"),
    }
    if wanted.vlans:
        found = {name: device.get("vlan") or vlans.get(device.get("network", "")) for name, device in devices.items()}
        row["lxd_vlan_ids"] = {name: int(str(vlan)) for name, vlan in found.items() if str(vlan).isdigit()}
    if wanted.addresses:
        state = entity.get("state")
        row.update(lxd_ipv4=addresses(state, "ipv4"), lxd_ipv6=addresses(state, "ipv6"), lxd_address=_address(state, wanted))
    return row


def _way(remote: Remote, get: Get) -> Row:
    """How the connection gets to the server: the options of the same names, never a secret.

    Either place is said to be none: what a group says of it would clash with the other.
    """
    place = {"remote": remote.name, "url": None if remote.name else remote.url or f"unix:{remote.socket}"}
    # What belongs to a named remote it finds there itself.
    files = {option: get(option) if remote.name else getattr(remote, option) for option in ("client_cert", "client_key", *sorted(_PINS))}
    known = {**place, **{option: value for option, value in files.items() if value}}
    return {f"ansible_lxd_{option}": value for option, value in known.items()}


def _address(state: t.Any, wanted: _Wanted) -> str | None:
    """The first that fits, by the order of the interfaces; None if none does."""
    families = ("ipv4", "ipv6") if wanted.family == "any" else (wanted.family,)
    for pattern in wanted.interfaces:
        for family in families:
            for interface, listed in sorted(addresses(state, family).items()):
                fitting = [a for a in listed if fnmatch.fnmatch(interface, pattern) and _within(a, wanted.networks)]
                if fitting:
                    return fitting[0]
    return None


def _within(address: str, networks: t.Sequence[t.Any]) -> bool:
    return not networks or any(ipaddress.ip_address(address) in network for network in networks)


def variables(row: Row, connection: str) -> Row:
    """What a host is told. What is trusted, ``ansible-inventory`` shows as it is."""
    ours = {name: _trusted(value) for name, value in row.items() if name in _WAYS and value}
    told = {**row, "ansible_lxd_host": row["lxd_name"], "ansible_lxd_project": row["lxd_project"], **_groupby.variables(row)}
    if connection == "ssh" and row.get("lxd_address"):
        told["ansible_host"] = row["lxd_address"]
    known = {"ansible_connection": _trusted(connection)} if connection != "none" else {}
    return {**{name: _plain(value) for name, value in told.items()}, **ours, **known}


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return _trusted(value) if value in _WORDS else value
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


_trusted = functools.cache(trust_as_template)


def named(rows: t.Sequence[Row], name_of: t.Callable[[Row], str], warn: t.Callable[[str], None]) -> t.Iterator[tuple[str, Row]]:
    """Each row with the name of its host; those that would share one, or have one that Ansible knows, get their project and server added.

    Instances of one project whose ``hostnames`` are the same get their own names as well.

    :raises LxdError: when they still share it: their server was named twice.
    """
    names = [name_of(row) for row in rows]
    for name, times in sorted(collections.Counter(names).items()):
        if times > 1:
            warn(f"{times} instances would be the host {name}: their project and server are added; hostnames gives names of your own")
        elif name in _RESERVED:
            warn(f"An instance would be the host {name}, which Ansible takes for another: its project and server are added")
    names = _told_apart(names, [f"{name}.{row['lxd_project']}.{_server_of(row)}" for name, row in zip(names, rows)])
    names = _told_apart(names, [f"{row['lxd_name']}.{name}" for name, row in zip(names, rows)])
    for name, times in collections.Counter(names).items():
        if times > 1:
            raise LxdError(f"{times} instances would be the host {name}: name their server once")
    yield from zip(names, rows)


def _told_apart(names: t.Sequence[str], longer: t.Sequence[str]) -> list[str]:
    """The longer name for those that share one, or have one that is reserved."""
    count = collections.Counter(names)
    return [other if count[name] > 1 or name in _RESERVED else name for name, other in zip(names, longer)]


def load_connection(name: str) -> None:
    """Import the connection of the hosts, if plays are to be run on them: else each task would, in a process of its own."""
    if "ansible.executor.task_queue_manager" in sys.modules:
        connection_loader.get(name, class_only=True)


def asked(get: Get) -> str:
    """A digest of all that the rows depend on: what was kept of other options is of no use."""
    options = [get(option) for option in ("remotes", "projects", "project", *sorted({*_PLACES, *_PINS, *_PATHS}))]
    return hashlib.sha256(json.dumps([options, vars(_Wanted(get))], default=str, sort_keys=True).encode()).hexdigest()


def _server_of(row: Row) -> str:
    """The remote, or the address in the characters of a host name."""
    return row["lxd_remote"] or re.sub(r"[^A-Za-z0-9.]+", "-", re.sub(r"^(https://|unix:/*)", "", row["ansible_lxd_url"]))
