# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Groups of identities, and what they may do."""

from __future__ import annotations

import typing as t

from .._resource import DESCRIPTION, Field, Resource, entries, unordered

_PERMISSIONS: t.Mapping[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {key: {"type": "str", "required": True} for key in ("entity_type", "url", "entitlement")},
}

AUTH_GROUP = Resource(
    kind="auth_group",
    collection="auth/groups",
    fields=(DESCRIPTION, Field("permissions", _PERMISSIONS, entries(), unordered)),
    renames=True,
    extension="access_management",
)
