# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What groups of an identity provider are to the server."""

from __future__ import annotations

from .._resource import Field, Resource, unordered

AUTH_IDENTITY_PROVIDER_GROUP = Resource(
    kind="auth_identity_provider_group",
    collection="auth/identity-provider-groups",
    fields=(Field("groups", {"type": "list", "elements": "str"}, merge=unordered),),
    renames=True,
    extension="access_management",
)
