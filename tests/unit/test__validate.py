# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.fleet.lxd.plugins.module_utils import _validate
from ansible_collections.fleet.lxd.plugins.module_utils._errors import LxdError
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply
from ansible_collections.fleet.lxd.plugins.module_utils._schemas.lxd import KEYS


def section(**kinds: str) -> dict[str, t.Any]:
    return {"keys": [{key.replace("__", "."): {"type": kind}} for key, kind in kinds.items()]}


# Each server names things in its own way.
INCUS = {
    "instance": {"boot": section(boot__autostart="bool")},
    "kernel": {"limits": section(linux__sysctl="string")},
    "devices": {
        "disk": section(path="string", readonly="bool"),
        "nic_bridged": section(network="string", mtu="integer"),
        "nic_ovn": section(acceleration="string"),
        "gpu_physical": section(pci="string"),
        "unix-char-block": section(major="integer"),
    },
    "storage_dir": {"common": section(source="string")},
    "storage_volume_dir": {"common": section(size="string")},
}
LXD = {
    "device-disk": {"device-conf": section(path="string", readonly="bool")},
    "device-nic-bridged": {"device-conf": section(network="string", mtu="integer")},
    "device-unix-usb": {"device-conf": section(vendorid="string")},
    "network-acl": {"acl-properties": section(egress="rule list")},
    "storage-dir": {"pool-conf": section(source="string"), "volume-conf": section(size="string")},
    "storage-zfs": {"bucket-conf": section(size="string")},
}


class Server:
    """It documents these, or nothing, as LXD 5.0 does."""

    def __init__(self, configs: t.Mapping[str, t.Any] | None) -> None:
        self.configs, self.asked = configs, 0

    def has(self, extension: str) -> bool:
        assert extension == "metadata_configuration"
        return self.configs is not None

    def get(self, *path: str) -> Reply:
        self.asked += 1
        if path[0] == "storage-pools":
            return Reply({"driver": "dir"})
        return Reply({"configs": self.configs})


def warnings(server: Server, entity: str, params: dict[str, t.Any], there: dict[str, t.Any] | None = None) -> list[str]:
    told: list[str] = []
    _validate.options(Context(t.cast(t.Any, server), False, told.append), entity, {"validate": "warn", **params}, there)
    return told


SERVERS: t.Mapping[str, t.Any] = {"incus": INCUS, "lxd": LXD, "lxd 5.0": None}
ROWS = yaml.safe_load((pathlib.Path(__file__).parent / "validate.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", [pytest.param(row, id=row["it"]) for row in ROWS])
def test_faults(row: dict[str, t.Any]) -> None:
    """``given`` is what a task says of an ``entity``, ``there`` what the server has already, and ``faults`` what is told."""
    found = warnings(Server(SERVERS[row["server"]]), row["entity"], row["given"], row.get("there"))
    assert found == row.get("faults", [])


def test_all_faults_at_once_where_it_is_strict() -> None:
    params = {"config": {"boot.autostart": "yep"}, "devices": {"d": {"type": "disk", "pth": "/"}}, "validate": "strict"}
    with pytest.raises(LxdError, match="^config.boot.autostart: 'yep' is not valid.*; devices.d.pth: the server does not know"):
        warnings(Server(INCUS), "instance", params)


@pytest.mark.parametrize("params", [{"config": {"x": 1}, "validate": "off"}, {}, {"config": {"user.x": 1}, "devices": {"d": None}}])
def test_nothing_is_asked_for_nothing(params: dict[str, t.Any]) -> None:
    server = Server(INCUS)
    assert warnings(server, "instance", params) == []
    assert server.asked == 0


def test_a_volume_is_as_the_driver_of_its_pool() -> None:
    assert _validate.in_pool("volume")(t.cast(t.Any, Server(INCUS)), {"pool": "fast"}) == "storage_volume_dir"


def test_the_shipped_keys_are_of_all_that_lxd_5_0_runs() -> None:
    kinds = {name.partition("_")[0] for name in KEYS}
    assert kinds == {"instance", "project", "server", "network", "storage", "device"}
    assert {"device_nic_bridged", "device_nic_ovn", "device_unix_char", "storage_volume_btrfs", "network_physical"} <= set(KEYS)
    assert "parent" in KEYS["device_nic_macvlan"] and "ipv4.nat" in KEYS["network_bridge"]
