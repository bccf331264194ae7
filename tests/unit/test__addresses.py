# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils._addresses import addresses, interfaces


def address(value: str, family: str = "inet", scope: str = "global") -> dict[str, str]:
    return {"address": value, "family": family, "scope": scope, "netmask": "24"}


STATE = {
    "network": {
        "lo": {"type": "loopback", "hwaddr": "", "addresses": [address("127.0.0.1", scope="local"), address("10.9.9.9")]},
        "enp5s0": {
            "type": "broadcast",
            "hwaddr": "00:16:3e:00:00:01",
            "addresses": [address("10.0.0.5"), address("fe80::1", "inet6", "link"), address("fd42::5", "inet6")],
        },
        "docker0": {"type": "broadcast", "hwaddr": "02:42:00:00:00:01", "addresses": [address("172.17.0.1")]},
        "veth1": {"type": "broadcast", "hwaddr": "", "addresses": []},
        "eth1": {"type": "broadcast", "hwaddr": "", "addresses": None},
    }
}


def test_only_global_addresses_of_real_interfaces() -> None:
    assert addresses(STATE) == {"enp5s0": ["10.0.0.5"], "docker0": ["172.17.0.1"]}
    assert addresses(STATE, "ipv6") == {"enp5s0": ["fd42::5"]}


@pytest.mark.parametrize("state", [None, {}, {"network": None}, {"network": {}}])
def test_a_stopped_instance_has_none(state: t.Any) -> None:
    assert addresses(state) == {}
    assert interfaces({"expanded_devices": {"eth0": {"type": "nic"}}}, state) == {}


def test_a_nic_is_known_by_its_hardware_address_wherever_it_is_told() -> None:
    told = {"expanded_devices": {"eth0": {"type": "nic", "hwaddr": "00:16:3e:00:00:01"}}}
    volatile = {"expanded_devices": {"eth0": {"type": "nic"}}, "config": {"volatile.eth0.hwaddr": "00:16:3e:00:00:01"}}
    expanded = {"expanded_devices": {"eth0": {"type": "nic"}}, "expanded_config": {"volatile.eth0.hwaddr": "00:16:3e:00:00:01"}}
    for entity in (told, volatile, expanded):
        assert interfaces(entity, STATE) == {"eth0": "enp5s0"}


def test_a_nic_without_a_known_hardware_address_is_known_by_its_name() -> None:
    entity = {
        "expanded_devices": {
            "lan": {"type": "nic", "name": "eth1"},
            "wan": {"type": "nic"},
            "eth1": {"type": "nic"},
            "root": {"type": "disk"},
        },
        "config": {"volatile.wan.name": "veth1"},
    }
    assert interfaces(entity, STATE) == {"lan": "eth1", "wan": "veth1", "eth1": "eth1"}


def test_an_instance_without_devices_has_no_interfaces() -> None:
    assert interfaces({}, STATE) == {}
    assert interfaces({"expanded_devices": None}, STATE) == {}
