# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Projects."""

from __future__ import annotations

from .._resource import CONFIG, DESCRIPTION, Resource

# ``merge_project`` of community.general never changed a key; merging is the only way here.
PROJECT = Resource(
    kind="project",
    schema="project",
    collection="projects",
    fields=(CONFIG, DESCRIPTION),
    renames=True,
    extension="projects",
    options={"merge_project": {"type": "bool"}},
)
