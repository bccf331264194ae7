# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNS zones that the server hands out to name servers."""

from __future__ import annotations

from .._resource import CONFIG, DESCRIPTION, Resource

NETWORK_ZONE = Resource(
    kind="network_zone",
    collection="network-zones",
    fields=(CONFIG, DESCRIPTION),
    extension="network_dns",
    schema="network_zone",
)
