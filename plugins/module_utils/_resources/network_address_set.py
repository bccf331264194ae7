# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Named sets of addresses for the rules of ACLs."""

from __future__ import annotations

from .._resource import CONFIG, DESCRIPTION, Field, Resource, unordered

NETWORK_ADDRESS_SET = Resource(
    kind="network_address_set",
    collection="network-address-sets",
    fields=(CONFIG, DESCRIPTION, Field("addresses", {"type": "list", "elements": "str"}, merge=unordered)),
    renames=True,
    extension="network_address_set",
    schema="network_address_set",
)
