# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A signed repository of apt on the loopback, with packages of the distribution under versions of our own."""

from __future__ import annotations

import contextlib
import dataclasses
import email.utils
import functools
import hashlib
import http.server
import pathlib
import re
import subprocess
import tempfile
import threading
import typing as t

from tests.daemon import network

SUITE = "test"


@dataclasses.dataclass(frozen=True)
class Repository:
    """``key`` is what it is signed with, as text; ``fingerprint`` of it."""

    path: pathlib.Path
    port: int
    key: str
    fingerprint: str
    _secret: pathlib.Path

    def publish(self, packages: t.Mapping[str, str]) -> None:
        """Hold these packages, ``{name: version}``, and no others; those of before stay downloadable."""
        index = "\n".join(_stanza(self.path, self._repacked(name, version)) for name, version in packages.items())
        place = self.path / "dists" / SUITE
        binary = place / "main" / f"binary-{_architecture()}" / "Packages"
        binary.parent.mkdir(parents=True, exist_ok=True)
        binary.write_text(index, encoding="utf-8")
        digest = hashlib.sha256(binary.read_bytes()).hexdigest()
        release = {
            "Origin": "fleet.lxd tests",
            "Suite": SUITE,
            "Codename": SUITE,
            "Date": email.utils.formatdate(usegmt=True),
            "Architectures": _architecture(),
            "Components": "main",
            "SHA256": f"\n {digest} {binary.stat().st_size} {binary.relative_to(place)}",
        }
        (place / "Release").write_text("".join(f"{name}: {value}\n" for name, value in release.items()), encoding="ascii")
        _gpg(self._secret, "--yes", "--clearsign", "--output", str(place / "InRelease"), str(place / "Release"))

    def _repacked(self, name: str, version: str) -> pathlib.Path:
        made = self.path / f"{name}_{version}.deb"
        if not made.exists():
            tree = self._unpacked(name)
            control = tree / "DEBIAN/control"
            # As in 2015, the server does not insist on the version of its client.
            text = re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text("utf-8"))
            control.write_text(re.sub(r"lxd-client \(= [^)]*\)", "lxd-client", text), encoding="utf-8")
            _run("dpkg-deb", "-Znone", "--root-owner-group", "--build", str(tree), str(made))
        return made

    def _unpacked(self, name: str) -> pathlib.Path:
        place = self.path.parent / name
        if not place.exists():
            place.mkdir()
            _run("apt-get", "--quiet=2", "--option=APT::Sandbox::User=root", "download", name, cwd=str(place))
            _run("dpkg-deb", "--raw-extract", str(next(place.glob("*.deb"))), str(place / "tree"))
        return place / "tree"


@contextlib.contextmanager
def serving() -> t.Iterator[Repository]:
    """A repository that is served until the block ends; empty, and not even signed, before something is published."""
    with tempfile.TemporaryDirectory(prefix="fleet-apt-") as directory:
        path, secret = pathlib.Path(directory, "repository"), pathlib.Path(directory, "secret")
        path.mkdir()
        secret.mkdir(mode=0o700)
        _gpg(secret, "--quick-generate-key", "fleet.lxd tests", "ed25519", "sign", "never")
        key = _gpg(secret, "--armor", "--export")
        fingerprint = re.search(r"^fpr:+([0-9A-F]+):", _gpg(secret, "--with-colons", "--list-keys"), re.M)
        assert fingerprint
        port = network.free_port(30000)
        handler = functools.partial(_Quiet, directory=str(path))
        with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield Repository(path, port, key, fingerprint[1], secret)
            finally:
                server.shutdown()
                subprocess.run(["gpgconf", "--homedir", str(secret), "--kill", "all"], check=False)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: t.Any) -> None:
        """Say nothing."""


def _stanza(root: pathlib.Path, package: pathlib.Path) -> str:
    content = package.read_bytes()
    about = {"Filename": package.relative_to(root), "Size": len(content), "SHA256": hashlib.sha256(content).hexdigest()}
    return _run("dpkg-deb", "--field", str(package)) + "".join(f"{name}: {value}\n" for name, value in about.items())


def _gpg(home: pathlib.Path, *arguments: str) -> str:
    return _run("gpg", "--homedir", str(home), "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", *arguments)


@functools.cache
def _architecture() -> str:
    return _run("dpkg", "--print-architecture").strip()


def _run(*command: str, cwd: str | None = None) -> str:
    return subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, text=True, check=True).stdout
