# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Snapshots of instances."""

from __future__ import annotations

import typing as t

from .. import _snapshot
from .._client import Client
from .._resource import Field, Resource


def _look(client: Client, params: t.Mapping[str, t.Any], *_there: t.Any) -> t.Mapping[str, t.Any]:
    return _snapshot.look(SNAPSHOT, client, params)


SNAPSHOT = Resource(
    kind="snapshot",
    collection="instances/{instance}/snapshots",
    fields=(_snapshot.EXPIRES_AT, Field("stateful", {"type": "bool"}, create_only=True)),
    renames=True,
    options=_snapshot.OPTIONS,
    look=_look,
    plan=_snapshot.plan_snapshot,
)
