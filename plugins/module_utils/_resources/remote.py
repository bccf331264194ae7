# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remotes of ``lxc`` and ``incus``: entries of the client's own configuration, and the trust between it and the server."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import typing as t
import urllib.parse

from .. import _remotes, _trust
from .._certificates import fingerprint, fingerprint_of, fingerprint_of_file
from .._client import Client
from .._errors import InvalidOption, LxdError, NotAuthorized, Unreachable, UntrustedServer
from .._job import Context, Job
from .._options import Remote, https_url, positive

Params = t.Mapping[str, t.Any]
Described = dict[str, t.Any]

_STREAMS = "simplestreams"
_SPEAKS = {"lxd": "lxc speaks lxd and simplestreams", "incus": "incus speaks incus and simplestreams"}


@dataclasses.dataclass(frozen=True)
class _Home:
    """One client's configuration, as it was read."""

    client: str
    directory: str
    config: dict[str, t.Any]

    def entry(self, name: str) -> dict[str, t.Any] | None:
        """What the client knows of a remote; what it has built in wins, but for the project."""
        written = (self.config.get("remotes") or {}).get(name)
        static = _remotes.STATIC[self.client].get(name)
        project = (written or {}).get("project")
        if static is None:
            return written
        return {**static, "project": project} if project else dict(static)

    def pin(self, name: str) -> str | None:
        """Fingerprint of the certificate that the remote has to show."""
        path = _remotes.server_cert(self.directory, name)
        return fingerprint_of_file(path) if os.path.isfile(path) else None

    def describe(self, name: str, trusted: bool | None = None) -> Described:
        """The remote as the module returns it; empty if there is none."""
        entry = self.entry(name)
        return {} if entry is None else _describe(name, entry, self.pin(name), trusted, self.config.get("default-remote"))


@dataclasses.dataclass(frozen=True)
class _Met:
    """What a look at the server gave; ``trusted`` is None where it is of no concern, ``server`` where nobody was asked."""

    addr: str
    pin: str | None = None
    certificate: str | None = None
    server: Remote | None = None
    trusted: bool | None = None


def _describe(name: str, entry: t.Mapping[str, t.Any], pin: str | None, trusted: bool | None, default: str | None) -> Described:
    return {
        "name": name,
        "addr": entry.get("addr"),
        "protocol": entry.get("protocol") or "lxd",
        "public": bool(entry.get("public")),
        "auth_type": entry.get("auth_type") or ("tls" if _certified(entry) else None),
        "project": entry.get("project") or None,
        "server_fingerprint": pin,
        "trusted": trusted,
        "default": name == default,
    }


def _certified(entry: t.Mapping[str, t.Any]) -> bool:
    """Whether the server has to know who asks."""
    return not (entry.get("public") or entry.get("protocol") == _STREAMS or _local(entry["addr"]))


def _local(addr: str) -> bool:
    return addr.startswith(("unix:", "/"))


def _run(params: Params, context: Context) -> dict[str, t.Any]:
    name = params["name"]
    if not re.fullmatch(r"[^\s:/.][^\s:/]*", name):
        raise InvalidOption("name", name, "expected a name without colons, slashes and spaces that does not start with a dot")
    params = {**params, "connect_timeout": positive("connect_timeout", params["connect_timeout"])}
    client, directory = _place(params)
    with contextlib.nullcontext() if context.check else _remotes.locked(directory):
        home = _Home(client, directory, _remotes.read(directory, client))
        before, after = (_absent if params["state"] == "absent" else _present)(home, params, context.check)
    return {
        "changed": before != after,
        "diff": {"before": before, "after": after},
        "remote": after or None,
        "config": os.path.join(directory, "config.yml"),
    }


def _place(params: Params) -> tuple[str, str]:
    """Which client it is about, and its directory."""
    client, protocol, directory = params["client"], params["protocol"], params["config_dir"]
    if client is None:
        client = protocol if protocol in _remotes.CLIENTS else _client_of(params["name"], directory)
    if protocol and protocol not in (client, _STREAMS):
        raise InvalidOption("protocol", protocol, _SPEAKS[client])
    return client, directory or _remotes.directory_of(client)


