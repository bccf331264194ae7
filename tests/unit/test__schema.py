# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _schema
from ansible_collections.fleet.lxd.plugins.module_utils._schemas.lxd import KEYS

KNOWN = {
    "limits.memory": "string",
    "boot.autostart": "bool",
    "limits.processes": "integer",
    "user.*": "string",
    "volatile.<name>.hwaddr": "string",
    "limits.disk.pool.POOL_NAME": "string",
    "limits.hugepages.1GB": "string",
}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"limits.memory": "1GiB", "boot.autostart": "true", "limits.processes": "5"},
        {"limits.memory": None, "boot.autostart": None, "limits.processes": ""},
        {"user.anything.at-all": "x", "volatile.eth0.hwaddr": "x", "limits.disk.pool.fast": "1GiB", "limits.hugepages.1GB": "1"},
    ],
)
def test_what_is_known_is_no_fault(given):
    assert _schema.faults("config", given, KNOWN) == []


@pytest.mark.parametrize(
    "given, fault",
    [
        ({"limits.memry": "1GiB"}, "config.limits.memry: the server does not know this key, did you mean limits.memory?"),
        ({"quite.another": "x"}, "config.quite.another: the server does not know this key"),
        ({"boot.autostart": "yep"}, "config.boot.autostart: 'yep' is not valid: expected true or false"),
        ({"limits.processes": "many"}, "config.limits.processes: 'many' is not valid: expected a whole number"),
    ],
)
def test_a_fault_is_told_with_its_path(given, fault):
    assert _schema.faults("config", given, KNOWN) == [fault]


def test_all_faults_are_told_at_once():
    found = _schema.faults("config", {"limits.memry": "x", "boot.autostart": "yep", "limits.processes": "x"}, KNOWN)
    assert len(found) == 3


def test_the_shipped_keys_hold_what_everybody_uses():
    assert {"limits.cpu", "limits.memory", "security.nesting", "boot.autostart", "user.*"} <= set(KEYS["instance"])
    assert {"core.https_address", "images.auto_update_interval"} <= set(KEYS["server"])
    assert {"features.images", "limits.containers"} <= set(KEYS["project"])
