# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import pathlib
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleet.lxd.plugins.module_utils import _backup
from ansible_collections.fleet.lxd.plugins.module_utils._client import Client
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, LxdError, NotFound, TransferFailed
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply, Request
from ansible_collections.fleet.lxd.plugins.module_utils._resources.backup import BACKUP

CONTENT = b"a backup" * 1000
CHECKSUM = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


class Body:
    """What comes, of a file that is said to be as long as ``CONTENT``."""

    def __init__(self, content: bytes) -> None:
        self.headers = {"Content-Length": str(len(CONTENT))}
        self.blocks = [content[:5000], content[5000:], b""]

    def read(self) -> bytes:
        return self.blocks.pop(0)

    def close(self) -> None:
        self.blocks = []


class Server:
    """It has the instance ``web`` and the volume ``data``; ``content`` is what it sends of their backups."""

    header_prefix = "X-LXD-"
    remote = "unix:/x"

    def __init__(self, content: bytes = CONTENT) -> None:
        self.content, self.sent = content, list[Request]()

    def get(self, *path: str) -> Reply | None:
        return Reply({}) if path[-1] in ("web", "data", "fast") else None

    def existing(self, what: str, *path: str) -> None:
        if self.get(*path) is None:
            raise NotFound(f"There is no {what}")

    def require_named(self, option: str, value: str, *path: str, what: str) -> None:
        Client.require_named(t.cast(t.Any, self), option, value, *path, what=what)

    def require(self, extension: str, _purpose: str) -> None:
        assert extension == "backup_override_name"

    def download(self, request: Request) -> Body:
        assert request.path == (*self.sent[0].path, self.sent[0].body["name"], "export")
        return Body(self.content)

    def send(self, request: Request, timeout: float | None = None) -> None:
        assert timeout is None or timeout == 3600.0
        self.sent.append(request)

    @property
    def said(self) -> list[str]:
        return [str(request).partition("/fleet-lxd-")[0] for request in self.sent]


def task(server: Server, check: bool = False, **given: t.Any) -> dict[str, t.Any]:
    validated = ArgumentSpecValidator(BACKUP.argument_spec, **BACKUP.argument_rules).validate({"timeout": 3600, **given})
    assert not validated.error_messages
    return _backup.run(validated.validated_parameters, Context(t.cast(t.Any, server), check, lambda _text: None))


def test_it_comes_whole_and_leaves_nothing_at_the_server(tmp_path: pathlib.Path) -> None:
    server, dest = Server(), tmp_path / "web.tar.gz"
    assert task(server, True, instance="web", dest=str(dest))["changed"]
    assert not server.sent and not dest.exists()
    result = task(server, instance="web", dest=str(dest), only=True, compression_algorithm="zstd")
    assert result == {"changed": True, "path": str(dest), "size": len(CONTENT), "checksum": CHECKSUM}
    assert dest.read_bytes() == CONTENT and dest.stat().st_mode & 0o777 == 0o600
    assert server.said == ["POST /1.0/instances/web/backups", "DELETE /1.0/instances/web/backups"]
    wanted = {"instance_only": True, "optimized_storage": False, "compression_algorithm": "zstd"}
    assert {key: value for key, value in server.sent[0].body.items() if key != "name"} == wanted


def test_a_file_that_is_there_is_left_alone(tmp_path: pathlib.Path) -> None:
    server, dest = Server(), tmp_path / "data.tar.gz"
    dest.write_bytes(b"older")
    about = {"pool": "fast", "volume": "data", "dest": str(dest)}
    assert not task(server, **about)["changed"]
    with pytest.raises(TransferFailed, match="^dest: .* has the checksum sha256:.*, and sha256:00 was expected"):
        task(server, checksum="sha256:00", **about)
    assert not server.sent
    assert task(server, force=True, **about)["checksum"] == CHECKSUM
    assert server.said[0] == "POST /1.0/storage-pools/fast/volumes/custom/data/backups"
    assert server.sent[0].body["volume_only"] is False


def test_a_part_of_it_changes_nothing(tmp_path: pathlib.Path) -> None:
    server, dest = Server(CONTENT[:-1]), tmp_path / "web.tar.gz"
    dest.write_bytes(b"older")
    with pytest.raises(TransferFailed, match="7999 of 8000 bytes came"):
        task(server, instance="web", dest=str(dest), force=True)
    assert dest.read_bytes() == b"older"
    assert server.said[-1] == "DELETE /1.0/instances/web/backups"
    assert list(tmp_path.iterdir()) == [dest]


def test_it_goes_in_under_the_name_of_the_task(tmp_path: pathlib.Path) -> None:
    server, src = Server(), tmp_path / "backup"
    src.write_bytes(CONTENT)
    about = {"instance": "web2", "pool": "fast", "src": str(src), "checksum": CHECKSUM}
    assert task(server, True, **about)["changed"] and not server.sent
    assert task(server, **about) == {"changed": True, "path": str(src), "size": len(CONTENT), "checksum": CHECKSUM}
    (request,) = server.sent
    assert str(request) == "POST /1.0/instances"
    assert request.headers == {"Content-Type": "application/octet-stream", "X-LXD-name": "web2", "X-LXD-pool": "fast"}
    assert b"".join(request.content) == CONTENT
    assert not task(server, **{**about, "instance": "web"})["changed"]


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"instance": "nobody", "dest": "{}/x"}, NotFound, "^There is no instance nobody"),
        ({"volume": "nothing", "pool": "fast", "dest": "{}/x"}, NotFound, "^There is no volume nothing"),
        ({"volume": "data", "pool": "slow", "dest": "{}/x"}, InvalidOption, "^pool: 'slow' is not valid: there is no such pool on unix:/x"),
        ({"volume": "new", "pool": "slow", "src": "/etc/passwd"}, InvalidOption, "^pool: 'slow' is not valid"),
        ({"instance": "new", "pool": "slow", "src": "/etc/passwd"}, InvalidOption, "^pool: 'slow' is not valid"),
        ({"instance": "web", "dest": "{}"}, InvalidOption, "^dest: .* expected the path of a file in a directory that exists"),
        ({"instance": "web", "dest": "{}/none/x"}, InvalidOption, "^dest: .* expected the path of a file"),
        ({"instance": "web", "src": "{}/none"}, InvalidOption, "^src: .* there is no such file, or it cannot be read"),
        ({"instance": "..", "dest": "{}/x"}, InvalidOption, "^instance: '..' is not valid: expected a name"),
        ({"instance": "web", "dest": "{}/x", "timeout": 0}, InvalidOption, "^timeout: 0.* expected a number of seconds above 0"),
    ],
)
def test_wrong(tmp_path: pathlib.Path, given: dict[str, t.Any], error: type[LxdError], says: str) -> None:
    server = Server()
    with pytest.raises(error, match=says):
        task(server, True, **{key: value.format(tmp_path) if isinstance(value, str) else value for key, value in given.items()})
    assert not server.sent
