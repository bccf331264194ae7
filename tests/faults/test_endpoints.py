# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of endpoints that modules are counted against is what the servers at hand really have."""

from __future__ import annotations

import pathlib

import pytest
import yaml

from ansible_collections.fleet.lxd.plugins.module_utils._client import Client
from ansible_collections.fleet.lxd.plugins.module_utils._errors import LxdError
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Request
from ansible_collections.fleet.lxd.plugins.module_utils._options import Remote
from tests.faults.conftest import Server

ENDPOINTS = yaml.safe_load((pathlib.Path(__file__).parents[1] / "unit" / "endpoints.yml").read_text(encoding="utf-8"))
# Those without a name in them, which can be asked of any server.
FIXED = [path for path in ENDPOINTS if path.startswith("/1.0/") and "{}" not in path]
VERSIONS = {"lxd": "lxd 5.0", "incus": "incus 6.0"}


@pytest.mark.parametrize("path", FIXED)
def test_a_server_has_the_endpoints_of_the_list(server: Server, path: str) -> None:
    with Client(Remote.read({"url": server.url}.get)) as client:
        try:
            client.start(Request("GET", tuple(path.split("/")[2:])))
            there = True
        except LxdError as error:
            # Whatever else it says, it knows the place: to wait for an event, say, or that another verb is meant.
            there = error.facts.get("status") != 404
    assert there is (VERSIONS[server.kind] in ENDPOINTS[path]["servers"])
