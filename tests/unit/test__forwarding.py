# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _forwarding
from ansible_collections.fleet.lxd.plugins.module_utils._converge import info_job
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, MissingExtension
from ansible_collections.fleet.lxd.plugins.module_utils._fleet_kinds import BY_KEY
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply
from ansible_collections.fleet.lxd.plugins.module_utils._resources.network_forward import NETWORK_FORWARD


class Server:
    """It has no API extension but that of forwards."""

    def require(self, extension: str, purpose: str) -> None:
        if extension != "network_forward":
            raise MissingExtension(extension, purpose, "lxd")

    def get(self, *path: str, **_query: str) -> Reply:
        return Reply({"listen_address": path[-1], "config": {}})


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("2001:0db8:0000:0000:0000:0000:0000:0007", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::", "::"),
    ],
)
def test_addresses_are_as_the_servers_write_them(written: str, canonical: str) -> None:
    assert _forwarding.address("listen_address", written) == canonical
    assert BY_KEY["network_forwards"].name({"listen_address": written}) == canonical


@pytest.mark.parametrize("text", ["", "web", "192.0.2.256", "192.0.2.0/24", "192.0.2.7:80"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidOption, match="^listen_address: '.*' is not valid: expected an address, IPv4 or IPv6$"):
        _forwarding.address("listen_address", text)


def test_one_is_listed_by_any_way_to_write_its_address() -> None:
    params = {"network": "lan", "listen_address": "2001:DB8:0::7"}
    result = info_job(NETWORK_FORWARD).run(params, Context(t.cast(t.Any, Server()), False, lambda _text: None))
    assert result["network_forwards"] == [{"listen_address": "2001:db8::7", "config": {}}]


def test_snat_is_nothing_that_a_server_may_ignore() -> None:
    def look(state: str, **port: t.Any) -> t.Any:
        assert NETWORK_FORWARD.look
        return NETWORK_FORWARD.look(Server(), {"state": state, "ports": [port]}, None, None)

    assert look("present", snat=False) == look("present") == look("absent", snat=True) == {}
    with pytest.raises(MissingExtension, match="network_forward_snat"):
        look("present", snat=True)
