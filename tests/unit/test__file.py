# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lxd_file against an instance that is a table: see files.yml for what is sent."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleet.lxd.plugins.module_utils import _file
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, LxdError, NotFound
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Request
from ansible_collections.fleet.lxd.plugins.module_utils._resources.file import FILE

ROWS = yaml.safe_load((pathlib.Path(__file__).parent / "files.yml").read_text(encoding="utf-8"))
ROOT = {"/": {"type": "directory", "names": ["etc"]}, "/etc": {"type": "directory", "names": ["passwd"]}}
PASSWD = {"type": "file", "content": "root:x:0:0::/root:/bin/sh\nweb:x:1000:1001::/:/bin/sh\n"}


class Body:
    """What a server answers of ``about``: ``type``, ``mode``, ``uid``, ``gid``, and ``content``, ``target`` or ``names``."""

    def __init__(self, about: t.Mapping[str, t.Any]) -> None:
        told = {"mode": "0644", "uid": 0, "gid": 0, **about}
        self.headers = {f"X-LXD-{key}": str(told[key]) for key in ("type", "mode", "uid", "gid")}
        self.answer = {"metadata": about.get("names")}
        self.blocks = [str(about.get("content", about.get("target", ""))).encode(), b""]

    def read(self) -> bytes:
        return self.blocks.pop(0)

    def close(self) -> None:
        self.blocks = []


class Server:
    """An instance ``web`` with these files; ``old`` ones can't change the mode of a file that is there."""

    header_prefix = "X-LXD-"

    def __init__(self, files: t.Mapping[str, t.Any], old: bool = False) -> None:
        self.files, self.old = {**ROOT, "/etc/passwd": PASSWD, **files}, old
        self.sent: list[str] = []

    def has(self, extension: str) -> bool:
        assert extension == "instances_files_modify_permissions"
        return not self.old

    def existing(self, what: str, *path: str) -> None:
        if path != ("instances", "web"):
            raise NotFound(f"There is no {what}")

    def download(self, request: Request) -> Body:
        if request.query["path"] not in self.files:
            raise NotFound("not found")
        return Body(self.files[request.query["path"]])

    def send(self, request: Request) -> None:
        told = {key.removeprefix("X-LXD-"): value for key, value in request.headers.items() if key.startswith("X-LXD-")}
        words = [told[key] if key == "type" else f"{key}={told[key]}" for key in ("type", "mode", "uid", "gid") if key in told]
        content = request.content if isinstance(request.content, bytes) else b"".join(request.content or ())
        words += [repr(content.decode())] if content else []
        self.sent.append(" ".join([request.method, request.query["path"], *words]))


def task(server: Server, check: bool = False, warned: list[str] | None = None, **given: t.Any) -> dict[str, t.Any]:
    validated = ArgumentSpecValidator(FILE.argument_spec, **FILE.argument_rules).validate({"instance": "web", **given})
    assert not validated.error_messages
    return _file.run(validated.validated_parameters, Context(t.cast(t.Any, server), check, ([] if warned is None else warned).append))


@pytest.mark.parametrize("row", [pytest.param(row, id=row["it"]) for row in ROWS])
def test_what_is_sent(row: dict[str, t.Any]) -> None:
    server = Server(row.get("files", {}), row.get("old", False))
    if "error" in row:
        with pytest.raises(LxdError) as raised:
            task(server, **row["given"])
        assert row["error"] in str(raised.value)
        assert not server.sent
        return
    predicted = task(server, True, **row["given"])
    assert not server.sent
    done = task(server, **row["given"])
    assert server.sent == row.get("sent", [])
    assert predicted["changed"] == done["changed"] == bool(server.sent)
    assert predicted["diff"] == done["diff"]
    for side in ("before", "after"):
        if side in row:
            assert done["diff"][side] == row[side]


def test_a_tree_goes_in_with_its_modes(tmp_path: pathlib.Path) -> None:
    (tmp_path / "sub").mkdir(mode=0o750)
    (tmp_path / "sub/file").write_text("x")
    (tmp_path / "sub/file").chmod(0o600)
    (tmp_path / "link").symlink_to("sub/file")
    server = Server({})
    task(server, path="/etc/app", src=str(tmp_path), directory_mode="0711", owner="web")
    assert server.sent == [
        "POST /etc/app directory mode=0711 uid=1000",
        "POST /etc/app/link symlink 'sub/file'",
        "POST /etc/app/sub directory mode=0711 uid=1000",
        "POST /etc/app/sub/file file mode=0600 uid=1000 'x'",
    ]


