# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server of a remote: whether it is the one that it has to be, whether it trusts us, and how it comes to."""

from __future__ import annotations

import dataclasses
import os
import typing as t
import urllib.parse

from . import _remotes, _trust
from ._certificates import fingerprint, fingerprint_of, fingerprint_of_file
from ._client import Client
from ._errors import InvalidOption, LxdError, NotAuthorized, Unreachable, UntrustedServer
from ._options import Remote
from ._remote_home import STREAMS, Home, Params, certified, is_local


@dataclasses.dataclass(frozen=True)
class Met:
    """What a look at the server gave; ``trusted`` is None where it is of no concern, ``server`` where nobody was asked."""

    addr: str
    pin: str | None = None
    certificate: str | None = None
    server: Remote | None = None
    trusted: bool | None = None


def meet(home: Home, params: Params, entry: t.Mapping[str, t.Any], places: list[str], token: _trust.Token | None) -> Met:
    """Look at the server, as far as the remote needs it. Nothing is changed.

    :raises UntrustedServer: when it is not the one that it has to be. :raises NotAuthorized: when nothing gets us trusted.
    """
    stored, asked = home.pin(params["name"]), _asked(params, token)
    if is_local(entry["addr"]) or (entry["protocol"] == STREAMS and not asked):
        return Met(places[0], stored)
    if stored and asked and stored != asked and not params["replace_certificate"]:
        was = f"The remote {params['name']} was added with the server certificate {stored}, and {asked} is asked for now"
        raise UntrustedServer(f"{was}; replace_certificate=true takes the new one")
    pin = asked or stored
    addr, certificate = _reach(places, params["connect_timeout"])
    if pin:
        _compare(addr, fingerprint_of(certificate), asked, stored)
    if entry["protocol"] == STREAMS:
        return Met(addr, pin, certificate)
    cert, key = _remotes.client_pair(home.directory)
    server = Remote(url=addr, client_cert=cert, client_key=key, server_fingerprint=pin, connect_timeout=params["connect_timeout"])
    trusted = _trusts(server, certificate)
    if not certified(entry) or entry.get("auth_type") == "oidc":
        return Met(addr, pin, certificate if pin else None, server)
    if not trusted and not (token or params["trust_password"] or params["client_cert"]):
        us = f"the client certificate {cert}" if cert else "us, who have no client certificate yet"
        ways = "give a token, trust_password (LXD before 6.1), or the client_cert and client_key of a client that it trusts"
        raise NotAuthorized(f"The server {addr} does not trust {us}; {ways}; or public=true")
    return Met(addr, pin, certificate if pin else None, server, trusted)


def _asked(params: Params, token: _trust.Token | None) -> str | None:
    """Fingerprint of the certificate that the server has to show, as far as the task says so."""
    by_token = token.fingerprint if token else None
    path = params["server_cert"]
    by_option = fingerprint_of_file(path) if path else fingerprint("server_fingerprint", params["server_fingerprint"])
    if by_token and by_option and by_token != by_option:
        option = "server_cert" if path else "server_fingerprint"
        raise InvalidOption(option, path or by_option, f"the token is for a server whose certificate has the fingerprint {by_token}")
    return by_option or by_token


def _reach(places: list[str], timeout: float) -> tuple[str, str]:
    """The first address at which something speaks TLS, and the certificate that it shows."""
    failures = []
    for place in places:
        parts = urllib.parse.urlsplit(place)
        try:
            return place, _trust.shown((parts.hostname or "", parts.port or 443), timeout)
        except Unreachable as error:
            failures.append(str(error))
    raise Unreachable("; ".join(failures))


def _compare(addr: str, shown: str, asked: str | None, stored: str | None) -> None:
    if shown == (asked or stored):
        return
    says = f"The server {addr} shows a certificate with the fingerprint {shown}"
    if asked:
        raise UntrustedServer(f"{says}, and not with {asked}")
    advice = "if it got a new one, give its server_fingerprint and replace_certificate=true; if not, somebody is in between"
    raise UntrustedServer(f"{says}, and the remote was added with {stored}: {advice}")


def _trusts(server: Remote, certificate: str) -> bool:
    try:
        with Client(server) as client:
            return client.server.get("auth") == "trusted"
    except UntrustedServer as error:
        if server.server_fingerprint:
            raise
        shown = fingerprint_of(certificate)
        raise UntrustedServer(
            f"No authority vouches for the certificate of {server}; its fingerprint is {shown}: compare that with the one that the "
            "server tells on its own machine (certificate_fingerprint of 'lxc info' or 'incus info'), and give it as server_fingerprint"
        ) from error


def introduce(home: Home, params: Params, met: Met, token: _trust.Token | None) -> None:
    """Get the client's certificate trusted; it is made if there is none."""
    cert, key = _own_pair(home)
    stranger = t.cast(Remote, met.server)
    remote = dataclasses.replace(stranger, client_cert=cert, client_key=key)
    if params["client_cert"]:
        friend = dataclasses.replace(stranger, client_cert=params["client_cert"], client_key=params["client_key"])
        with open(cert, encoding="ascii") as file:
            _trust.by_friend(friend, file.read())
    with Client(remote) as client:
        if token:
            _trust.by_token(client, token)
        elif params["trust_password"]:
            _trust.by_password(client, params["trust_password"])
    with Client(remote) as client:
        client.require_trust()


def _own_pair(home: Home) -> tuple[str, str]:
    cert, key = (os.path.join(home.directory, name) for name in ("client.crt", "client.key"))
    there = [path for path in (cert, key) if os.path.exists(path)]
    if len(there) == 1:
        missing = key if there == [cert] else cert
        raise LxdError(f"{there[0]} is there and {missing} is not: bring the missing one back, or remove the other")
    if not there:
        certificate, private = _trust.key_pair(home.client)
        _remotes.write(key, private, 0o600)
        _remotes.write(cert, certificate)
    return cert, key
