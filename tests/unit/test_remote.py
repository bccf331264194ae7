# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fleet.lxd.lxd_remote against a server that is only told of."""

from __future__ import annotations

import base64
import json
import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.fleet.lxd.plugins.module_utils import _errors as errors
from ansible_collections.fleet.lxd.plugins.module_utils import _remote_server, _trust
from ansible_collections.fleet.lxd.plugins.module_utils._certificates import fingerprint_of
from ansible_collections.fleet.lxd.plugins.module_utils._job import Context
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply, Request
from ansible_collections.fleet.lxd.plugins.module_utils._resources import remote

ADDR = "https://192.0.2.1:8443"


class FakeServer:
    """One server at ``ADDR`` that shows ``certificate`` and trusts us, or comes to by a token."""

    def __init__(self, certificate: str) -> None:
        self.certificate = certificate
        self.trusting = False
        self.known = False
        self.asked: list[str] = []
        self.sent: list[str] = []

    @property
    def pin(self) -> str:
        return fingerprint_of(self.certificate)

    def shown(self, address: tuple[str, int], _timeout: float) -> str:
        self.asked.append(f"{address[0]}:{address[1]}")
        if address != ("192.0.2.1", 8443):
            raise errors.Unreachable(f"No TLS certificate from {address[0]}")
        return self.certificate

    def __call__(self, place: t.Any) -> FakeClient:
        return FakeClient(self, place)

    @property
    def token(self) -> str:
        content = {"fingerprint": self.pin, "addresses": ["192.0.2.9:8443", "192.0.2.1:8443"], "secret": "s3"}
        return base64.b64encode(json.dumps(content).encode()).decode()


class FakeClient:
    def __init__(self, server: FakeServer, place: t.Any) -> None:
        self.fake, self.remote = server, place

    def __enter__(self) -> FakeClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    @property
    def server(self) -> dict[str, str]:
        if not self.remote.server_fingerprint and not self.fake.known:
            raise errors.UntrustedServer("self-signed")
        return {"auth": "trusted" if self.fake.trusting else "untrusted"}

    def require_trust(self) -> None:
        assert self.fake.trusting

    def send(self, request: Request) -> Reply:
        self.fake.sent.append(str(request))
        self.fake.trusting = True
        return Reply()


@pytest.fixture(scope="module")
def certificates() -> list[str]:
    return [_trust.key_pair("lxd")[0] for _time in range(2)]


