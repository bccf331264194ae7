# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _channel, _command
from ansible_collections.fleet.lxd.plugins.module_utils import _errors as errors
from ansible_collections.fleet.lxd.plugins.module_utils._channel import AgentMissing, Channel, patiently
from ansible_collections.fleet.lxd.plugins.module_utils._options import Remote


@pytest.mark.parametrize(
    ("said", "meant", "told"),
    [
        (errors.Refused("Instance is not running"), errors.NotRunning, "Instance c1 is not running (unix:/s, project p)"),
        (errors.Refused("Instance is frozen"), errors.NotRunning, "Instance c1 is frozen (unix:/s, project p)"),
        (errors.NotFound("Instance not found"), errors.NotFound, "There is no instance c1 (unix:/s, project p)"),
        (
            errors.NotFound('Failed to fetch instance "c1" in project "p": Instance not found'),
            errors.NotFound,
            "There is no instance c1 (unix:/s, project p)",
        ),
        (
            errors.Refused("LXD VM agent isn't currently running"),
            AgentMissing,
            "Instance c1 is a virtual machine whose agent does not answer: LXD VM agent isn't currently running",
        ),
        (errors.Refused("VM agent isn't currently running"), AgentMissing, "virtual machine whose agent does not answer"),
        (errors.NotAuthorized("not authorized"), errors.NotAuthorized, "not authorized"),
        (errors.Refused("something else"), errors.Refused, "something else"),
    ],
)
def test_a_refusal_says_what_it_is_about(
    monkeypatch: pytest.MonkeyPatch, said: errors.Refused, meant: type[Exception], told: str
) -> None:
    def refuse() -> None:
        raise said

    channel = Channel(Remote(socket="/s", project="p"))
    monkeypatch.setattr(channel._http, "call", lambda *request: {"request": request})
    with pytest.raises(meant) as caught:
        channel._about("c1", refuse)
    assert caught.type is meant
    assert told in str(caught.value)


@pytest.mark.parametrize("said", ["Instance not found", "Project not found"])
@pytest.mark.parametrize(
    ("answer", "meant"),
    [(errors.NotFound("Project not found"), errors.InvalidOption), (errors.NotAuthorized("not authorized"), errors.NotFound)],
)
def test_a_project_that_is_not_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, said: str, answer: errors.Refused, meant: type[Exception]
) -> None:
    def refuse(*_request: t.Any) -> None:
        raise errors.NotFound(said)

    def tell(method: str, path: tuple[str, ...]) -> None:
        assert (method, path) == ("GET", ("projects", "p"))
        raise answer

    channel = Channel(Remote(socket="/s", project="p"))
    monkeypatch.setattr(channel._http, "call", tell)
    with pytest.raises(meant) as caught:
        channel._about("c1", refuse)
    assert caught.type is meant


def test_an_agent_that_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_channel, "_AGENT_PAUSE", 0.0)
    answers = iter([AgentMissing("not yet"), AgentMissing("not yet"), None])

    def action() -> str:
        answer = next(answers)
        if answer:
            raise answer
        return "done"

    assert patiently(action, 5) == "done"


def test_an_agent_that_never_comes() -> None:
    def action() -> None:
        raise AgentMissing("nobody there", instance="v1")

    with pytest.raises(errors.NotRunning, match="nobody there; waited 0.1 seconds for it") as caught:
        patiently(action, 0.1)
    assert caught.value.facts == {"instance": "v1"}


@pytest.mark.parametrize(
    ("source", "chunks"),
    [
        (None, []),
        (b"", []),
        (b"abc", [b"abc"]),
        (io.BytesIO(b"abc"), [b"abc"]),
        (iter([b"a", b"", b"b"]), [b"a", b"", b"b"]),
        (b"x" * (_command.BLOCK + 1), [b"x" * _command.BLOCK, b"x"]),
    ],
)
def test_sources(source: t.Any, chunks: list[bytes]) -> None:
    assert list(_command._chunks(source)) == chunks


def test_attributes_are_spelled_for_both_servers() -> None:
    assert _channel._attributes({"mode": "0640", "uid": 0, "gid": None}) == {
        "X-LXD-mode": "0640",
        "X-LXD-uid": "0",
        "X-Incus-mode": "0640",
        "X-Incus-uid": "0",
    }


def test_a_mode_is_octal_for_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(Channel, "_send_file", lambda *about: sent.append(about[-1]["X-LXD-mode"]))
    with Channel(Remote(socket="/none")) as channel:
        for mode in (0o1755, 0o644, 0):
            channel.put("c1", "/x", b"", mode=mode)
    assert sent == ["01755", "0644", "00"]
