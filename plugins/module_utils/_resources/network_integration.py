# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections of the server to the OVN of others."""

from __future__ import annotations

from .._resource import CONFIG, DESCRIPTION, Field, Resource

NETWORK_INTEGRATION = Resource(
    kind="network_integration",
    collection="network-integrations",
    fields=(CONFIG, DESCRIPTION, Field("type", {"type": "str", "choices": ["ovn"]}, create_only=True)),
    renames=True,
    extension="network_integrations",
    schema="network_integration",
)
