# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Snapshots of the storage volumes that users made."""

from __future__ import annotations

import typing as t

from .. import _snapshot
from .._client import Client
from .._resource import DESCRIPTION, Resource


def _look(client: Client, params: t.Mapping[str, t.Any], *_there: t.Any) -> t.Mapping[str, t.Any]:
    return _snapshot.look(STORAGE_VOLUME_SNAPSHOT, client, params)


STORAGE_VOLUME_SNAPSHOT = Resource(
    kind="storage_volume_snapshot",
    collection="storage-pools/{pool}/volumes/custom/{volume}/snapshots",
    fields=(DESCRIPTION, _snapshot.EXPIRES_AT),
    renames=True,
    targeted=True,
    options=_snapshot.OPTIONS,
    look=_look,
    plan=_snapshot.plan_snapshot,
)
