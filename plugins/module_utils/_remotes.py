# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client's own configuration (``config.yml``) of ``lxc`` and ``incus``: named remotes, certificates."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import tempfile
import time
import typing as t

from ._errors import InvalidOption, LxdError, MissingLibrary, TimedOut

# (variable that names the directory, default below the home directory)
_DIRECTORIES = (
    ("LXD_CONF", "~/.config/lxc"),
    ("LXD_CONF", "~/snap/lxd/common/config"),
    ("INCUS_CONF", "~/.config/incus"),
)
CLIENTS = ("lxd", "incus")

_UBUNTU = "https://cloud-images.ubuntu.com"
# Remotes that a client has built in, whatever its config.yml says of them other than the project.
STATIC: t.Mapping[str, t.Mapping[str, t.Mapping[str, t.Any]]] = {
    "lxd": {
        "local": {"addr": "unix://", "protocol": "lxd", "public": False},
        "ubuntu": {"addr": f"{_UBUNTU}/releases", "protocol": "simplestreams", "public": True},
        "ubuntu-daily": {"addr": f"{_UBUNTU}/daily", "protocol": "simplestreams", "public": True},
    },
    "incus": {"local": {"addr": "unix://", "protocol": "incus", "public": False}},
}
# Seconds that another task may work on the configuration of a client.
PATIENCE = 60.0
# What a client has besides as long as it has no config.yml.
_IMAGES = {"lxd": "https://images.lxd.canonical.com", "incus": "https://images.linuxcontainers.org"}


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


def client_pair(*places: str) -> tuple[str | None, str | None]:
    """Paths of the client's certificate and key in the first of ``places`` (all of the clients') that has both, or two Nones."""
    for directory in places or directories():
        cert, key = (os.path.join(directory, name) for name in ("client.crt", "client.key"))
        if os.path.isfile(cert) and os.path.isfile(key):
            return cert, key
    return None, None


def directory_of(client: str) -> str:
    """Where ``lxd``'s or ``incus``' client keeps its configuration: where it has one, or where it would make one."""
    if client == "incus":
        return directories()[-1]
    places = directories()[:-1]
    made = (place for place in places if os.path.isfile(os.path.join(place, "config.yml")))
    of_snap = (place for place in places[1:] if os.path.isdir(os.path.dirname(place)))
    return next(made, None) or next(of_snap, None) or places[0]


def find(name: str, option: str = "remote") -> Entry:
    """:raises InvalidOption: when no client on this machine knows the remote, which the option names."""
    for directory in directories():
        remote = (load(directory).get("remotes") or {}).get(name)
        if remote:
            return _entry(directory, name, remote)
    raise InvalidOption(option, name, f"no such remote in config.yml of {', '.join(directories())}; fleet.lxd.lxd_remote adds one")


def load(directory: str) -> dict[str, t.Any]:
    """The parsed ``config.yml``, or an empty mapping when there is none. :raises LxdError: for one that is not of the clients' form."""
    try:
        import yaml
    except ImportError as error:
        raise MissingLibrary("PyYAML", str(error)) from error
    path = os.path.join(directory, "config.yml")
    try:
        with open(path, encoding="utf-8") as file:
            config = yaml.safe_load(file) or {}
        _check(config)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise LxdError(f"Cannot read the client configuration {path}: {reason}") from error
    return config


def _check(config: t.Any) -> None:
    """:raises ValueError: for what no client could read."""
    _expect("", config, dict)
    remotes = config.get("remotes") or {}
    _expect("remotes: ", remotes, dict)
    for name, about in remotes.items():
        _expect(f"remotes.{name}: ", about, dict)
        _expect(f"remotes.{name}.addr: ", about.get("addr", ""), str)


def _expect(place: str, found: t.Any, kind: type) -> None:
    if not isinstance(found, kind):
        raise ValueError(f"{place}expected {'a mapping' if kind is dict else 'an address'}, found {found!r}")


def read(directory: str, client: str) -> dict[str, t.Any]:
    """The ``config.yml``, or the one that the client would begin with when there is none."""
    images = {"addr": _IMAGES[client], "protocol": "simplestreams", "public": True}
    fresh = {"default-remote": "local", "remotes": {"images": images, "local": dict(STATIC[client]["local"])}, "aliases": {}}
    return load(directory) or fresh


def save(directory: str, config: t.Mapping[str, t.Any]) -> None:
    """Write the ``config.yml``; keys keep their order."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """What Ansible hands to us in the worker are strings of its own kind."""

    Dumper.add_multi_representer(str, yaml.SafeDumper.represent_str)
    write(os.path.join(directory, "config.yml"), yaml.dump(dict(config), Dumper=Dumper, sort_keys=False, allow_unicode=True))


def write(path: str, text: str, mode: int = 0o644) -> None:
    """Put a file in place at once: whoever reads sees the old one or the new one. What is there keeps its mode and owner.

    A symbolic link stays one. Missing directories are made for us alone, as the clients do.
    """
    path = os.path.realpath(path)
    directory = os.path.dirname(path)
    try:
        os.makedirs(directory, mode=0o750, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".", dir=directory)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text)
                _like_before(file.fileno(), path, directory, mode)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise LxdError(f"Cannot write {path}: {error.strerror or error}") from error


def _like_before(handle: int, path: str, directory: str, mode: int) -> None:
    exists = os.path.exists(path)
    os.fchmod(handle, os.stat(path).st_mode & 0o777 if exists else mode)
    if os.geteuid() == 0:
        owner = os.stat(path if exists else directory)
        os.fchown(handle, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def locked(directory: str) -> t.Iterator[None]:
    """Nobody else of us changes the directory meanwhile; it is made if it is missing.

    :raises TimedOut: when somebody else does for longer than ``PATIENCE``.
    """
    try:
        os.makedirs(directory, mode=0o750, exist_ok=True)
        handle = os.open(directory, os.O_RDONLY)
    except OSError as error:
        raise LxdError(f"Cannot use the client's configuration directory {directory}: {error.strerror}") from error
    try:
        _lock(handle, directory)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, directory: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                said = f"Another task has been working on the client's configuration directory {directory} for {PATIENCE:g} seconds"
                raise TimedOut(f"{said}, and nothing was changed") from None
        time.sleep(0.1)


def server_cert(directory: str, name: str) -> str:
    """Where the client keeps the certificate that the remote has to show."""
    return os.path.join(directory, "servercerts", f"{name}.crt")


def _entry(directory: str, name: str, remote: t.Mapping[str, t.Any]) -> Entry:
    def existing(path: str) -> str | None:
        return path if os.path.isfile(path) else None

    return Entry(
        name=name,
        addr=remote.get("addr", ""),
        protocol=remote.get("protocol") or "lxd",
        public=bool(remote.get("public")),
        project=remote.get("project") or None,
        client_cert=existing(os.path.join(directory, "client.crt")),
        client_key=existing(os.path.join(directory, "client.key")),
        server_cert=existing(server_cert(directory, name)),
    )
