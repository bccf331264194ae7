# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs inside an instance: a Python that has what modules import, and forks for each that comes. ``_helper_client.py`` starts it.

Sent as text, and run beside that.
"""

from __future__ import annotations

import array
import gc
import os
import select
import signal
import socket
import sys

from ._helper_client import LISTENER, PATIENCE, STATUS, pid_of, rights, status

_PRELOADED = (
    "_imp ast atexit base64 collections.abc contextlib ctypes dataclasses datetime fcntl functools grp hashlib "
    "importlib.util inspect json locale marshal logging operator pathlib platform pwd re runpy secrets selectors shlex "
    "shutil stat string subprocess syslog tempfile textwrap threading time traceback types typing uuid zipfile zipimport"
)
# Compiled modules that are kept at most.
_KEPT = 2000


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

    def __init__(self, idle: float) -> None:
        self.idle = idle
        self.listener = socket.socket(fileno=LISTENER)
        self.prepared = False
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
        conn.settimeout(PATIENCE)
        if rights(pid_of(conn)) == rights(os.getpid()):
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
        self._prepare()
        return False

    def _prepare(self) -> None:
        """Import what modules import; once, and while the first of them runs, which does it for itself."""
        if self.prepared:
            return
        self.prepared = True
        for module in _PRELOADED.split():
            __import__(module)
        # What is here to stay: no child's collector touches it, which would copy its pages.
        gc.freeze()

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
                    _quietly(visit.conn.sendall, STATUS.pack(code))
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
        pid = pid_of(visit.conn)
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
    os.umask(int(status(pid)["Umask"], 8))
    os.chdir("/proc/%d/cwd" % pid)
    # What the shell would have said that stands before a Python without a helper.
    os.environb.setdefault(b"PWD", os.getcwdb())


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


def serve(idle: float) -> None:
    program = Server(idle).run()
    if program is None:
        return
    main = sys.modules["__main__"] = type(sys)("__main__")
    sys.argv = [""]
    code = 0
    try:
        exec(compile(program, "<stdin>", "exec"), vars(main))
    except SystemExit as end:
        if not isinstance(end.code, (int, type(None))):
            raise
        code = end.code or 0
    del main
    _leave(code)


def _leave(code: int) -> None:
    """End as a Python does, but do not take apart what every module finds here: that would be a tenth of its time."""
    import atexit

    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()
    # What the program has left is finalized here, among all that it knows.
    sys.modules.pop("__main__", None)
    gc.collect()
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (AttributeError, OSError, ValueError):
        # The other end, or the stream itself, is gone: Python knows what to say.
        sys.exit(code)
    os._exit(code & 0xFF)
