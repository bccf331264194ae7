# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What inventories for community.general have: the groups of ``groupby``, and variables under names of old."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ..module_utils._errors import InvalidOption

Row = t.Mapping[str, t.Any]


def tests(wishes: t.Mapping[str, t.Any] | None) -> dict[str, t.Callable[[Row], bool]]:
    """Group -> whether an instance belongs in it.

    :raises InvalidOption: for a group of no known type, or whose attribute cannot be one.
    """
    return {name: _test(name, wish) for name, wish in (wishes or {}).items()}


def variables(row: Row) -> dict[str, t.Any]:
    """What has a value, of the variables that those inventories set."""
    location = row["lxd_location"]
    told = {
        "os": (row["lxd_os"] or "").lower(),
        "release": (row["lxd_release"] or "").lower(),
        "profile": row["lxd_profiles"],
        "state": (row["lxd_status"] or "").lower(),
        "type": row["lxd_type"],
        "location": None if location == "none" else location,
        "vlan_ids": row.get("lxd_vlan_ids"),
    }
    return {f"ansible_lxd_{name}": value for name, value in told.items() if value}


def _test(name: str, wish: t.Any) -> t.Callable[[Row], bool]:
    kind = str(wish.get("type")) if isinstance(wish, dict) else ""
    if kind not in _TESTS or "attribute" not in wish:
        raise InvalidOption(f"groupby.{name}", wish, f"expected a type ({', '.join(_TESTS)}) and an attribute")
    attribute = str(wish["attribute"])
    try:
        return _TESTS[kind](attribute)
    except (ValueError, re.error) as error:
        raise InvalidOption(f"groupby.{name}", attribute, f"expected {_EXPECTED[kind]} ({error})") from error


def _same(key: str) -> t.Callable[[str], t.Callable[[Row], bool]]:
    return lambda attribute: lambda row: str(row.get(key) or "").lower() == attribute.lower()


def _in_range(attribute: str) -> t.Callable[[Row], bool]:
    network = ipaddress.ip_network(attribute, strict=False)

    def holds(row: Row) -> bool:
        found = [*row.get("lxd_ipv4", {}).values(), *row.get("lxd_ipv6", {}).values()]
        return any(ipaddress.ip_address(address) in network for listed in found for address in listed)

    return holds


def _matching(attribute: str) -> t.Callable[[Row], bool]:
    pattern = re.compile(attribute)
    return lambda row: bool(pattern.search(row["lxd_name"]))


_EXPECTED = {"network_range": "a network such as 10.0.0.0/8", "pattern": "a regular expression"}
_TESTS: t.Mapping[str, t.Callable[[str], t.Callable[[Row], bool]]] = {
    "location": _same("lxd_location"),
    "network_range": _in_range,
    "os": _same("lxd_os"),
    "pattern": _matching,
    "profile": lambda attribute: lambda row: attribute.lower() in map(str.lower, row["lxd_profiles"]),
    "project": _same("lxd_project"),
    "release": _same("lxd_release"),
    "type": _same("lxd_type"),
    "vlanid": lambda attribute: lambda row: attribute in map(str, row.get("lxd_vlan_ids", {}).values()),
}
