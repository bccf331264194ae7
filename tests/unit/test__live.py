# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils._live import stale
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply

TOLD = {
    "resource-limits": {"keys": [{"limits.cpu": {"liveupdate": "yes"}}, {"limits.odd": {"liveupdate": "no"}}]},
    "security": {
        "keys": [{"security.nesting": {"liveupdate": "yes"}}, {"security.privileged": {"liveupdate": "no"}}, {"security.vague": {}}]
    },
    "kernel": {"keys": [{"linux.sysctl.*": {"liveupdate": "no"}}]},
}


class Telling:
    """A server that tells (or not) which keys apply live."""

    def __init__(self, tells: bool) -> None:
        self.tells = tells
        self.asked = 0

    def has(self, _extension: str) -> bool:
        return self.tells

    def get(self, *path: str) -> Reply:
        assert path == ("metadata", "configuration")
        self.asked += 1
        return Reply({"configs": {"instance": TOLD}})


@pytest.mark.parametrize(
    ("keys", "old_server", "new_server"),
    [
        ({"limits.cpu", "limits.memory", "user.role", "environment.A"}, set(), set()),
        ({"security.nesting"}, {"security.nesting"}, set()),
        ({"security.privileged", "limits.cpu"}, {"security.privileged"}, {"security.privileged"}),
        ({"limits.odd"}, set(), {"limits.odd"}),
        ({"linux.sysctl.net.ipv4.ip_forward"}, {"linux.sysctl.net.ipv4.ip_forward"}, {"linux.sysctl.net.ipv4.ip_forward"}),
        ({"cloud-init.user-data"}, {"cloud-init.user-data"}, {"cloud-init.user-data"}),
        ({"security.syscalls.intercept.mknod"}, {"security.syscalls.intercept.mknod"}, {"security.syscalls.intercept.mknod"}),
        ({"boot.autostart", "snapshots.schedule", "cluster.evacuate", "migration.stateful"}, set(), set()),
        ({"volatile.eth0.hwaddr"}, set(), set()),
    ],
)
def test_stale(keys: set[str], old_server: set[str], new_server: set[str]) -> None:
    assert stale(t.cast(t.Any, Telling(False)), keys) == old_server
    assert stale(t.cast(t.Any, Telling(True)), keys) == new_server


def test_nothing_is_asked_when_nothing_could_be_stale() -> None:
    server = Telling(True)
    assert stale(t.cast(t.Any, server), set()) == set()
    assert stale(t.cast(t.Any, server), {"boot.autostart"}) == set()
    assert server.asked == 0
