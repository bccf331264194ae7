# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs inside an instance, where it is sent as text: lets a server of modules there run what stdin brings.

``python -I -S -c TEXT use IDLE SERVER`` hands its three streams to the server, waits, and ends as the module did. Where there is no
server yet it starts one, out of ``_helper_server.py`` that it has packed with it; where none would have it, it becomes the plain
Python that was asked for. Both sides ask the kernel who the other is: only processes with the very same rights talk.

It is compiled for each module, and imports as little as it can: that is most of what it costs.
"""

from __future__ import annotations

import _socket
import os
import struct
import sys

# Seconds that the server has to answer, before the module is run without it.
PATIENCE = 2.0
# The number of the socket that a server is started with.
LISTENER = 3
STATUS = struct.Struct("i")
_RIGHTS = ("Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


def use(text: str, idle: str, server: str) -> None:
    """Let the server run what stdin brings; returns if nobody would, before anything was read."""
    name = _name(text + server)
    peer = _connected(name)
    if peer is None:
        _start(text, idle, server, name)
        peer = _connected(name)
    if peer is None:
        return
    try:
        if rights(pid_of(peer)) != rights(os.getpid()):
            return
        peer.sendmsg([b"?"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack("3i", 0, 1, 2))])
        if peer.recv(1) != b"+":
            return
        peer.sendall(b"!")
    except OSError:
        return
    # From here on the module runs there, and nowhere else.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    peer.settimeout(None)
    _end_as(peer.recv(STATUS.size))


def _connected(name: str) -> _socket.socket | None:
    peer = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    peer.settimeout(PATIENCE)
    try:
        peer.connect(name)
    except OSError:
        peer.close()
        return None
    return peer


def _end_as(said: bytes) -> None:
    if len(said) != STATUS.size:
        sys.exit("The helper in the instance ended before the module did; how that ended is unknown")
    code = STATUS.unpack(said)[0]
    if os.WIFSIGNALED(code):
        import signal

        number = os.WTERMSIG(code)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(code))


def _name(text: str) -> str:
    """Of an abstract socket: for this very Python, in this environment, as this user."""
    import zlib

    about = [text, sys.executable, str(os.getuid()), str(os.getgid())]
    for path in (os.path.realpath(sys.executable), os.__file__):
        found = os.stat(path)
        about += [str(found.st_ino), str(found.st_mtime_ns)]
    about += sorted("%s=%s" % item for item in os.environ.items() if item[0].startswith(("PYTHON", "LANG", "LC_")))
    return "\0fleet.lxd-%d-%08x" % (os.getuid(), zlib.crc32("\0".join(about).encode(errors="surrogateescape")))


def _start(text: str, idle: str, server: str, name: str) -> None:
    """A server that is nobody's child and has nobody's streams. When this returns it takes visitors, or there is none."""
    ready, starting = os.pipe()
    if os.fork():
        os.close(starting)
        os.read(ready, 1)
        os.close(ready)
        os.wait()
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        listener.bind(name)
    except OSError:
        # Somebody was quicker.
        os._exit(0)
    listener.listen(64)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.dup2(listener.fileno(), LISTENER)
    # ``starting`` is among them, which tells the parent.
    os.closerange(LISTENER + 1, 256)
    os.execv(sys.executable, [sys.executable, "-c", text, "serve", idle, server])


def pid_of(peer: _socket.socket) -> int:
    return struct.unpack("3i", peer.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12))[0]


def rights(pid: int) -> tuple[str, ...]:
    """All that decides on what a process may do; unlike any other for one that cannot be seen."""
    try:
        lines = status(pid)
        places = [os.readlink("/proc/%d/%s" % (pid, place)) for place in ("ns/mnt", "ns/pid", "ns/user", "root")]
    except OSError as error:
        return ("unknown", str(pid), str(error))
    try:
        with open("/proc/%d/attr/current" % pid) as file:
            places.append(file.read())
    except OSError:
        places.append("no security module")
    return tuple(places) + tuple(lines.get(name, "") for name in _RIGHTS)


def status(pid: int) -> dict[str, str]:
    with open("/proc/%d/status" % pid, errors="replace") as file:
        return {line.partition(":")[0]: line.partition(":")[2].strip() for line in file}


def _serve(idle: str, server: str) -> None:
    import base64
    import zlib

    # What it imports from here, it finds under the name that it has for this file.
    sys.modules["helper._helper_client"] = sys.modules["__main__"]
    names = {"__name__": "helper._helper_server", "__package__": "helper"}
    exec(zlib.decompress(base64.b85decode(server)), names)
    del sys.modules["helper._helper_client"]
    names["serve"](float(idle))  # type: ignore[operator]


def _main() -> None:
    if sys.argv[1] == "serve":
        _serve(*sys.argv[2:])
        return
    with open("/proc/self/cmdline", "rb") as file:
        text = os.fsdecode(file.read().split(b"\0")[-5])
    use(text, *sys.argv[2:])
    os.execv(sys.executable, [sys.executable])


if __name__ == "__main__":
    _main()
