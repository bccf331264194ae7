# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import socket
import typing as t

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ansible_collections.fleet.lxd.plugins.module_utils import _errors as errors
from ansible_collections.fleet.lxd.plugins.module_utils import _trust
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply, Request

CONTENT = {"client_name": "me", "fingerprint": "AB" * 32, "addresses": ["192.0.2.1:8443", "[fd00::1]:8443"], "secret": "s3"}


def token(**more: t.Any) -> str:
    return base64.b64encode(json.dumps({**CONTENT, **more}).encode()).decode()


class FakeClient:
    """Answers every request with ``refusal``, if there is one."""

    remote = "https://192.0.2.1:8443"

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.requests: list[Request] = []

    def send(self, request: Request) -> Reply:
        self.requests.append(request)
        if self.refusal:
            raise self.refusal
        return Reply()


def test_a_token_is_read() -> None:
    read = _trust.Token.read(f" {token()[:20]}\n{token()[20:]}\n")
    assert read.fingerprint == "ab" * 32
    assert read.addresses == ("192.0.2.1:8443", "[fd00::1]:8443")
    assert (read.text, read.identity) == (token(), False)
    assert token() not in repr(read)


NO_TOKENS = ["s3cr3t!", "s3cr3t", base64.b64encode(b'"s3cr3t"').decode(), token(fingerprint=None), token(addresses=None)]


@pytest.mark.parametrize("text", NO_TOKENS)
def test_what_is_no_token_is_not_repeated(text: str) -> None:
    with pytest.raises(errors.InvalidOption, match="token: .*fleet.lxd.lxd_token") as raised:
        _trust.Token.read(text)
    assert text not in str(raised.value)


def test_a_token_goes_where_its_server_takes_it() -> None:
    client = FakeClient()
    _trust.by_token(client, _trust.Token.read(token()))  # type: ignore[arg-type]
    _trust.by_token(client, _trust.Token.read(token(type="Client certificate")))  # type: ignore[arg-type]
    assert [request.path for request in client.requests] == [("certificates",), ("auth", "identities", "tls")]
    assert client.requests[0].body == {"type": "client", "trust_token": token(), "password": token()}
    assert client.requests[1].body == {"trust_token": token(type="Client certificate")}


@pytest.mark.parametrize("status", [400, 409])
def test_to_be_known_already_is_no_failure(status: int) -> None:
    _trust.by_password(FakeClient(errors.Refused("Client is already trusted", status=status)), "pw")  # type: ignore[arg-type]


def test_a_refusal_tells_what_to_do_and_no_secret() -> None:
    client: t.Any = FakeClient(errors.NotAuthorized("No matching certificate add operation found", status=403))
    with pytest.raises(errors.NotAuthorized, match="192.0.2.1:8443 does not accept the token .No matching.*issues another") as raised:
        _trust.by_token(client, _trust.Token.read(token()))
    assert raised.value.facts == {"status": 403} and token() not in str(raised.value)
    with pytest.raises(errors.NotAuthorized, match="does not accept the trust password") as raised:
        _trust.by_password(client, "s3cr3t")
    assert "s3cr3t" not in str(raised.value)


def test_no_answer_stays_no_answer() -> None:
    with pytest.raises(errors.Unreachable):
        _trust.by_password(FakeClient(errors.Unreachable("gone")), "pw")  # type: ignore[arg-type]


@pytest.mark.parametrize(("client", "organisation"), [("lxd", "LXD"), ("incus", "Linux Containers")])
def test_a_key_pair_as_the_clients_make_it(client: str, organisation: str) -> None:
    cert, key = _trust.key_pair(client)
    certificate = x509.load_pem_x509_certificate(cert.encode())
    private: t.Any = serialization.load_pem_private_key(key.encode(), None)
    assert key.startswith("-----BEGIN EC PRIVATE KEY-----")
    assert private.curve.name == "secp384r1"
    assert certificate.public_key() == private.public_key()
    names = {attribute.rfc4514_attribute_name: attribute.value for attribute in certificate.subject}
    assert names == {"O": organisation, "CN": _trust.subject()[:64]} and certificate.issuer == certificate.subject
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


def test_nobody_shows_a_certificate() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with pytest.raises(errors.Unreachable, match=f"No TLS certificate from 127.0.0.1:{port}"):
            _trust.shown(("127.0.0.1", port), 0.2)
