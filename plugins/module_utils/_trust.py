# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a server and its client come to know each other: the certificate it shows, ours, tokens, passwords."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import getpass
import json
import socket
import ssl

from ._certificates import base64_of
from ._client import Client
from ._errors import InvalidOption, MissingLibrary, NotAuthorized, Refused, Unreachable
from ._messages import Request
from ._options import Remote

_YEARS = 10
# What servers answer, with differing status, to a client that they know already.
_KNOWN = "already trusted"


@dataclasses.dataclass(frozen=True)
class Token:
    """A one-time token as ``lxc config trust add`` and ``fleet.lxd.lxd_token`` issue it.

    ``addresses`` (``host:port``) are where the server may be reached, ``fingerprint`` is that of its certificate.
    ``identity``: it is for a fine-grained identity, not for a certificate.
    """

    text: str = dataclasses.field(repr=False)
    fingerprint: str
    addresses: tuple[str, ...]
    identity: bool

    @classmethod
    def read(cls, text: str) -> Token:
        """:raises InvalidOption: which does not repeat the token, a secret."""
        text = "".join(text.split())
        try:
            content = json.loads(base64.b64decode(text, validate=True))
            return cls(text, content["fingerprint"].lower(), tuple(content["addresses"]), bool(content.get("type")))
        except (binascii.Error, ValueError, KeyError, TypeError, AttributeError):
            raise InvalidOption("token", "(hidden)", "expected what fleet.lxd.lxd_token, or config trust add of a client, issued") from None


def shown(address: tuple[str, int], timeout: float) -> str:
    """The certificate (PEM) that a server shows, verified by nobody: only good for being compared.

    :raises Unreachable: when nothing at the address speaks TLS.
    """
    place = ":".join(map(str, address))
    try:
        return ssl.get_server_certificate(address, timeout=timeout)
    except (OSError, ValueError) as error:
        raise Unreachable(f"No TLS certificate from {place}: {error}") from error


def subject() -> str:
    """``user@host``: by this name clients call themselves."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"


def key_pair(client: str) -> tuple[str, str]:
    """A new self-signed client certificate and its key, as PEM: what ``lxc`` (``client`` is ``lxd``) or ``incus`` would make.

    :raises MissingLibrary: without ``cryptography``.
    """
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
    except ImportError as error:
        raise MissingLibrary("cryptography", str(error)) from error
    key = ec.generate_private_key(ec.SECP384R1())
    organisation = {"lxd": "LXD", "incus": "Linux Containers"}[client]
    name = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        x509.NameAttribute(NameOID.COMMON_NAME, subject()[:64]),
    ])
    now = datetime.datetime.now(datetime.timezone.utc)
    usage = dict.fromkeys(
        ("content_commitment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=365 * _YEARS))
        .add_extension(x509.KeyUsage(digital_signature=True, key_encipherment=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA384())
    )
    # The clients write, and some releases only read, the form of OpenSSL.
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"), private.decode("ascii")


def by_token(client: Client, token: Token) -> None:
    """Use the token up, so that the server trusts the certificate of ``client``."""
    if token.identity:
        request = Request("POST", ("auth", "identities", "tls"), {"trust_token": token.text})
    else:
        # LXD before 5.21.2 knows one of the two, Incus and newer ones the other; a stranger is not told which it is.
        request = Request("POST", ("certificates",), {"type": "client", "trust_token": token.text, "password": token.text})
    _ask(client, request, "does not accept the token ({}): one serves once, and until it expires; fleet.lxd.lxd_token issues another")


def by_password(client: Client, password: str) -> None:
    """Have an LXD server before 6.1 trust the certificate of ``client``."""
    request = Request("POST", ("certificates",), {"type": "client", "name": subject(), "password": password})
    _ask(client, request, "does not accept the trust password ({}); newer servers take tokens only, see fleet.lxd.lxd_token")


def by_friend(remote: Remote, certificate: str) -> None:
    """Have a client that the server trusts already, with the pair in ``remote``, add ``certificate`` (PEM)."""
    body = {"type": "client", "name": subject(), "certificate": base64_of(certificate)}
    with Client(remote) as client:
        client.require_trust()
        _ask(client, Request("POST", ("certificates",), body), "does not let client_cert add certificates ({})")


def _ask(client: Client, request: Request, complaint: str) -> None:
    try:
        client.send(request)
    except Refused as refusal:
        if _KNOWN not in str(refusal):
            kind = NotAuthorized if refusal.facts.get("status") in (400, 401, 403) else type(refusal)
            raise kind(f"The server {client.remote} {complaint.format(refusal)}", **refusal.facts) from refusal
