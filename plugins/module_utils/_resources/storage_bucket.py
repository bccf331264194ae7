# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage buckets, which speak S3."""

from __future__ import annotations

from .. import _validate
from .._resource import CONFIG, DESCRIPTION, Resource

STORAGE_BUCKET = Resource(
    kind="storage_bucket",
    schema=_validate.in_pool("bucket"),
    collection="storage-pools/{pool}/buckets",
    fields=(CONFIG, DESCRIPTION),
    targeted=True,
    extension="storage_buckets",
    reveals="credentials",
)
