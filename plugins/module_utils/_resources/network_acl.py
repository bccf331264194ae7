# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access control lists of networks."""

from __future__ import annotations

import typing as t

from .._resource import CONFIG, DESCRIPTION, Field, Resource, entries, spaceless, stripped, unordered

_LISTS = ("source", "destination", "source_port", "destination_port")
_TIDY = {**dict.fromkeys(_LISTS, spaceless), "description": stripped}
_ACTIONS = ["allow", "allow-stateless", "drop", "reject"]
_RULES: t.Mapping[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "action": {"type": "str", "choices": _ACTIONS, "required": True},
        "state": {"type": "str", "choices": ["enabled", "disabled", "logged"], "default": "enabled"},
        **{key: {"type": "str"} for key in ("description", "protocol", "icmp_type", "icmp_code", *_LISTS)},
    },
}

# The servers sort the rules by their action: their order means nothing.
NETWORK_ACL = Resource(
    kind="network_acl",
    collection="network-acls",
    fields=(
        CONFIG,
        DESCRIPTION,
        Field("ingress", _RULES, entries(_TIDY, state="enabled"), unordered),
        Field("egress", _RULES, entries(_TIDY, state="enabled"), unordered),
    ),
    renames=True,
    extension="network_acl",
    schema="network_acl",
)
