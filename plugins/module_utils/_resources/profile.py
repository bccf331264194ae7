# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles."""

from __future__ import annotations

from .._resource import CONFIG, DESCRIPTION, DEVICES, Resource

# ``merge_profile`` of community.general chooses between its two ways to lose keys; here both mean to merge.
PROFILE = Resource(
    kind="profile",
    schema="instance",
    collection="profiles",
    fields=(CONFIG, DESCRIPTION, DEVICES),
    renames=True,
    options={"merge_profile": {"type": "bool"}},
)
