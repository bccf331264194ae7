# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lxd_device and lxd_metadata, each with an instance that is a table."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, NotFound
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context, Job
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply, Request
from ansible_collections.fleet.lxd.plugins.module_utils._resources.device import DEVICE
from ansible_collections.fleet.lxd.plugins.module_utils._resources.metadata import METADATA

DEVICES = {"root": {"type": "disk", "path": "/", "pool": "default"}}
TEMPLATES = {"/etc/hostname": {"when": ["create"], "template": "hostname.tpl"}}
ENTITIES: t.Mapping[tuple[str, ...], dict[str, t.Any]] = {
    ("instances", "web"): {"name": "web", "devices": DEVICES, "config": {"a": "1"}},
    ("profiles", "wide"): {"name": "wide", "devices": {}},
    ("instances", "web", "metadata"): {"architecture": "x86_64", "properties": {"os": "busybox"}, "templates": TEMPLATES},
}


GPU = {"type": "gpu", "gid": "5"}


class Body:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def whole(self) -> bytes:
        return self.content


class Server:
    """An instance ``web`` and a profile ``wide``, on an LXD 5.0."""

    def __init__(self) -> None:
        self.sent: list[Request] = []

    def has(self, _extension: str) -> bool:
        return False

    def existing(self, what: str, *path: str) -> Reply:
        if path not in ENTITIES:
            raise NotFound(f"There is no {what}")
        return Reply(ENTITIES[path], "e")

    def download(self, request: Request) -> Body:
        return Body(f"content of {request.query['path']}".encode())

    def send(self, request: Request) -> Reply:
        if request.method == "GET":
            return Reply(["hostname.tpl"])
        self.sent.append(request)
        return Reply()


def task(job: Job, server: Server, check: bool = False, **given: t.Any) -> dict[str, t.Any]:
    validated = ArgumentSpecValidator(job.argument_spec, **job.argument_rules).validate(given)
    assert not validated.error_messages
    return job.run(validated.validated_parameters, Context(t.cast(t.Any, server), check, lambda _text: None))


@pytest.mark.parametrize(
    ("given", "devices", "shown"),
    [
        ({"instance": "web", "name": "root", "config": {"path": "/"}}, None, None),
        ({"instance": "web", "name": "eth0", "state": "absent"}, None, None),
        (
            {"instance": "web", "name": "root", "config": {"size": "1GiB"}},
            {"root": {"type": "disk", "path": "/", "pool": "default", "size": "1GiB"}},
            {"type": "disk", "path": "/", "pool": "default", "size": "1GiB"},
        ),
        ({"instance": "web", "name": "root", "state": "absent"}, {}, None),
        ({"instance": "web", "name": "gpu", "config": {"type": "gpu", "gid": 5}}, {**DEVICES, "gpu": GPU}, GPU),
        ({"instance": "web", "name": "root", "config": {"type": "none"}}, {"root": {"type": "none"}}, {"type": "none"}),
        ({"profile": "wide", "name": "x", "config": {"type": "none"}}, {"x": {"type": "none"}}, {"type": "none"}),
    ],
)
def test_a_device_beside_others(given: dict[str, t.Any], devices: dict[str, t.Any] | None, shown: dict[str, t.Any] | None) -> None:
    server = Server()
    predicted = task(DEVICE, server, True, **given)
    assert not server.sent
    done = task(DEVICE, server, **given)
    assert predicted["diff"] == done["diff"] and predicted["changed"] == done["changed"] == (devices is not None)
    holder = ("instances", "web") if "instance" in given else ("profiles", "wide")
    expected = [] if devices is None else [("PUT", holder, {**ENTITIES[holder], "devices": devices}, "e")]
    assert [(one.method, one.path, one.body, one.etag) for one in server.sent] == expected
    if devices is not None:
        assert done["diff"]["after"] == {given["name"]: shown}


@pytest.mark.parametrize(
    ("job", "given", "error", "says"),
    [
        (DEVICE, {"instance": "web", "name": "gpu", "config": {"gid": 5}}, InvalidOption, "there is no device gpu, and a new one"),
        (DEVICE, {"instance": "web", "name": "root", "config": {"size": [1]}}, InvalidOption, r"^devices.root.size: \[1\] is not valid"),
        (DEVICE, {"instance": "web", "name": "..", "state": "absent"}, InvalidOption, "^name: '..' is not valid: expected a name"),
        (DEVICE, {"profile": "none", "name": "x", "state": "absent"}, NotFound, "^There is no profile none"),
        (METADATA, {"instance": "none"}, NotFound, "^There is no instance none"),
        (METADATA, {"instance": "web", "templates": {"/etc/x": "x.tpl"}}, InvalidOption, "^templates./etc/x: 'x.tpl' is not valid"),
        (METADATA, {"instance": "web", "files": {"x.tpl": ["x"]}}, InvalidOption, r"^files.x.tpl: \['x'\] is not valid: expected text"),
        (METADATA, {"instance": "web", "properties": {"x": {}}}, InvalidOption, "^properties.x: {} is not valid: expected text"),
        (METADATA, {"instance": "."}, InvalidOption, "^instance: '.' is not valid: expected a name"),
    ],
)
def test_wrong(job: Job, given: dict[str, t.Any], error: type[Exception], says: str) -> None:
    server = Server()
    with pytest.raises(error, match=says):
        task(job, server, **given)
    assert not server.sent


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, []),
        ({"properties": {"os": "busybox"}, "files": {"hostname.tpl": "content of hostname.tpl", "gone.tpl": None}}, []),
        ({"properties": {"os": None, "role": "web"}}, [("PUT", {"properties": {"role": "web"}})]),
        ({"properties": {"release": 12, "lts": True}}, [("PUT", {"properties": {"os": "busybox", "release": "12", "lts": "true"}})]),
        ({"files": {"hostname.tpl": 5}}, [("POST hostname.tpl", b"5")]),
        ({"templates": {"/etc/hostname": None}}, [("PUT", {"templates": {}})]),
        ({"architecture": "aarch64", "expiry_date": 5}, [("PUT", {"architecture": "aarch64", "expiry_date": 5})]),
        ({"files": {"hostname.tpl": "new", "more.tpl": "more"}}, [("POST hostname.tpl", b"new"), ("POST more.tpl", b"more")]),
        (
            {"files": {"hostname.tpl": None}, "templates": {"/etc/hostname": {"template": "other.tpl"}}},
            [("DELETE hostname.tpl", None), ("PUT", {"templates": {"/etc/hostname": {"when": ["create"], "template": "other.tpl"}}})],
        ),
    ],
)
def test_metadata(given: dict[str, t.Any], sent: list[tuple[str, t.Any]]) -> None:
    server = Server()
    predicted = task(METADATA, server, True, instance="web", **given)
    assert not server.sent
    done = task(METADATA, server, instance="web", **given)
    assert predicted["diff"] == done["diff"] and predicted["changed"] == done["changed"] == bool(sent)
    whole = ENTITIES["instances", "web", "metadata"]
    told = [(" ".join([one.method, *one.query.values()]), one.content if one.query else one.body) for one in server.sent]
    assert told == [(words, {**whole, **what} if words == "PUT" else what) for words, what in sent]


def test_a_template_that_is_no_text_is_kept() -> None:
    server = Server()
    server.download = lambda request: Body(b"\xff\xfe")  # type: ignore[method-assign]
    assert task(METADATA, server, instance="web", files={"hostname.tpl": "\udcff\udcfe"})["changed"] is False
