# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which server, which certificates, which project: the options that every module and plugin shares."""

from __future__ import annotations

import dataclasses
import os
import typing as t
import urllib.parse

from ._certificates import fingerprint
from ._errors import InvalidOption, Unreachable

DEFAULT_PORT = 8443

# The environment variables that stand in for an option that is not given. The first that is set wins.
ENVIRONMENT: t.Mapping[str, tuple[str, ...]] = {
    "url": ("LXD_URL", "INCUS_URL"),
    "remote": ("LXC_REMOTE", "INCUS_REMOTE"),
    "project": ("LXD_PROJECT", "INCUS_PROJECT"),
    "client_cert": ("LXD_CLIENT_CERT", "INCUS_CLIENT_CERT"),
    "client_key": ("LXD_CLIENT_KEY", "INCUS_CLIENT_KEY"),
    "server_cert": ("LXD_SERVER_CERT", "INCUS_SERVER_CERT"),
    "server_fingerprint": ("LXD_SERVER_FINGERPRINT", "INCUS_SERVER_FINGERPRINT"),
}

SPEC: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "url": {"type": "str"},
    "snap_url": {"type": "str"},
    "remote": {"type": "str"},
    "project": {"type": "str"},
    "client_cert": {"type": "path", "aliases": ["cert_file"]},
    "client_key": {"type": "path", "aliases": ["key_file"]},
    "server_cert": {"type": "path"},
    "server_fingerprint": {"type": "str"},
    "trust_password": {"type": "str", "no_log": True},
    "connect_timeout": {"type": "float", "default": 10.0},
}

# Of a module that sets keys which a server may know or not, see ``_validate``.
VALIDATE: t.Mapping[str, t.Any] = {"type": "str", "choices": ["warn", "strict", "off"], "default": "warn"}

MUTUALLY_EXCLUSIVE = (("url", "remote"), ("server_cert", "server_fingerprint"))

# (environment variable, path below its value); then the places where packages put it.
_SOCKET_VARIABLES = (
    ("LXD_SOCKET", ""),
    ("LXD_DIR", "unix.socket"),
    ("INCUS_SOCKET", ""),
    ("INCUS_DIR", "unix.socket"),
)
_SOCKET_PATHS = (
    "/var/snap/lxd/common/lxd/unix.socket",
    "/var/lib/lxd/unix.socket",
    "/run/incus/unix.socket",
    "/var/lib/incus/unix.socket",
)


@dataclasses.dataclass(frozen=True)
class Remote:
    """A server and how to be let in. Built by :meth:`read`; ``str()`` of it is how messages name the server.

    Exactly one of ``socket`` (a path) and ``url`` (``https://host:port``) is set. A pin is ``server_cert`` (path of a PEM
    file) or ``server_fingerprint`` (sha256 of the DER, 64 lower case hex digits); without one the system's authorities judge.
    """

    socket: str | None = None
    url: str | None = None
    name: str | None = None
    project: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    server_cert: str | None = None
    server_fingerprint: str | None = None
    trust_password: str | None = dataclasses.field(default=None, repr=False)
    connect_timeout: float = 10.0

    def __str__(self) -> str:
        place = self.url or f"unix:{self.socket}"
        return f"{self.name} ({place})" if self.name else place

    @classmethod
    def read(cls, get: t.Callable[[str], t.Any]) -> Remote:
        """From options: ``get(name)`` is ``module.params.get``, ``plugin.get_option`` or alike.

        :raises InvalidOption: for what cannot be a server, a file or a fingerprint.
        :raises Unreachable: when no address is given and no local socket exists.
        """
        given = _with_environment({name: get(name) for name in SPEC})
        common = {
            "project": given["project"],
            "trust_password": given["trust_password"],
            "connect_timeout": positive("connect_timeout", given["connect_timeout"]),
        }
        if given["remote"] and given["remote"] != "local":
            return cls._named(given, common)
        address = given["url"] or _socket_of_snap(given["snap_url"])
        if address is None:
            return cls(socket=local_socket(), name=given["remote"], **common)
        return cls._at(address, given, common)

    @classmethod
    def named(cls, name: str, project: str | None, option: str) -> Remote:
        """One of the client's configuration, whatever the environment says; the option is what names it."""
        common: dict[str, t.Any] = {"project": project}
        if name == "local":
            return cls(socket=local_socket(), name=name, **common)
        return cls._named({**dict.fromkeys(SPEC), "remote": name}, common, option)

    @classmethod
    def _named(cls, given: t.Mapping[str, t.Any], common: dict[str, t.Any], option: str = "remote") -> Remote:
        from . import _remotes

        entry = _remotes.find(given["remote"], option)
        if entry.protocol not in _remotes.CLIENTS or not entry.addr:
            found = f"its protocol is {entry.protocol}" if entry.addr else "it has no addr"
            raise InvalidOption(option, given["remote"], f"expected a server of LXD or Incus, and in its config.yml {found}")
        common["project"] = common["project"] or entry.project
        merged = {key: given[key] or getattr(entry, key) for key in ("client_cert", "client_key", "server_cert")}
        if given["server_fingerprint"]:
            merged["server_cert"] = None
        return cls._at(entry.addr, {**given, **merged}, {**common, "name": entry.name})

    @classmethod
    def _at(cls, address: str, given: t.Mapping[str, t.Any], common: t.Mapping[str, t.Any]) -> Remote:
        socket = socket_path(address)
        if socket is not None:
            return cls(socket=existing_socket(socket), **common)
        url = https_url(address)
        client_cert, client_key = _key_pair(given["client_cert"], given["client_key"])
        return cls(
            url=url,
            client_cert=client_cert,
            client_key=client_key,
            server_cert=_existing("server_cert", given["server_cert"]),
            server_fingerprint=fingerprint("server_fingerprint", given["server_fingerprint"]),
            **common,
        )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of an https server."""
        parts = urllib.parse.urlsplit(self.url or "")
        return parts.hostname or "", parts.port or DEFAULT_PORT


def socket_path(address: str) -> str | None:
    """The path in ``unix:/path``, ``unix:///path``, ``unix://`` (the local server) or ``/path``; None for anything else."""
    if address.startswith("/"):
        return address
    if address.startswith("unix:"):
        path = address[len("unix:"):]
        return "/" + path.lstrip("/") if path.strip("/") else local_socket()
    return None


