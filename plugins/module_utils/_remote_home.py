# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of one client of LXD or Incus, and the remotes in it."""

from __future__ import annotations

import dataclasses
import os
import typing as t
import urllib.parse

from . import _remotes
from ._certificates import fingerprint_of_file
from ._errors import InvalidOption
from ._options import https_url

Described = dict[str, t.Any]
Params = t.Mapping[str, t.Any]

STREAMS = "simplestreams"
_SPEAKS = {"lxd": "lxc speaks lxd and simplestreams", "incus": "incus speaks incus and simplestreams"}


@dataclasses.dataclass(frozen=True)
class Home:
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
        return {} if entry is None else describe(name, entry, self.pin(name), trusted, self.config.get("default-remote"))


def describe(name: str, entry: t.Mapping[str, t.Any], pin: str | None, trusted: bool | None, default: str | None) -> Described:
    """A remote as the module returns it; ``default`` is the name of the one that is."""
    return {
        "name": name,
        "addr": entry.get("addr"),
        "protocol": entry.get("protocol") or "lxd",
        "public": bool(entry.get("public")),
        "auth_type": entry.get("auth_type") or ("tls" if certified(entry) else None),
        "project": entry.get("project") or None,
        "server_fingerprint": pin,
        "trusted": trusted,
        "default": name == default,
    }


def certified(entry: t.Mapping[str, t.Any]) -> bool:
    """Whether the server has to know who asks."""
    return not (entry.get("public") or entry.get("protocol") == STREAMS or is_local(entry["addr"]))


def is_local(addr: str) -> bool:
    """Whether it is a socket of this machine."""
    return addr.startswith(("unix:", "/"))


def place(params: Params) -> tuple[str, str]:
    """Which client it is about, and its directory."""
    client, protocol, directory = params["client"], params["protocol"], params["config_dir"]
    if client is None:
        client = protocol if protocol in _remotes.CLIENTS else _client_of(params["name"], directory)
    if protocol and protocol not in (client, STREAMS):
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


def address_of(given: str, protocol: str) -> str:
    """As clients write it: ``unix:/path``, ``https://host:port``, or the address of a web server."""
    if is_local(given):
        if protocol == STREAMS:
            raise InvalidOption("addr", given, "expected https://host/path")
        return given if given.startswith("unix:") else f"unix:{given}"
    if protocol != STREAMS:
        try:
            return https_url(given if "://" in given else f"https://{given}")
        except InvalidOption:
            raise InvalidOption("addr", given, "expected https://host:port, or unix:/path/to/unix.socket") from None
    parts = urllib.parse.urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidOption("addr", given, "expected https://host/path")
    return given.rstrip("/")


def same_address(written: str, given: str, protocol: str) -> bool:
    """Whether what the configuration has is what the task says, in other words."""
    try:
        return address_of(written, protocol) == given
    except InvalidOption:
        return False


def default_of(home: Home, params: Params) -> str | None:
    """The name of the remote that is to be the default."""
    name, default = params["name"], home.config.get("default-remote")
    if params["default"]:
        return name
    return "local" if params["default"] is False and default == name else default


def write(home: Home, name: str, entry: t.Mapping[str, t.Any], certificate: str | None, default: str | None) -> None:
    """Keep the remote, and the certificate that its server has to show."""
    if certificate:
        _remotes.write(_remotes.server_cert(home.directory, name), certificate)
    remotes = home.config.get("remotes") or {}
    if name not in _remotes.STATIC[home.client] or entry.get("project"):
        remotes[name] = {key: value for key, value in {**(remotes.get(name) or {}), **entry}.items() if value not in (None, "")}
    home.config.update({"default-remote": default, "remotes": remotes})
    _remotes.save(home.directory, home.config)
