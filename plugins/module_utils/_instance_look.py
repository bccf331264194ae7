# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An instance as it is, once it has come to rest."""

from __future__ import annotations

import time

from ._client import Client
from ._instance import TRANSIENT
from ._plan import Current

# Seconds between two looks at what changes by itself.
PAUSE = 0.25


def at_rest(client: Client, name: str, patience: float) -> Current | None:
    """The instance, as soon as nobody else is about to start or stop it."""
    deadline = time.monotonic() + patience
    while (reply := client.get("instances", name)) is not None:
        if reply.metadata.get("status") not in TRANSIENT or time.monotonic() > deadline:
            return Current(reply.metadata, reply.etag)
        time.sleep(PAUSE)
    return None
