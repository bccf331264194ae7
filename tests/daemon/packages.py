# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Debian packages that the tests need. Nothing else in this package installs anything."""

from __future__ import annotations

import os
import shutil
import subprocess

INCUSD = "/usr/libexec/incus/incusd"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
BACKPORTS = "/etc/apt/sources.list.d/fleet-lxd-backports.sources"

# What tells that a package is there -> the package.
_NEEDED = {
    "lxd": "lxd",
    "lxc": "lxd-client",
    "/usr/sbin/dnsmasq": "dnsmasq-base",
    "nft": "nftables",
    "mksquashfs": "squashfs-tools",
    "mkfs.btrfs": "btrfs-progs",
    "xz": "xz-utils",
    "mmdebstrap": "mmdebstrap",
    "openssl": "openssl",
    "ip": "iproute2",
    "git": "git",
    "shellcheck": "shellcheck",
}
_INCUS = {INCUSD: "incus-base", "incus": "incus-client", "incus-simplestreams": "incus-extra"}


def missing() -> list[str]:
    """Names of packages that have to be installed before servers can be started."""
    return [package for program, package in {**_NEEDED, **_INCUS}.items() if not shutil.which(program)]


def install() -> list[str]:
    """Install what is missing (root, network); returns the names. Incus comes from the backports of the same mirror."""
    wanted = missing()
    if not wanted:
        return []
    _apt("update")
    if set(wanted) & set(_INCUS.values()) and not has_candidate("incus-base"):
        _add_backports()
        _apt("update")
    _apt("install", "--yes", "--no-install-recommends", *wanted)
    return wanted


def has_candidate(package: str) -> bool:
    """Whether apt could install the package from the sources that it knows."""
    policy = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True, check=True).stdout
    return "Candidate:" in policy and "Candidate: (none)" not in policy


def mirror() -> tuple[str, str]:
    """URI and suite of the first Debian archive among apt's own sources."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        uri, suite = line.split()
        if uri.rstrip("/").endswith("/debian") and "-" not in suite:
            return uri, suite
    raise RuntimeError("apt knows no Debian archive: there is no source whose URI ends with /debian")


def _add_backports() -> None:
    uri, suite = mirror()
    with open(BACKPORTS, "w", encoding="ascii") as file:
        file.write(f"Types: deb\nURIs: {uri}\nSuites: {suite}-backports\nComponents: main\nSigned-By: {KEYRING}\n")


def _apt(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "--quiet", *arguments], check=True, env=environment)
