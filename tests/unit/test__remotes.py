# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _remotes
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, LxdError, TimedOut

CONFIG = """
default-remote: far
remotes:
  far: {addr: "https://192.0.2.1:8443", protocol: lxd, project: blue}
  bare: {addr: "https://192.0.2.2:8443"}
  images: {addr: "https://images.example.com", protocol: simplestreams, public: true}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """An empty home directory, and no variables that lead elsewhere."""
    for name in ("LXD_CONF", "INCUS_CONF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def config(directory: pathlib.Path, text: str = CONFIG) -> pathlib.Path:
    directory.mkdir(parents=True)
    (directory / "config.yml").write_text(text, encoding="utf-8")
    return directory


def test_directories_in_their_order(home: pathlib.Path) -> None:
    below = [".config/lxc", "snap/lxd/common/config", ".config/incus"]
    assert _remotes.directories() == [str(home / path) for path in below]


def test_a_variable_replaces_both_directories_of_lxc(home: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LXD_CONF", "/elsewhere")
    assert _remotes.directories() == ["/elsewhere", str(home / ".config/incus")]


def test_a_remote_with_all_its_files(home: pathlib.Path) -> None:
    directory = config(home / ".config/lxc")
    (directory / "servercerts").mkdir()
    for name in ("client.crt", "client.key", "servercerts/far.crt"):
        (directory / name).touch()
    entry = _remotes.find("far")
    assert (entry.addr, entry.protocol, entry.project, entry.public) == ("https://192.0.2.1:8443", "lxd", "blue", False)
    assert entry.client_cert == str(directory / "client.crt")
    assert entry.client_key == str(directory / "client.key")
    assert entry.server_cert == str(directory / "servercerts/far.crt")


def test_files_that_are_not_there_are_none(home: pathlib.Path) -> None:
    config(home / ".config/lxc")
    entry = _remotes.find("bare")
    assert (entry.client_cert, entry.client_key, entry.server_cert, entry.project, entry.protocol) == (None, None, None, None, "lxd")


def test_a_remote_of_incus_is_found_after_those_of_lxc(home: pathlib.Path) -> None:
    config(home / ".config/lxc", "remotes: {}")
    config(home / ".config/incus")
    assert _remotes.find("images").public


def test_an_unknown_remote_names_what_was_looked_at(home: pathlib.Path) -> None:
    with pytest.raises(InvalidOption, match=f"remote: 'nope' .*{home}/.config/lxc.*fleet.lxd.lxd_remote"):
        _remotes.find("nope")


@pytest.mark.parametrize("text", ["remotes: [", "\t"])
def test_a_file_that_is_no_yaml_is_named(home: pathlib.Path, text: str) -> None:
    config(home / ".config/lxc", text)
    with pytest.raises(LxdError, match="config.yml"):
        _remotes.find("far")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- far", "expected a mapping, found ['far']"),
        ("far", "expected a mapping, found 'far'"),
        ("remotes: [far]", "remotes: expected a mapping, found ['far']"),
        ("remotes: {far: there}", "remotes.far: expected a mapping, found 'there'"),
        ("remotes: {far: null}", "remotes.far: expected a mapping, found None"),
        ("remotes: {far: {addr: 8443}}", "remotes.far.addr: expected an address, found 8443"),
        ("remotes: {far: [", "while parsing"),
        ("remotes: {f\xe4r: x}", "codec can't decode"),
    ],
)
def test_a_configuration_that_is_none_is_told_in_one_sentence(home: pathlib.Path, text: str, says: str) -> None:
    directory = config(home / ".config/lxc")
    (directory / "config.yml").write_bytes(text.encode("latin-1"))
    with pytest.raises(LxdError) as caught:
        _remotes.find("far")
    assert str(caught.value).startswith(f"Cannot read the client configuration {directory}/config.yml: ")
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_configuration_without_remotes_has_none(home: pathlib.Path) -> None:
    config(home / ".config/lxc", "remotes: null")
    with pytest.raises(InvalidOption, match="no such remote"):
        _remotes.find("far")


def test_a_client_pair_is_taken_whole_or_not_at_all(home: pathlib.Path) -> None:
    half = config(home / ".config/lxc")
    (half / "client.crt").touch()
    assert _remotes.client_pair() == (None, None)
    whole = config(home / ".config/incus")
    for name in ("client.crt", "client.key"):
        (whole / name).touch()
    assert _remotes.client_pair() == (str(whole / "client.crt"), str(whole / "client.key"))


def test_where_each_client_keeps_its_configuration(home: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _remotes.directory_of("lxd") == str(home / ".config/lxc")
    assert _remotes.directory_of("incus") == str(home / ".config/incus")
    (home / "snap/lxd/common").mkdir(parents=True)
    assert _remotes.directory_of("lxd") == str(home / "snap/lxd/common/config")
    config(home / ".config/lxc")
    assert _remotes.directory_of("lxd") == str(home / ".config/lxc")
    monkeypatch.setenv("LXD_CONF", "/elsewhere")
    assert _remotes.directory_of("lxd") == "/elsewhere"


def test_a_new_configuration_has_what_the_client_begins_with(home: pathlib.Path) -> None:
    fresh = _remotes.read(str(home), "incus")
    assert fresh["default-remote"] == "local" and fresh["aliases"] == {}
    assert fresh["remotes"]["local"] == {"addr": "unix://", "protocol": "incus", "public": False}
    assert fresh["remotes"]["images"]["protocol"] == "simplestreams"


def test_a_configuration_is_written_whole_with_its_order(home: pathlib.Path) -> None:
    directory = config(home / ".config/lxc", "zz: [1]\nremotes: {b: {addr: x, odd: 1}, a: {addr: y}}\naliases: {ll: list}\n")
    (directory / "config.yml").chmod(0o640)
    _remotes.save(str(directory), _remotes.read(str(directory), "lxd"))
    text = (directory / "config.yml").read_text(encoding="utf-8")
    assert text == "zz:\n- 1\nremotes:\n  b:\n    addr: x\n    odd: 1\n  a:\n    addr: y\naliases:\n  ll: list\n"
    assert (directory / "config.yml").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in directory.iterdir()] == ["config.yml"]


def test_strings_of_ansible_are_written_as_strings(home: pathlib.Path) -> None:
    class Tagged(str):
        pass

    _remotes.save(str(home), {"remotes": {Tagged("a"): {"addr": Tagged("true")}}})
    assert _remotes.load(str(home)) == {"remotes": {"a": {"addr": "true"}}}


def test_a_key_is_for_its_owner_alone(home: pathlib.Path) -> None:
    _remotes.write(str(home / "new/client.key"), "key", 0o600)
    assert (home / "new/client.key").stat().st_mode & 0o777 == 0o600
    assert (home / "new").stat().st_mode & 0o777 == 0o750


def test_a_link_stays_one(home: pathlib.Path) -> None:
    (home / "real").mkdir()
    (home / "link.yml").symlink_to(home / "real/config.yml")
    _remotes.write(str(home / "link.yml"), "text")
    assert (home / "link.yml").is_symlink() and (home / "real/config.yml").read_text(encoding="utf-8") == "text"


def test_what_cannot_be_written_is_named(home: pathlib.Path) -> None:
    (home / "file").touch()
    with pytest.raises(LxdError, match=f"Cannot write {home}/file/config.yml"):
        _remotes.write(str(home / "file/config.yml"), "text")
    with pytest.raises(LxdError, match=f"{home}/file/below"), _remotes.locked(str(home / "file/below")):
        pass


def test_the_lock_of_another_is_not_waited_for_for_ever(home: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_remotes, "PATIENCE", 0.2)
    directory = str(home / "conf")
    with _remotes.locked(directory), pytest.raises(TimedOut, match=f"{directory} for 0.2 seconds"), _remotes.locked(directory):
        pass
    with _remotes.locked(directory):
        pass
