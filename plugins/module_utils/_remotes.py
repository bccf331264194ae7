# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client's own configuration (``config.yml``) of ``lxc`` and ``incus``: named remotes, certificates."""

from __future__ import annotations

import dataclasses
import os
import typing as t

from ._errors import InvalidOption, LxdError, MissingLibrary

# (variable that names the directory, default below the home directory)
_DIRECTORIES = (
    ("LXD_CONF", "~/.config/lxc"),
    ("LXD_CONF", "~/snap/lxd/common/config"),
    ("INCUS_CONF", "~/.config/incus"),
)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One remote of a ``config.yml``; certificates are paths, or None where there is no such file."""

    name: str
    addr: str
    protocol: str = "lxd"
    public: bool = False
    project: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    server_cert: str | None = None


def directories() -> list[str]:
    """The clients' directories, in the order in which they are looked at: a variable replaces its defaults."""
    found: list[str] = []
    for variable, default in _DIRECTORIES:
        path = os.environ.get(variable) or os.path.expanduser(default)
        if path not in found:
            found.append(path)
    return found


def client_pair() -> tuple[str | None, str | None]:
    """Paths of the client's certificate and key, or two Nones."""
    for directory in directories():
        cert, key = (os.path.join(directory, name) for name in ("client.crt", "client.key"))
        if os.path.isfile(cert) and os.path.isfile(key):
            return cert, key
    return None, None


def find(name: str) -> Entry:
    """:raises InvalidOption: when no client on this machine knows the remote."""
    for directory in directories():
        remote = load(directory).get("remotes", {}).get(name)
        if remote:
            return _entry(directory, name, remote)
    raise InvalidOption("remote", name, f"no such remote in config.yml of {', '.join(directories())}; fleet.lxd.lxd_remote adds one")


def load(directory: str) -> dict[str, t.Any]:
    """The parsed ``config.yml``, or an empty mapping when there is none."""
    try:
        import yaml
    except ImportError as error:
        raise MissingLibrary("PyYAML", str(error)) from error
    path = os.path.join(directory, "config.yml")
    try:
        with open(path, encoding="utf-8") as file:
            return yaml.safe_load(file) or {}
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError) as error:
        raise LxdError(f"Cannot read the client configuration {path}: {error}") from error


def _entry(directory: str, name: str, remote: t.Mapping[str, t.Any]) -> Entry:
    def existing(*parts: str) -> str | None:
        path = os.path.join(directory, *parts)
        return path if os.path.isfile(path) else None

    return Entry(
        name=name,
        addr=remote.get("addr", ""),
        protocol=remote.get("protocol") or "lxd",
        public=bool(remote.get("public")),
        project=remote.get("project") or None,
        client_cert=existing("client.crt"),
        client_key=existing("client.key"),
        server_cert=existing("servercerts", f"{name}.crt"),
    )
