# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils._job import Context
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply, Request
from ansible_collections.fleet.lxd.plugins.module_utils._resources import token


class Server:
    """It has issued ``tokens`` before: what was asked for each."""

    description = "lxd"

    def __init__(self, *tokens: dict[str, t.Any]) -> None:
        self.tokens = {str(number): self._about({"name": "web", **request}, number) for number, request in enumerate(tokens)}
        self.did: list[str] = []

    def _about(self, request: t.Any, number: int) -> dict[str, t.Any]:
        return {"request": request, "secret": f"s{number}", "fingerprint": "f", "addresses": []}

    def listed(self, *_path: str) -> list[dict[str, t.Any]]:
        return []

    def operations(self) -> list[dict[str, t.Any]]:
        return [{"id": id, "class": "token", "status": "Running", "metadata": about} for id, about in self.tokens.items()]

    def start(self, request: Request) -> Reply:
        self.did.append(str(request))
        return Reply(operation={"metadata": self._about(request.body, 9)})


def issue(server: Server, check: bool = False, **params: t.Any) -> tuple[bool, str | None]:
    """Whether it changed something, and the secret of the token."""
    wished = {"name": "web", "type": "client", "restricted": False, "projects": None, **params}
    result = token.TOKEN.run(wished, Context(t.cast(t.Any, server), check, lambda _text: None))
    return result["changed"], result["token"] and json.loads(base64.b64decode(result["token"]))["secret"]


ISSUE, REVOKE = "POST /1.0/certificates", "DELETE /1.0/operations/0"
BLUE = {"restricted": True, "projects": ["blue", "green"]}


@pytest.mark.parametrize(
    ("pending", "params", "expected", "did"),
    [
        ([], {}, (True, "s9"), [ISSUE]),
        ([{"name": "db"}], {}, (True, "s9"), [ISSUE]),
        ([{"restricted": False, "projects": None}], {}, (False, "s0"), []),
        ([BLUE], {"restricted": True, "projects": ["green", "blue"]}, (False, "s0"), []),
        ([{"restricted": False}], BLUE, (True, "s9"), [REVOKE, ISSUE]),
        ([BLUE], {"restricted": True, "projects": ["blue"]}, (True, "s9"), [REVOKE, ISSUE]),
        ([{"restricted": False}, BLUE], BLUE, (True, "s1"), [REVOKE]),
    ],
)
def test_a_token_that_lets_more_or_less_is_revoked(pending: t.Any, params: t.Any, expected: t.Any, did: list[str]) -> None:
    server = Server(*pending)
    assert (issue(server, **params), server.did) == (expected, did)
    server = Server(*pending)
    assert issue(server, True, **params) == (expected[0], None if expected[0] else expected[1])
    assert not server.did
