# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage pools."""

from __future__ import annotations

from .._resource import CONFIG, DESCRIPTION, Field, Resource

STORAGE_POOL = Resource(
    kind="storage_pool",
    schema="storage_{driver}",
    collection="storage-pools",
    fields=(CONFIG, DESCRIPTION, Field("driver", {"type": "str"}, create_only=True)),
)