@pytest.fixture
def server(certificates: list[str], monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    fake = FakeServer(certificates[0])
    monkeypatch.setattr(_remote_server, "Client", fake)
    monkeypatch.setattr(_trust, "Client", fake)
    monkeypatch.setattr(_trust, "shown", fake.shown)
    return fake


class Run:
    """The module, for one configuration directory."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory

    def __call__(self, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        defaults = {name: option.get("default") for name, option in remote.REMOTE.options.items()}
        params = {**defaults, "name": "far", "client": "lxd", "config_dir": str(self.directory), **options}
        return remote.REMOTE.run(params, Context(None, check, lambda text: None))

    @property
    def config(self) -> dict[str, t.Any]:
        return yaml.safe_load((self.directory / "config.yml").read_text(encoding="utf-8"))


@pytest.fixture
def run(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("LXD_CONF", "INCUS_CONF"):
        monkeypatch.delenv(name, raising=False)
    return Run(tmp_path / "conf")


def test_a_timeout_is_a_number_above_zero(server: FakeServer, run: Run) -> None:
    with pytest.raises(errors.InvalidOption, match="^connect_timeout: -1 is not valid"):
        run(token=server.token, connect_timeout=-1)


def test_added_by_token_once(server: FakeServer, run: Run) -> None:
    predicted = run(check=True, token=server.token)
    assert predicted["changed"] and not run.directory.exists() and server.sent == []
    added = run(token=server.token)
    assert added == predicted
    assert added["remote"] == {
        "name": "far",
        "addr": ADDR,
        "protocol": "lxd",
        "public": False,
        "auth_type": "tls",
        "project": None,
        "server_fingerprint": server.pin,
        "trusted": True,
        "default": False,
    }
    assert server.sent == ["POST /1.0/certificates"]
    assert server.asked[:2] == ["192.0.2.9:8443", "192.0.2.1:8443"]
    assert not run(token=server.token)["changed"] and len(server.sent) == 1
    assert run.config["remotes"]["far"] == {"addr": ADDR, "protocol": "lxd", "public": False}


def test_trust_that_was_lost_is_won_again(server: FakeServer, run: Run) -> None:
    run(token=server.token)
    server.trusting = False
    with pytest.raises(errors.NotAuthorized, match="client.crt; give a token"):
        run()
    again = run(token=server.token)
    assert again["changed"] and again["diff"]["before"]["trusted"] is False and again["diff"]["after"]["trusted"] is True


def test_a_stranger_writes_nothing(server: FakeServer, run: Run) -> None:
    with pytest.raises(errors.NotAuthorized, match="no client certificate yet"):
        run(addr=ADDR, server_fingerprint=server.pin)
    assert [path.name for path in run.directory.iterdir()] == []


def test_nothing_is_accepted_blindly(server: FakeServer, run: Run) -> None:
    with pytest.raises(errors.UntrustedServer, match=f"No authority .*{server.pin}.*server_fingerprint"):
        run(addr=ADDR, token=None)
    with pytest.raises(errors.UntrustedServer, match="and not with 0000"):
        run(addr=ADDR, server_fingerprint="0" * 64)
    with pytest.raises(errors.InvalidOption, match="server_fingerprint: .*the token is for a server"):
        run(addr=ADDR, server_fingerprint="0" * 64, token=server.token)


def test_a_server_that_an_authority_vouches_for_needs_no_pin(server: FakeServer, run: Run) -> None:
    server.known = server.trusting = True
    assert run(addr=ADDR)["remote"]["server_fingerprint"] is None
    assert not (run.directory / "servercerts").exists()
    assert not run(addr="192.0.2.1")["changed"]


def test_a_new_certificate_is_taken_only_when_told_to(server: FakeServer, run: Run, certificates: list[str]) -> None:
    server.trusting = True
    old = server.pin
    run(addr=ADDR, server_fingerprint=old)
    server.certificate = certificates[1]
    with pytest.raises(errors.UntrustedServer, match=f"{server.pin}, and the remote was added with {old}"):
        run(replace_certificate=True)
    with pytest.raises(errors.UntrustedServer, match="replace_certificate=true takes the new one"):
        run(server_fingerprint=server.pin)
    replaced = run(server_fingerprint=server.pin, replace_certificate=True)
    assert (replaced["diff"]["before"]["server_fingerprint"], replaced["remote"]["server_fingerprint"]) == (old, server.pin)
    assert not run()["changed"]


def test_what_is_not_mentioned_is_left_alone(server: FakeServer, run: Run) -> None:
    server.trusting = True
    run(addr=ADDR, server_fingerprint=server.pin, project="blue", default=True)
    assert not run()["changed"]
    assert run(default=False)["remote"] == {**run()["remote"], "project": "blue", "default": False}
    assert run(project="")["remote"]["project"] is None and "project" not in run.config["remotes"]["far"]


def test_streams_and_sockets_are_asked_nothing(server: FakeServer, run: Run) -> None:
    streams = run(name="images2", addr="https://images.example.com/x/", protocol="simplestreams")["remote"]
    assert (streams["addr"], streams["public"], streams["trusted"]) == ("https://images.example.com/x", True, None)
    assert run(name="socket", addr="/run/x")["remote"]["addr"] == "unix:/run/x"
    assert server.asked == []


def test_a_public_server_need_not_trust_us(server: FakeServer, run: Run) -> None:
    public = run(addr=ADDR, public=True, server_fingerprint=server.pin)["remote"]
    assert (public["trusted"], public["auth_type"]) == (None, None)
    assert not (run.directory / "client.key").exists()


def test_half_a_key_pair_is_not_written_over(server: FakeServer, run: Run) -> None:
    run.directory.mkdir()
    (run.directory / "client.key").write_text("mine", encoding="ascii")
    with pytest.raises(errors.LxdError, match="client.key is there and .*client.crt is not"):
        run(token=server.token)
    assert (run.directory / "client.key").read_text(encoding="ascii") == "mine"


def test_removed(server: FakeServer, run: Run) -> None:
    run(token=server.token, default=True)
    with pytest.raises(errors.InvalidOption, match="default remote"):
        run(state="absent")
    run(default=False)
    assert run(check=True, state="absent")["changed"] and "far" in run.config["remotes"]
    assert run(state="absent")["remote"] is None
    assert "far" not in run.config["remotes"] and not (run.directory / "servercerts/far.crt").exists()
    assert not run(state="absent")["changed"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "a:b"}, "name: 'a:b'"),
        ({"name": "../a"}, "name: '../a'"),
        ({}, "addr is required: .*address has to be given"),
        ({"addr": "ftp://x"}, "addr: 'ftp://x' .*expected https"),
        ({"addr": "https://x:999999"}, "addr: .*expected https"),
        ({"addr": "x", "protocol": "simplestreams"}, "addr: 'x' .*expected https://host/path"),
        ({"addr": "https://x", "protocol": "simplestreams", "public": False}, "public: False .*always public"),
        ({"addr": ADDR, "protocol": "incus"}, "protocol: 'incus' .*lxc speaks"),
        ({"addr": ADDR, "server_fingerprint": "abc"}, "server_fingerprint: 'abc'"),
        ({"name": "local", "addr": "unix:/elsewhere"}, "addr: .*built into the client"),
        ({"name": "local", "state": "absent"}, "name: 'local' .*cannot be removed"),
    ],
)
def test_wrong_options_are_named(server: FakeServer, run: Run, options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(errors.InvalidOption, match=words):
        run(**options)


@pytest.mark.parametrize(
    ("existing", "options", "client"),
    [
        ((), {}, "lxd"),
        (("lxc", "incus"), {}, "lxd"),
        (("incus",), {}, "incus"),
        ((), {"protocol": "incus"}, "incus"),
        (("incus",), {"protocol": "lxd"}, "lxd"),
        (("lxc", "incus"), {"name": "there"}, "incus"),
    ],
)
def test_whose_configuration_it_is(
    run: Run, tmp_path: pathlib.Path, existing: tuple[str, ...], options: dict[str, t.Any], client: str
) -> None:
    for name in existing:
        (tmp_path / ".config" / name).mkdir(parents=True)
        known = {"there": {"addr": "unix:/x"}} if name == "incus" else {}
        (tmp_path / ".config" / name / "config.yml").write_text(yaml.safe_dump({"remotes": known}), encoding="utf-8")
    place = {"lxd": ".config/lxc", "incus": ".config/incus"}[client]
    found = run(**{"addr": "unix:/x", "client": None, "config_dir": None, **options})
    assert found["config"] == str(tmp_path / place / "config.yml")
