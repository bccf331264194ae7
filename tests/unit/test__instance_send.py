# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to a server that is busy with the instance for as long as a test wants. Fake: a real one is so by chance."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _instance_send
from ansible_collections.fleet.lxd.plugins.module_utils._errors import OperationFailed
from ansible_collections.fleet.lxd.plugins.module_utils._instance import InstancePlan
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Request

_BUSY = 'Failed to create instance delete operation: Instance is busy running a "migrate" operation'


class FakeClient:
    """Is busy with the instance for the first ``times`` requests."""

    def __init__(self, times: int) -> None:
        self.times, self.requests = times, 0

    def send(self, _request: Request, **_options: t.Any) -> None:
        self.requests += 1
        if self.requests <= self.times:
            raise OperationFailed(_BUSY)


_WAYS = {
    "removal": Request("DELETE", ("instances", "c1")),
    "power": Request("PUT", ("instances", "c1", "state"), {"action": "start", "timeout": 30}),
    "config": Request("PUT", ("instances", "c1"), {"config": {}}, etag="e"),
    "rename": Request("POST", ("instances", "c1"), {"name": "c2"}),
    "move": Request("POST", ("instances", "c1"), {"name": "c1", "migration": True, "pool": "fast"}),
}


def _send(client: t.Any, request: Request, timeout: int, **params: t.Any) -> None:
    planned = InstancePlan({"name": "c1"}, None, (request,))
    context: t.Any = type("Silent", (), {"progress": lambda *_what: None})
    _instance_send.send(client, client, {"name": "c1", "timeout": timeout, **params}, context, None, planned, lambda _r: None)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_instance_send, "PAUSE", 0)


@pytest.mark.parametrize("way", _WAYS)
def test_a_change_waits_for_the_server_to_be_done_with_the_instance(way: str) -> None:
    _send(client := FakeClient(2), _WAYS[way], 30)
    assert client.requests == 3


def test_a_stop_by_force_waits_like_the_one_that_was_in_vain() -> None:
    class Deaf(FakeClient):
        def send(self, request: Request, **options: t.Any) -> None:
            if not request.body["force"]:
                raise OperationFailed("The instance did not stop in time")
            super().send(request, **options)

    stop = Request("PUT", ("instances", "c1", "state"), {"action": "stop", "timeout": 30, "force": False})
    _send(client := Deaf(2), stop, 30, force_after_timeout=True)
    assert client.requests == 3


def test_a_server_that_stays_busy_is_quoted_when_the_time_is_over() -> None:
    client = FakeClient(1_000_000)
    with pytest.raises(OperationFailed, match='busy running a "migrate"'):
        _send(client, _WAYS["removal"], 0)
    assert client.requests == 1
