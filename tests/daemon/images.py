# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images for tests, built from the packages of the machine's own mirror and kept in a cache.

``busybox``: 1 MB, the same bytes on every build. ``debian``: systemd, Python and sudo, about 200 MB.
Each is a directory with ``meta.tar.xz`` and a root (``rootfs.squashfs`` or ``rootfs.tar``); busybox has ``unified.tar.xz`` too.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import textwrap
import typing as t

from . import packages

_EPOCH = "1700000000"
_TAR = ("tar", "--sort=name", f"--mtime=@{_EPOCH}", "--numeric-owner", "--owner=0", "--group=0")

_INIT = """\
    #!/bin/sh
    # PID 1: asks for an address, then waits; ends when the server says so.
    export PATH=/usr/sbin:/usr/bin:/sbin:/bin
    trap 'exit 0' PWR TERM INT
    ip link set lo up
    if [ -e /sys/class/net/eth0 ]; then
        ip link set eth0 up
        udhcpc -i eth0 -b -S -t 5 -T 1 -s /etc/udhcpc.sh >/dev/null 2>&1 &
    fi
    while :; do
        sleep 3600 &
        wait $!
    done
    """

_DHCP = """\
    #!/bin/sh
    case $1 in
    deconfig)
        ip address flush dev $interface
        ip link set $interface up
        ;;
    bound | renew)
        ip address replace $ip/${mask:-24} dev $interface
        [ -z "$router" ] || ip route replace default via $router dev $interface
        for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
        ;;
    esac
    """

_FILES = {
    "sbin/init": (_INIT, 0o755),
    "etc/udhcpc.sh": (_DHCP, 0o755),
    "etc/passwd": ("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n", 0o644),
    "etc/group": ("root:x:0:\nnogroup:x:65534:\n", 0o644),
    "etc/hosts": ("127.0.0.1 localhost\n", 0o644),
    "etc/os-release": ('NAME="busybox"\nID=busybox\nVERSION_ID=1.35\n', 0o644),
}
_DIRECTORIES = ("bin", "sbin", "etc", "proc", "sys", "dev", "tmp", "run", "root", "mnt", "lib", "usr/bin", "usr/sbin", "var/lib/misc")

_DEBIAN_PACKAGES = "systemd-sysv,dbus,iproute2,ifupdown,isc-dhcp-client,procps,python3,sudo,ca-certificates"


def metadata(name: str, release: str) -> str:
    """``metadata.yaml`` of an image of this machine's kind."""
    machine = os.uname().machine
    debian = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    properties = {"os": name, "release": f'"{release}"', "variant": "default", "architecture": debian, "description": f"{name} for tests"}
    lines = "".join(f"  {key}: {value}\n" for key, value in properties.items())
    return f"architecture: {machine}\ncreation_date: {_EPOCH}\nproperties:\n{lines}"


def busybox() -> pathlib.Path:
    """The directory with ``unified.tar.xz``, ``meta.tar.xz`` and ``rootfs.squashfs``; built in about 5 s if need be."""
    return _cached("busybox", _build_busybox)


def debian() -> pathlib.Path:
    """The directory with ``meta.tar.xz`` and ``rootfs.tar``; built in about 30 s if need be (root)."""
    return _cached("debian", _build_debian)


def _cached(name: str, build: t.Callable[[pathlib.Path], None]) -> pathlib.Path:
    """Built once for each version of this file, also when two runs ask at the same time."""
    recipe = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()[:12]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "fleet.lxd"
    place = cache / f"{name}-{recipe}"
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            for old in cache.glob(f"{name}-*"):
                shutil.rmtree(old)
            with _scratch(cache) as work:
                build(work)
                work.rename(place)
    return place


@contextlib.contextmanager
def _scratch(parent: pathlib.Path) -> t.Iterator[pathlib.Path]:
    path = pathlib.Path(tempfile.mkdtemp(dir=parent, prefix=".build-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _build_busybox(out: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        work = pathlib.Path(scratch)
        root = work / "rootfs"
        _busybox_root(work, root)
        (work / "metadata.yaml").write_text(metadata("busybox", "1.35"), encoding="ascii")
        _run(*_TAR, "-cJf", out / "meta.tar.xz", "metadata.yaml", cwd=work)
        _run(*_TAR, "-cJf", out / "unified.tar.xz", "metadata.yaml", "rootfs", cwd=work)
        squash = ("mksquashfs", root, out / "rootfs.squashfs", "-noappend", "-all-root", "-comp", "xz", "-quiet", "-no-progress")
        _run(*squash, cwd=work, env={**os.environ, "SOURCE_DATE_EPOCH": _EPOCH})


def _busybox_root(work: pathlib.Path, root: pathlib.Path) -> None:
    _run("apt-get", "--quiet=2", "--option=APT::Sandbox::User=root", "download", "busybox-static", cwd=work)
    _run("dpkg", "--extract", next(work.glob("busybox-static*.deb")), work / "package", cwd=work)
    for directory in _DIRECTORIES:
        (root / directory).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    binary = root / "bin/busybox"
    shutil.copy(work / "package/bin/busybox", binary)
    for path in subprocess.run([binary, "--list-full"], capture_output=True, text=True, check=True).stdout.split():
        link = root / path
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists() and path not in _FILES:
            link.symlink_to("/bin/busybox")
    for name, (text, mode) in _FILES.items():
        (root / name).write_text(textwrap.dedent(text), encoding="ascii")
        (root / name).chmod(mode)


def _build_debian(out: pathlib.Path) -> None:
    uri, suite = packages.mirror()
    source = f"deb [signed-by={packages.KEYRING}] {uri} {suite} main"
    network = "auto lo eth0\\niface lo inet loopback\\niface eth0 inet dhcp\\n"
    hooks = (
        f"printf '{network}' >\"$1/etc/network/interfaces\"",
        'ln -sf /dev/null "$1/etc/systemd/system/systemd-binfmt.service"',
        'rm -rf "$1"/etc/apt/sources.list* "$1"/usr/share/doc/* "$1"/usr/share/locale/* "$1"/etc/resolv.conf',
    )
    bootstrap = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={_DEBIAN_PACKAGES}"]
    bootstrap += [f"--customize-hook={hook}" for hook in hooks]
    _run(*bootstrap, suite, out / "rootfs.tar", source, cwd=out)
    (out / "metadata.yaml").write_text(metadata("debian", suite), encoding="ascii")
    _run(*_TAR, "-cJf", "meta.tar.xz", "metadata.yaml", cwd=out)


def _run(*command: str | os.PathLike[str], cwd: pathlib.Path, env: t.Mapping[str, str] | None = None) -> None:
    subprocess.run(command, cwd=cwd, env=env, check=True, stdout=subprocess.DEVNULL)
