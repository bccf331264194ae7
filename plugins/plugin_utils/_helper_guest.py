# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs inside an instance, where it is sent as text: a Python that has what modules import, and forks for each that comes.

``python -I -S -c TEXT use IDLE`` hands its three streams to the server, waits, and ends as the module did. Where there is no
server yet it starts one for the next, and becomes the plain Python that was asked for. ``python -c TEXT serve IDLE NAME`` is the
server. Both sides ask the kernel who the other is: only processes with the very same rights talk.
"""

from __future__ import annotations

import array
import os
import select
import signal
import socket
import struct
import sys

# Seconds that the server has to answer, before the module is run without it.
_PATIENCE = 2.0
_STATUS = struct.Struct("i")
_RIGHTS = ("Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
_PRELOADED = (
    "ast base64 collections.abc contextlib ctypes dataclasses datetime fcntl functools grp hashlib importlib.util inspect json locale "
    "logging operator pathlib platform pwd re runpy secrets selectors shlex shutil stat string subprocess syslog tempfile textwrap "
    "threading traceback types typing uuid zipfile"
)
# Compiled modules that are kept at most.
_KEPT = 2000


def use(text: str, idle: str) -> None:
    """Let the server run what stdin brings; returns if nobody would, before anything was read."""
    name = _name(text)
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(_PATIENCE)
    try:
        peer.connect(name)
    except OSError:
        peer.close()
        _start(text, idle, name)
        return
    try:
        if _rights(_pid_of(peer)) != _rights(os.getpid()):
            return
        peer.sendmsg([b"?"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", (0, 1, 2)))])
        if peer.recv(1) != b"+":
            return
        peer.sendall(b"!")
    except OSError:
        return
    # From here on the module runs there, and nowhere else.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    peer.settimeout(None)
    _end_as(peer.recv(_STATUS.size))


def _end_as(said: bytes) -> None:
    if len(said) != _STATUS.size:
        sys.exit("The helper in the instance ended before the module did; how that ended is unknown")
    code = _STATUS.unpack(said)[0]
    if os.WIFSIGNALED(code):
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


def _start(text: str, idle: str, name: str) -> None:
    """A server that is nobody's child and has nobody's streams."""
    if os.fork():
        os.wait()
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.closerange(3, 256)
    os.execv(sys.executable, [sys.executable, "-c", text, "serve", idle, name[1:]])


def _pid_of(peer: socket.socket) -> int:
    return struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


def _rights(pid: int) -> tuple[str, ...]:
    """All that decides on what a process may do; unlike any other for one that cannot be seen."""
    try:
        lines = _status(pid)
        places = [os.readlink("/proc/%d/%s" % (pid, place)) for place in ("ns/mnt", "ns/pid", "ns/user", "root")]
    except OSError as error:
        return ("unknown", str(pid), str(error))
    try:
        with open("/proc/%d/attr/current" % pid) as file:
            places.append(file.read())
    except OSError:
        places.append("no security module")
    return tuple(places) + tuple(lines.get(name, "") for name in _RIGHTS)


def _status(pid: int) -> dict[str, str]:
    with open("/proc/%d/status" % pid, errors="replace") as file:
        return {line.partition(":")[0]: line.partition(":")[2].strip() for line in file}


class _Visit:
    """One module: its connection, what it is given, and the process that it becomes."""

    def __init__(self, conn: socket.socket) -> None:
        self.conn, self.streams, self.pid, self.news = conn, array.array("i"), 0, -1

    def hear(self) -> bool:
        """Take a word. False: the other side has gone. True: it waits for its module."""
        data, extra, _flags, _address = self.conn.recvmsg(1, socket.CMSG_SPACE(3 * self.streams.itemsize))
        for _level, _kind, content in extra:
            self.streams.frombytes(content)
        if data == b"?" and len(self.streams) == 3:
            self.conn.sendall(b"+")
        return bool(data)

    def close(self) -> None:
        """Who goes before the module has ended takes it along."""
        if self.pid:
            os.killpg(self.pid, signal.SIGKILL)
            self.pid = 0
        for stream in (*self.streams, *([self.news] if self.news >= 0 else [])):
            os.close(stream)
        self.conn.close()


class Server:
    """Serves until nobody came for ``idle`` seconds."""

    def __init__(self, name: str, idle: float) -> None:
        self.idle = idle
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind("\0" + name)
        self.listener.listen(64)
        self.woken, self.wake = os.pipe()
        for end in (self.woken, self.wake):
            os.set_blocking(end, False)
        self.visits: dict[int, _Visit] = {}
        self.compiled: dict[bytes, object] = {}

    def run(self) -> bytes | None:
        """In a child that is to run it: the program that a visitor brought. In the server itself: None, at its end."""
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self.wake, warn_on_full_buffer=False)
        while True:
            poller = select.poll()
            for end in (self.listener.fileno(), self.woken, *self.visits):
                poller.register(end, select.POLLIN)
            ready = [number for number, _events in poller.poll(None if self.visits else self.idle * 1000)]
            if not ready and not self.visits:
                return None
            for number in ready:
                if number == self.listener.fileno():
                    self._welcome()
                elif number == self.woken:
                    os.read(self.woken, 4096)
                elif number in self.visits and self._attend(self.visits[number]):
                    return self._become(self.visits[number])
            self._reap()

    def _welcome(self) -> None:
        conn = self.listener.accept()[0]
        conn.settimeout(_PATIENCE)
        if _rights(_pid_of(conn)) == _rights(os.getpid()):
            self.visits[conn.fileno()] = _Visit(conn)
        else:
            conn.close()

    def _attend(self, visit: _Visit) -> bool:
        """Whether this process is now the child."""
        had = len(visit.streams)
        try:
            here = visit.hear()
        except OSError:
            here = False
        if not here:
            del self.visits[visit.conn.fileno()]
            visit.close()
            return False
        if had != 3 or visit.pid:
            return False
        visit.news = os.memfd_create("news")
        child = os.fork()
        if not child:
            return True
        visit.pid = child
        # The group is there before anybody can be told to kill it.
        _quietly(os.setpgid, child, child)
        while visit.streams:
            os.close(visit.streams.pop())
        return False

    def _reap(self) -> None:
        while True:
            try:
                pid, code = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for number, visit in list(self.visits.items()):
                if visit.pid == pid:
                    del self.visits[number]
                    self._learn(visit.news)
                    visit.pid = 0
                    _quietly(visit.conn.sendall, _STATUS.pack(code))
                    visit.close()

    def _learn(self, news: int) -> None:
        import marshal

        if len(self.compiled) > _KEPT:
            self.compiled.clear()
        size = os.fstat(news).st_size
        if size:
            self.compiled.update(marshal.loads(os.pread(news, size, 0)))

    def _become(self, visit: _Visit) -> bytes:
        """Be what a Python would be that the visitor had started."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _quietly(os.setpgid, 0, 0)
        pid = _pid_of(visit.conn)
        for number, stream in enumerate(visit.streams):
            os.dup2(stream, number)
        # What the module opens may get these numbers: nobody may close them later.
        for conn in (self.listener, *(each.conn for each in self.visits.values())):
            os.close(conn.detach())
        others = [end for each in self.visits.values() for end in (*each.streams, each.news) if end not in (-1, visit.news)]
        for end in (*others, self.woken, self.wake):
            os.close(end)
        _take_over(pid)
        _note_compiled(self.compiled, visit.news)
        return sys.stdin.buffer.read()


