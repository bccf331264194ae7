# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys with which clients use a storage bucket."""

from __future__ import annotations

from .._resource import DESCRIPTION, Field, Resource

STORAGE_BUCKET_KEY = Resource(
    kind="storage_bucket_key",
    collection="storage-pools/{pool}/buckets/{bucket}/keys",
    fields=(
        DESCRIPTION,
        Field("role", {"type": "str", "choices": ["admin", "read-only"]}),
        Field("access-key", {"type": "str", "no_log": False}),
        Field("secret-key", {"type": "str"}, secret=True),
    ),
    targeted=True,
    extension="storage_buckets",
    reveals="credentials",
)