def _client_of(name: str, directory: str | None) -> str:
    """The client that has the remote already; else lxd, unless incus alone has a configuration."""
    places = {client: _remotes.directory_of(client) for client in _remotes.CLIENTS}
    if directory:
        local = (_remotes.load(directory).get("remotes") or {}).get("local") or {}
        return "incus" if directory == places["incus"] or local.get("protocol") == "incus" else "lxd"
    having = [client for client, place in places.items() if name in (_remotes.load(place).get("remotes") or {})]
    existing = [client for client, place in places.items() if os.path.isdir(place)]
    return next(iter(having or existing), "lxd")


def _absent(home: _Home, params: Params, check: bool) -> tuple[Described, Described]:
    name = params["name"]
    before = home.describe(name)
    if name in _remotes.STATIC[home.client]:
        raise InvalidOption("name", name, f"this remote is built into the client of {home.client} and cannot be removed")
    if before.get("default"):
        raise InvalidOption("name", name, "this is the default remote; make another one the default first, with default=true")
    if before and not check:
        del home.config["remotes"][name]
        _remotes.save(home.directory, home.config)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_remotes.server_cert(home.directory, name))
    return before, {}


def _present(home: _Home, params: Params, check: bool) -> tuple[Described, Described]:
    name = params["name"]
    token = _trust.Token.read(params["token"]) if params["token"] else None
    entry, places = _wanted(home, params, token)
    met = _meet(home, params, entry, places, token)
    entry["addr"] = met.addr
    before = home.describe(name, met.trusted)
    default = _default(home, params)
    after = _describe(name, entry, met.pin, None if met.trusted is None else True, default)
    if before != after and not check:
        if met.trusted is False:
            _introduce(home, params, met, token)
        _write(home, name, entry, met.certificate, default)
    return before, after


def _wanted(home: _Home, params: Params, token: _trust.Token | None) -> tuple[dict[str, t.Any], list[str]]:
    """The entry to be, and the addresses where its server may be, in the order to try."""
    name, old = params["name"], home.entry(params["name"])
    fresh = {"addr": None, "protocol": params["protocol"] or home.client, "public": params["protocol"] == _STREAMS}
    given = {key: params[key] for key in ("protocol", "public", "auth_type", "project") if params[key] is not None}
    entry = {**(old or fresh), **given}
    entry.setdefault("protocol", home.client)
    if entry["protocol"] == _STREAMS and not entry["public"]:
        raise InvalidOption("public", False, "servers of simplestreams are always public")
    if params["addr"]:
        places = [_addr(params["addr"], entry["protocol"])]
        if old and old["addr"] != places[0] and _same(old["addr"], places[0], entry["protocol"]):
            places = [old["addr"]]
    elif old:
        places = [old["addr"]]
    elif token:
        places = [_addr(address, entry["protocol"]) for address in token.addresses]
    else:
        places = []
    if not places:
        raise InvalidOption("addr", params["addr"], f"there is no remote {name!r} yet, so its address has to be given")
    entry["addr"] = places[0]
    _respect_static(home.client, name, entry)
    return entry, places


def _addr(given: str, protocol: str) -> str:
    """As clients write it: ``unix:/path``, ``https://host:port``, or the address of a web server."""
    if _local(given):
        if protocol == _STREAMS:
            raise InvalidOption("addr", given, "expected https://host/path")
        return given if given.startswith("unix:") else f"unix:{given}"
    if protocol != _STREAMS:
        try:
            return https_url(given if "://" in given else f"https://{given}")
        except InvalidOption:
            raise InvalidOption("addr", given, "expected https://host:port, or unix:/path/to/unix.socket") from None
    parts = urllib.parse.urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidOption("addr", given, "expected https://host/path")
    return given.rstrip("/")


def _same(written: str, given: str, protocol: str) -> bool:
    try:
        return _addr(written, protocol) == given
    except InvalidOption:
        return False


