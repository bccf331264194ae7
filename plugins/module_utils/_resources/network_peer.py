# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes between two OVN networks that do not leave OVN."""

from __future__ import annotations

from .._resource import CONFIG, DESCRIPTION, Field, Resource

NETWORK_PEER = Resource(
    kind="network_peer",
    collection="networks/{network}/peers",
    fields=(
        CONFIG,
        DESCRIPTION,
        Field("type", {"type": "str", "choices": ["local", "remote"]}, create_only=True),
        Field("target_project", {"type": "str"}, create_only=True),
        Field("target_network", {"type": "str"}, create_only=True),
        Field("target_integration", {"type": "str"}, create_only=True),
    ),
    extension="network_peer",
    schema="network_peer",
)
