# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _options
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, Unreachable
from ansible_collections.fleet.lxd.plugins.module_utils._options import Remote

DIGITS = "ab" * 32


@pytest.fixture(autouse=True)
def bare(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours, an empty home, and no server in the usual places."""
    for name in list(os.environ):
        if name.startswith(("LXD_", "LXC_", "INCUS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(_options, "_SOCKET_PATHS", (str(tmp_path / "usual.socket"),))


@pytest.fixture
def socket(tmp_path: pathlib.Path) -> str:
    """Something at a path: whether it listens is found out when it is spoken to."""
    path = tmp_path / "unix.socket"
    path.touch()
    return str(path)


def read(**options: t.Any) -> Remote:
    return Remote.read(options.get)


def file(path: pathlib.Path, name: str) -> str:
    (path / name).touch()
    return str(path / name)


@pytest.mark.parametrize("spelling", ["unix:{}", "unix://{}", "{}"])
def test_spellings_of_a_socket(socket: str, spelling: str) -> None:
    assert read(url=spelling.format(socket)) == Remote(socket=socket)


def test_a_socket_that_is_not_there_is_unreachable(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Unreachable, match="gone"):
        read(url=f"unix:{tmp_path}/gone")


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://example.com", "https://example.com:8443"),
        ("https://example.com:443/", "https://example.com:443"),
        ("https://[2001:db8::1]:9", "https://[2001:db8::1]:9"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]:8443"),
    ],
)
def test_https(given: str, url: str) -> None:
    assert read(url=given).url == url


@pytest.mark.parametrize("wrong", ["http://a", "https://", "https://a/b", "https://a?b", "https://a:99999", "https://a:x", "a:8443", "ftp://a"])
def test_what_is_no_address_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(InvalidOption, match="^url: "):
        read(url=wrong)


def test_host_and_port() -> None:
    assert read(url="https://[2001:db8::1]:9").address == ("2001:db8::1", 9)


def test_without_an_address_the_variables_lead_to_the_socket(tmp_path: pathlib.Path, socket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCUS_DIR", "/nowhere")
    monkeypatch.setenv("LXD_DIR", str(tmp_path))
    assert read().socket == socket


def test_a_variable_that_leads_nowhere_is_not_passed_over(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LXD_SOCKET", str(tmp_path / "gone"))
    (tmp_path / "usual.socket").touch()
    with pytest.raises(Unreachable, match="gone"):
        read()


def test_the_usual_places(tmp_path: pathlib.Path) -> None:
    (tmp_path / "usual.socket").touch()
    assert read().socket == str(tmp_path / "usual.socket")
    assert read(remote="local") == Remote(socket=str(tmp_path / "usual.socket"), name="local")


def test_no_server_on_this_machine_names_where_it_was_looked_for() -> None:
    with pytest.raises(Unreachable, match=r"usual\.socket"):
        read()


def test_the_snap_is_taken_when_it_is_there(socket: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "usual.socket").touch()
    assert read(snap_url=f"unix:{socket}").socket == socket
    assert read(snap_url=f"unix:{tmp_path}/no-snap").socket == str(tmp_path / "usual.socket")


def test_an_option_wins_over_the_environment(socket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LXD_URL", "https://environment.example.com")
    monkeypatch.setenv("LXD_PROJECT", "green")
    assert read(url=f"unix:{socket}", project="blue") == Remote(socket=socket, project="blue")
    assert read(url=f"unix:{socket}").project == "green"
    assert read().url == "https://environment.example.com:8443"


def test_a_remote_in_a_task_wins_over_a_url_in_the_environment(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LXD_URL", "https://environment.example.com")
    (tmp_path / "usual.socket").touch()
    assert read(remote="local").socket == str(tmp_path / "usual.socket")


@pytest.mark.parametrize("pair", [{"url": "https://a", "remote": "b"}, {"server_cert": "/a", "server_fingerprint": DIGITS}])
def test_one_or_the_other(pair: dict[str, str]) -> None:
    with pytest.raises(InvalidOption, match="not both"):
        read(**pair)


def test_certificates_of_a_url(tmp_path: pathlib.Path) -> None:
    cert, key = file(tmp_path, "c.crt"), file(tmp_path, "c.key")
    remote = read(url="https://a", client_cert=cert, client_key=key, server_fingerprint=DIGITS.upper())
    assert (remote.client_cert, remote.client_key, remote.server_fingerprint, remote.server_cert) == (cert, key, DIGITS, None)


def test_the_pair_of_the_client_is_the_default(tmp_path: pathlib.Path) -> None:
    directory = tmp_path / ".config/incus"
    directory.mkdir(parents=True)
    cert, key = file(directory, "client.crt"), file(directory, "client.key")
    remote = read(url="https://a")
    assert (remote.client_cert, remote.client_key) == (cert, key)


@pytest.mark.parametrize(("given", "missing"), [("client_cert", "client_key"), ("client_key", "client_cert")])
def test_half_a_pair_is_refused(tmp_path: pathlib.Path, given: str, missing: str) -> None:
    with pytest.raises(InvalidOption, match=f"^{given}: .*{missing} has to be given"):
        read(url="https://a", **{given: file(tmp_path, "half")})


@pytest.mark.parametrize("option", ["server_cert", "client_cert"])
def test_a_file_that_is_not_there_is_named(tmp_path: pathlib.Path, option: str) -> None:
    with pytest.raises(InvalidOption, match=f"^{option}: .*no such file"):
        read(url="https://a", client_key=file(tmp_path, "key") if option == "client_cert" else None, **{option: "/gone"})


@pytest.mark.parametrize("wrong", [0, -1, "soon", float("nan"), float("inf")])
def test_a_timeout_is_a_number_above_zero(socket: str, wrong: t.Any) -> None:
    with pytest.raises(InvalidOption, match="^connect_timeout: "):
        read(url=f"unix:{socket}", connect_timeout=wrong)


def named(tmp_path: pathlib.Path) -> pathlib.Path:
    directory = tmp_path / ".config/lxc"
    (directory / "servercerts").mkdir(parents=True)
    text = "remotes: {far: {addr: 'https://192.0.2.1:8443', project: blue}, here: {addr: 'unix:///gone'}}"
    (directory / "config.yml").write_text(text, encoding="utf-8")
    file(directory / "servercerts", "far.crt")
    return directory


def test_a_named_remote(tmp_path: pathlib.Path) -> None:
    directory = named(tmp_path)
    remote = read(remote="far")
    assert remote == Remote(url="https://192.0.2.1:8443", name="far", project="blue", server_cert=str(directory / "servercerts/far.crt"))
    assert str(remote) == "far (https://192.0.2.1:8443)"


@pytest.mark.parametrize(
    ("name", "says"), [("images", "in its config.yml its protocol is simplestreams"), ("bare", "in its config.yml it has no addr")]
)
def test_a_named_remote_that_is_no_server_is_refused(tmp_path: pathlib.Path, name: str, says: str) -> None:
    text = "remotes: {images: {addr: 'https://a', protocol: simplestreams}, bare: {protocol: lxd}}"
    (named(tmp_path) / "config.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidOption, match=f"^remote: '{name}' is not valid: expected a server of LXD or Incus, and {says}$"):
        read(remote=name)


def test_options_win_over_what_the_client_knows_of_a_remote(tmp_path: pathlib.Path) -> None:
    named(tmp_path)
    remote = read(remote="far", project="green", server_fingerprint=DIGITS)
    assert (remote.project, remote.server_cert, remote.server_fingerprint) == ("green", None, DIGITS)


def test_a_password_is_never_shown() -> None:
    assert "sekret" not in repr(read(url="https://a", trust_password="sekret"))