def _take_over(pid: int) -> None:
    """Environment, working directory and umask of a process."""
    import time

    with open("/proc/%d/environ" % pid, "rb") as file:
        given = dict(line.split(b"=", 1) for line in file.read().split(b"\0") if b"=" in line)
    if "LC_CTYPE" in os.environ:
        # A Python that starts in the C locale sets it for itself and its children.
        given.setdefault(b"LC_CTYPE", os.environb[b"LC_CTYPE"])
    os.environb.clear()
    os.environb.update(given)
    time.tzset()
    os.umask(int(_status(pid)["Umask"], 8))
    os.chdir("/proc/%d/cwd" % pid)


def _note_compiled(known: dict[bytes, object], news: int) -> None:
    """Let imports from archives take what was compiled before, and tell the server at the end what was not."""
    import _imp
    import atexit
    import hashlib
    import marshal
    import zipimport

    original = getattr(zipimport, "_compile_source", None)
    if original is None:
        return
    fresh: dict[bytes, object] = {}

    def compile_source(path: str, source: bytes) -> object:
        key = hashlib.sha256(source).digest()
        if key in known:
            _imp._fix_co_filename(known[key], path)  # type: ignore[attr-defined]
            return known[key]
        fresh[key] = original(path, source)
        return fresh[key]

    zipimport._compile_source = compile_source  # type: ignore[attr-defined]
    owner = os.getpid()

    def tell() -> None:
        if os.getpid() == owner:
            os.pwrite(news, marshal.dumps(fresh), 0)

    atexit.register(tell)


def _quietly(function: object, *arguments: object) -> None:
    """Where the other one may be gone or quicker."""
    try:
        function(*arguments)  # type: ignore[operator]
    except OSError:
        return


def _serve(idle: float, name: str) -> None:
    try:
        server = Server(name, idle)
    except OSError:
        # Somebody was quicker.
        return
    for module in _PRELOADED.split():
        __import__(module)
    program = server.run()
    if program is not None:
        main = sys.modules["__main__"] = type(sys)("__main__")
        sys.argv = [""]
        exec(compile(program, "<stdin>", "exec"), vars(main))


def _main() -> None:
    if sys.argv[1] == "serve":
        _serve(float(sys.argv[2]), sys.argv[3])
        return
    with open("/proc/self/cmdline", "rb") as file:
        text = os.fsdecode(file.read().split(b"\0")[-4])
    use(text, sys.argv[2])
    os.execv(sys.executable, [sys.executable])


if __name__ == "__main__":
    _main()