def https_url(address: str) -> str:
    """``https://host[:port][/]`` as ``https://host:port``.

    :raises InvalidOption: for another scheme, a path, or a port that is none.
    """
    parts = urllib.parse.urlsplit(address)
    try:
        port = parts.port or DEFAULT_PORT
    except ValueError:
        raise InvalidOption("url", address, "the port has to be a number from 1 to 65535") from None
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query:
        raise InvalidOption("url", address, "expected unix:/path/to/unix.socket or https://host:port")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"https://{host}:{port}"


def local_socket() -> str:
    """The socket of the server of this machine, as the servers' own clients look for it.

    :raises Unreachable: naming every place that was looked at.
    """
    for variable, below in _SOCKET_VARIABLES:
        value = os.environ.get(variable)
        if value:
            return existing_socket(os.path.join(value, below) if below else value)
    for path in _SOCKET_PATHS:
        if os.path.exists(path):
            return path
    raise Unreachable(f"No LXD or Incus server on this machine: none of {', '.join(_SOCKET_PATHS)} exists; is the service running?")


def existing_socket(path: str) -> str:
    """:raises Unreachable: when there is nothing at ``path``."""
    if not os.path.exists(path):
        raise Unreachable(f"No server at unix:{path}: the socket does not exist; is the service running?")
    return path


def _with_environment(given: dict[str, t.Any]) -> dict[str, t.Any]:
    """An option wins over the environment, and one that says where the server is over all variables that do."""
    for chosen, other in MUTUALLY_EXCLUSIVE:
        if given[chosen] and given[other]:
            raise InvalidOption(other, given[other], f"give either {chosen} or {other}, not both")
        if not (given[chosen] or given[other]):
            given[chosen] = _from_environment(chosen)
            given[other] = None if given[chosen] else _from_environment(other)
    exclusive = {name for pair in MUTUALLY_EXCLUSIVE for name in pair}
    return {name: value if value is not None or name in exclusive else _from_environment(name) for name, value in given.items()}


def _from_environment(option: str) -> str | None:
    return next((os.environ[name] for name in ENVIRONMENT.get(option, ()) if os.environ.get(name)), None)


def _socket_of_snap(snap_url: str | None) -> str | None:
    path = socket_path(snap_url) if snap_url else None
    return path if path and os.path.exists(path) else None


def _key_pair(cert: str | None, key: str | None) -> tuple[str | None, str | None]:
    if bool(cert) != bool(key):
        given, missing = ("client_cert", "client_key") if cert else ("client_key", "client_cert")
        raise InvalidOption(given, cert or key, f"{missing} has to be given with it")
    if cert:
        return _existing("client_cert", cert), _existing("client_key", key)
    from . import _remotes

    return _remotes.client_pair()


def _existing(option: str, path: str | None) -> str | None:
    if path and not os.path.isfile(path):
        raise InvalidOption(option, path, "there is no such file")
    return path or None


def positive(option: str, value: t.Any) -> float:
    """Seconds; the option's default if there is no value. :raises InvalidOption: for what is no time."""
    if value is None:
        return float(SPEC[option]["default"])
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise InvalidOption(option, value, "expected a number of seconds above 0")
    return seconds
