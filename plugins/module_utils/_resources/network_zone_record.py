# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of a DNS zone beside those of its instances."""

from __future__ import annotations

import typing as t

from .._resource import CONFIG, DESCRIPTION, Field, Resource, entries, unordered

_ENTRIES: t.Mapping[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {"type": {"type": "str", "required": True}, "value": {"type": "str", "required": True}, "ttl": {"type": "int"}},
}

NETWORK_ZONE_RECORD = Resource(
    kind="network_zone_record",
    collection="network-zones/{zone}/records",
    fields=(CONFIG, DESCRIPTION, Field("entries", _ENTRIES, entries(), unordered)),
    extension="network_dns_records",
)