def test_what_the_servers_know_no_mode_for_is_told_when_it_is_made(tmp_path: pathlib.Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o4755)
    warned: list[str] = []
    server = Server({"/etc/app": {"type": "directory", "names": []}})
    task(server, True, warned, path="/etc/app", src=str(tmp_path))
    assert warned == ["src: setuid, setgid and sticky of /etc/app/one and 1 more do not go along, as the servers' API does not know them"]
    task(server, False, warned, path="/etc/app", src=str(tmp_path))
    assert server.sent == ["POST /etc/app/one file mode=0755 'x'", "POST /etc/app/two file mode=0755 'x'"]
    there = {f"/etc/app/{name}": {"type": "file", "content": "x"} for name in ("one", "two")}
    task(Server({"/etc/app": {"type": "directory", "names": ["one", "two"]}, **there}), False, warned, path="/etc/app", src=str(tmp_path))
    task(server, False, warned, path="/etc/app", src=str(tmp_path), mode="0700")
    assert len(warned) == 2


def test_the_mode_of_what_comes_out_is_as_wished(tmp_path: pathlib.Path) -> None:
    dest = tmp_path / "passwd"
    task(Server({}), path="/etc/passwd", dest=str(dest), mode="2640")
    assert dest.stat().st_mode & 0o7777 == 0o2640


def test_what_is_neither_file_nor_directory_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(InvalidOption, match="^src: '/dev/null' is not valid: expected a file, a directory or a symlink"):
        task(Server({}), path="/etc/x", src="/dev/null")
    with pytest.raises(InvalidOption, match="^src: .* is not valid: it cannot be read"):
        task(Server({}), path="/etc/x", src=str(tmp_path / "none"))


TREE = {
    "/srv": {"type": "directory", "names": ["file", "link", "out"]},
    "/srv/file": {"type": "file", "content": "text", "mode": "4755"},
    "/srv/link": {"type": "symlink", "target": "/srv/file"},
    "/srv/out": {"type": "symlink", "target": "/etc/passwd"},
}


def test_a_tree_comes_out_once(tmp_path: pathlib.Path) -> None:
    dest = tmp_path / "srv"
    predicted = task(Server(TREE), True, path="/srv", dest=str(dest))
    assert predicted["changed"] and not dest.exists()
    done = task(Server(TREE), path="/srv", dest=str(dest))
    assert done["diff"] == predicted["diff"]
    assert (dest / "file").read_text() == "text" and (dest / "file").stat().st_mode & 0o7777 == 0o755
    assert ((dest / "link").readlink(), (dest / "out").readlink()) == (pathlib.Path("file"), pathlib.Path("/etc/passwd"))
    assert not task(Server(TREE), path="/srv", dest=str(dest))["changed"]
    assert [path.name for path in tmp_path.iterdir()] == ["srv"]


def test_what_the_guest_put_in_our_way_is_not_followed(tmp_path: pathlib.Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "srv").symlink_to(outside)
    task(Server(TREE), path="/srv", dest=str(tmp_path / "srv"))
    assert not (tmp_path / "srv").is_symlink() and not list(outside.iterdir())


@pytest.mark.parametrize("name", ["../evil", "..", ""])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: pathlib.Path, name: str) -> None:
    with pytest.raises(LxdError, match="which is no name"):
        task(Server({"/srv": {"type": "directory", "names": [name]}}), path="/srv", dest=str(tmp_path / "srv"))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"path": "/none"}, "There is no /none in the instance web"),
        ({"path": "/etc/passwd", "dest": "/nonexistent/x"}, "^dest: '/nonexistent/x' .*expected a path in a directory that exists"),
        ({"path": "/etc/passwd", "dest": "/usr"}, "^dest: '/usr' is not valid: it is a directory, and /etc/passwd is a file"),
    ],
)
def test_what_cannot_come_out(tmp_path: pathlib.Path, given: dict[str, str], says: str) -> None:
    for check in (True, False):
        with pytest.raises(LxdError, match=says):
            task(Server({}), check, **{"dest": str(tmp_path / "x"), **given})


def test_an_instance_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="^There is no instance nobody"):
        task(Server({}), instance="nobody", path="/x", state="absent")
