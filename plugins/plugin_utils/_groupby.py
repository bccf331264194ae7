# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The groups of ``groupby``, as inventories for community.general have them."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ..module_utils._errors import InvalidOption

Row = t.Mapping[str, t.Any]


def groups(wishes: t.Mapping[str, t.Any] | None, row: Row) -> list[str]:
    """The names of the groups in which an instance belongs.

    :raises InvalidOption: for a group of no known type.
    """
    return [name for name, wish in (wishes or {}).items() if _holds(name, wish, row)]


def _holds(name: str, wish: t.Any, row: Row) -> bool:
    kind = wish.get("type") if isinstance(wish, dict) else None
    if kind not in _TESTS or "attribute" not in wish:
        raise InvalidOption(f"groupby.{name}", wish, f"expected a type ({', '.join(_TESTS)}) and an attribute")
    return _TESTS[kind](row, wish["attribute"])


def _same(key: str) -> t.Callable[[Row, t.Any], bool]:
    return lambda row, attribute: str(row.get(key) or "").lower() == str(attribute).lower()


def _in_range(row: Row, attribute: t.Any) -> bool:
    try:
        network = ipaddress.ip_network(attribute, strict=False)
    except ValueError as error:
        raise InvalidOption("groupby", attribute, f"expected a network such as 10.0.0.0/8 ({error})") from error
    found = [*row.get("lxd_ipv4", {}).values(), *row.get("lxd_ipv6", {}).values()]
    return any(ipaddress.ip_address(address) in network for listed in found for address in listed)


def _on_vlan(row: Row, attribute: t.Any) -> bool:
    return any(str(device.get("vlan")) == str(attribute) for device in row["lxd_devices"].values())


_TESTS: t.Mapping[str, t.Callable[[Row, t.Any], bool]] = {
    "location": _same("lxd_location"),
    "network_range": _in_range,
    "os": _same("lxd_os"),
    "pattern": lambda row, attribute: bool(re.search(str(attribute), row["lxd_name"])),
    "profile": lambda row, attribute: str(attribute) in row["lxd_profiles"],
    "project": _same("lxd_project"),
    "release": _same("lxd_release"),
    "type": _same("lxd_type"),
    "vlanid": _on_vlan,
}