def _respect_static(client: str, name: str, entry: t.Mapping[str, t.Any]) -> None:
    for key, value in _remotes.STATIC[client].get(name, {}).items():
        if entry[key] != value:
            raise InvalidOption(key, entry[key], f"the remote {name!r} is built into the client of {client}, with {value!r}")


def _meet(home: _Home, params: Params, entry: t.Mapping[str, t.Any], places: list[str], token: _trust.Token | None) -> _Met:
    """Look at the server, as far as the remote needs it. Nothing is changed.

    :raises UntrustedServer: when it is not the one that it has to be. :raises NotAuthorized: when nothing gets us trusted.
    """
    stored, asked = home.pin(params["name"]), _asked(params, token)
    if _local(entry["addr"]) or (entry["protocol"] == _STREAMS and not asked):
        return _Met(places[0], stored)
    if stored and asked and stored != asked and not params["replace_certificate"]:
        was = f"The remote {params['name']} was added with the server certificate {stored}, and {asked} is asked for now"
        raise UntrustedServer(f"{was}; replace_certificate=true takes the new one")
    pin = asked or stored
    addr, certificate = _reach(places, params["connect_timeout"])
    if pin:
        _compare(addr, fingerprint_of(certificate), asked, stored)
    if entry["protocol"] == _STREAMS:
        return _Met(addr, pin, certificate)
    cert, key = _remotes.client_pair(home.directory)
    server = Remote(url=addr, client_cert=cert, client_key=key, server_fingerprint=pin, connect_timeout=params["connect_timeout"])
    trusted = _trusts(server, certificate)
    if not _certified(entry) or entry.get("auth_type") == "oidc":
        return _Met(addr, pin, certificate if pin else None, server)
    if not trusted and not (token or params["trust_password"] or params["client_cert"]):
        us = f"the client certificate {cert}" if cert else "us, who have no client certificate yet"
        ways = "give a token, trust_password (LXD before 6.1), or the client_cert and client_key of a client that it trusts"
        raise NotAuthorized(f"The server {addr} does not trust {us}; {ways}; or public=true")
    return _Met(addr, pin, certificate if pin else None, server, trusted)


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


def _introduce(home: _Home, params: Params, met: _Met, token: _trust.Token | None) -> None:
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


def _own_pair(home: _Home) -> tuple[str, str]:
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


def _default(home: _Home, params: Params) -> str | None:
    name, default = params["name"], home.config.get("default-remote")
    if params["default"]:
        return name
    return "local" if params["default"] is False and default == name else default


def _write(home: _Home, name: str, entry: t.Mapping[str, t.Any], certificate: str | None, default: str | None) -> None:
    if certificate:
        _remotes.write(_remotes.server_cert(home.directory, name), certificate)
    remotes = home.config.get("remotes") or {}
    if name not in _remotes.STATIC[home.client] or entry.get("project"):
        remotes[name] = {key: value for key, value in {**(remotes.get(name) or {}), **entry}.items() if value not in (None, "")}
    home.config.update({"default-remote": default, "remotes": remotes})
    _remotes.save(home.directory, home.config)


REMOTE = Job(
    options={
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "addr": {"type": "str"},
        "protocol": {"type": "str", "choices": ["lxd", "incus", _STREAMS]},
        "public": {"type": "bool"},
        "auth_type": {"type": "str", "choices": ["tls", "oidc"]},
        "project": {"type": "str"},
        "default": {"type": "bool"},
        "server_fingerprint": {"type": "str"},
        "server_cert": {"type": "path"},
        "replace_certificate": {"type": "bool", "default": False},
        "token": {"type": "str", "no_log": True},
        "trust_password": {"type": "str", "no_log": True},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        "client": {"type": "str", "choices": list(_remotes.CLIENTS)},
        "config_dir": {"type": "path"},
        "connect_timeout": {"type": "float", "default": 10.0},
    },
    run=_run,
    rules={
        "mutually_exclusive": [("server_fingerprint", "server_cert"), ("token", "trust_password", "client_cert")],
        "required_together": [("client_cert", "client_key")],
    },
    connects=False,
)
