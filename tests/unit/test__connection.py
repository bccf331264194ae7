# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError, AnsibleFileNotFound

from ansible_collections.fleet.lxd.plugins.module_utils import _errors as errors
from ansible_collections.fleet.lxd.plugins.module_utils._users import User
from ansible_collections.fleet.lxd.plugins.plugin_utils import _connection
from ansible_collections.fleet.lxd.plugins.plugin_utils._connection import Session, instance_of

DEFAULTS = {"remote_addr": "web1", "executable": "/bin/sh", "agent_timeout": 1.0, "become_timeout": 1.0}


@pytest.mark.parametrize(
    ("options", "instance"),
    [
        ({"remote_addr": "web1", "inventory_hostname": "web1"}, "web1"),
        ({"remote_addr": "c7", "inventory_hostname": "web1"}, "c7"),
        ({"remote_addr": "10.0.0.5", "inventory_hostname": "web1"}, "web1"),
        ({"remote_addr": "fd00::5", "inventory_hostname": "web1"}, "web1"),
        ({"remote_addr": "web1.example.com", "inventory_hostname": "web1"}, "web1"),
        ({"remote_addr": "web1.example.com", "inventory_hostname": "web1.example.com"}, "web1.example.com"),
        ({"remote_addr": "10.0.0.5", "inventory_hostname": "web1", "lxd_host": "db"}, "db"),
        ({"remote_addr": "10.0.0.5", "inventory_hostname": "web1", "delegated_host": "web2"}, "web2"),
    ],
)
def test_the_name_of_the_instance(options: dict[str, str], instance: str) -> None:
    assert instance_of(options.get) == instance


class FakeChannel:
    """Notes what is asked of it; ``failure`` is raised instead."""

    failure: Exception | None = None

    def __init__(self, remote: t.Any) -> None:
        self.remote = remote
        self.calls: list[tuple[t.Any, ...]] = []

    code = 3

    def exec(
        self, instance: str, argv: list[str], *, stderr: t.Any, stdin: t.Any = (), stdout: t.Any = lambda _data: None, **identity: t.Any
    ) -> int:
        self.calls.append((instance, argv, identity, b"".join(stdin)))
        if self.failure is not None:
            raise self.failure
        stdout(b"out")
        stderr(b"is not running")
        return self.code

    def put(self, instance: str, path: str, file: t.Any, **attributes: t.Any) -> None:
        self.calls.append((instance, path, file.read(), attributes))

    def get(self, _instance: str, path: str, sink: t.Any) -> None:
        if self.failure is not None:
            raise self.failure
        sink(path.encode())


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> t.Callable[..., Session]:
    monkeypatch.setattr(_connection, "Channel", FakeChannel)
    monkeypatch.setattr(_connection, "find_user", lambda _channel, _instance, name, _option: User(name, 1000, 1001, f"/home/{name}"))
    (tmp_path / "socket").touch()
    return lambda **options: Session({"url": f"unix:{tmp_path}/socket", **DEFAULTS, **options}.get)


def test_root_needs_nothing(session: t.Callable[..., Session]) -> None:
    opened = session()
    assert opened.run("id", b"in", None) == (3, b"out", b"is not running")
    assert opened._channel.calls == [("web1", ["/bin/sh", "-c", "id"], {}, b"in")]


def test_a_user_by_the_server(session: t.Callable[..., Session]) -> None:
    opened = session(remote_user="ann")
    opened.run("id", b"", None)
    environment = {"HOME": "/home/ann", "USER": "ann", "LOGNAME": "ann"}
    identity = {"user": 1000, "group": 1001, "environment": environment, "cwd": "/home/ann"}
    assert opened._channel.calls == [("web1", ["/bin/sh", "-c", "id"], identity, b"")]


def test_a_user_by_su(session: t.Callable[..., Session]) -> None:
    opened = session(remote_user="ann", lxd_become_method="/bin/su", executable="/bin/bash")
    opened.run("id", b"", None)
    assert opened._channel.calls == [("web1", ["/bin/su", "ann", "-s", "/bin/bash", "-c", "id"], {}, b"")]


@pytest.fixture
def local(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "local"
    path.write_bytes(b"content")
    path.chmod(0o640)
    return path


def test_files_of_root_go_through_the_server(session: t.Callable[..., Session], local: pathlib.Path) -> None:
    opened = session()
    opened.put(str(local), "sub/../there")
    opened.put(str(local), "/etc/there")
    attributes = {"mode": 0o640, "uid": 0, "gid": 0}
    assert opened._channel.calls == [("web1", "/root/there", b"content", attributes), ("web1", "/etc/there", b"content", attributes)]
    opened.fetch("there", str(local))
    assert local.read_bytes() == b"/root/there"
    with pytest.raises(AnsibleFileNotFound, match="Cannot read /none"):
        opened.put("/none", "/there")


def test_files_of_a_user_are_written_and_read_by_the_user(
    session: t.Callable[..., Session], local: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = session(remote_user="ann")
    with pytest.raises(AnsibleError, match="As ann in instance web1: is not running"):
        opened.put(str(local), "there")
    monkeypatch.setattr(FakeChannel, "code", 0)
    opened.put(str(local), "a b")
    opened.fetch("/etc/there", str(local))
    assert local.read_bytes() == b"out"
    write, read = ["/bin/sh", "-c", "umask 0137 && cat > '/home/ann/a b'"], ["/bin/sh", "-c", "cat < /etc/there"]
    assert [(argv, stdin, identity["user"]) for _web1, argv, identity, stdin in opened._channel.calls[1:]] == [
        (write, b"content", 1000),
        (read, b"", 1000),
    ]


@pytest.mark.parametrize(
    ("failure", "meant"),
    [
        (errors.NotRunning("Instance web1 is not running", instance="web1"), AnsibleConnectionFailure),
        (errors.NotFound("There is no instance web1", instance="web1"), AnsibleConnectionFailure),
        (errors.Unreachable("No answer from unix:/s"), AnsibleConnectionFailure),
        (errors.UntrustedServer("not the one that was pinned"), AnsibleConnectionFailure),
        (errors.NotAuthorized("not authorized"), AnsibleConnectionFailure),
        (errors.Refused("no more memory", status=500), AnsibleConnectionFailure),
        (errors.Refused("Invalid instance name", status=400), AnsibleError),
        (errors.OperationFailed("argument list too long", status=400), AnsibleError),
        (errors.NotRunning("Instance web1 is not running", status=400), AnsibleConnectionFailure),
        (errors.TransferFailed("did not arrive whole"), AnsibleError),
        (errors.InvalidOption("remote_user", "x", "there is no such user"), AnsibleError),
        (errors.MissingLibrary("PyYAML"), AnsibleError),
    ],
)
def test_failures_as_ansible_knows_them(session: t.Callable[..., Session], failure: Exception, meant: type[Exception]) -> None:
    opened = session()
    opened._channel.failure = failure
    with pytest.raises(meant) as caught:
        opened.run("id", b"", None)
    assert caught.type is meant


def test_a_file_that_is_not_there(session: t.Callable[..., Session], tmp_path: pathlib.Path) -> None:
    opened = session()
    opened._channel.failure = errors.NotFound("There is no file /x in instance web1")
    with pytest.raises(AnsibleFileNotFound, match="There is no file /x in instance web1"):
        opened.fetch("/x", str(tmp_path / "x"))
