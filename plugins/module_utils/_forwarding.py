# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What network forwards and load balancers have in common: addresses and ports, as the servers write them."""

from __future__ import annotations

import ipaddress
import typing as t

from ._errors import InvalidOption
from ._resource import Field, merge, spaceless, stripped, text_map

_TARGET = "target_address"


def address(option: str, value: str) -> str:
    """:raises InvalidOption: for what is none."""
    try:
        found = ipaddress.ip_address(value.strip())
    except ValueError:
        raise InvalidOption(option, value, "expected an address, IPv4 or IPv6") from None
    return str(getattr(found, "ipv4_mapped", None) or found)


def _config(option: str, value: t.Mapping[str, t.Any]) -> dict[str, str | None]:
    config = text_map(option, value)
    target = config.get(_TARGET)
    return {**config, _TARGET: address(f"{option}.{_TARGET}", target)} if target else config


CONFIG = Field("config", {"type": "dict"}, _config, merge)

# For ``entries``.
PORTS: t.Mapping[str, t.Callable[[str, t.Any], t.Any]] = {
    "listen_port": spaceless,
    "target_port": spaceless,
    _TARGET: address,
    "description": stripped,
}
