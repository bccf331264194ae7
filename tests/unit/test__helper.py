# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import signal
import subprocess
import sys
import time
import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.plugin_utils import _helper


@pytest.mark.parametrize(
    ("command", "python"),
    [
        ("/bin/sh -c /usr/bin/python3", "/usr/bin/python3"),
        ("/bin/sh -c '/usr/bin/python3 && sleep 0'", "/usr/bin/python3"),
        ("/bin/sh -c '/opt/my\\ venv/bin/python'", "/opt/my venv/bin/python"),
        ("/bin/sh -c 'LANG=C /usr/bin/python3 && sleep 0'", None),
        ("/bin/sh -c '/usr/bin/python3 /root/.ansible/tmp/x.py'", None),
        ("/bin/sh -c 'sudo -n /usr/bin/python3'", None),
        ("/bin/sh -c python3", None),
        ("/bin/sh -c '/bin/cat'", None),
        ("/bin/sh -c 'echo \\'", None),
        ("true", None),
    ],
)
def test_what_is_a_module(command: str, python: str | None) -> None:
    argv = _helper.argv(command, 30.0)
    assert (argv and argv[0]) == python
    assert argv is None or argv[-3:-1] == ["use", "30"]


@pytest.mark.parametrize(
    ("code", "stdout", "stderr", "missing"),
    [
        (127, b"", b"/p: command not found\n", True),
        (126, b"", b"/p: command not executable\n", True),
        (127, b"x", b"/p: command not found\n", False),
        (127, b"", b"", False),
        (1, b"", b"/p: command not found\n", False),
    ],
)
def test_what_is_no_python(code: int, stdout: bytes, stderr: bytes, missing: bool) -> None:
    assert _helper.missing(code, stdout, stderr, "/p") is missing


Run = t.Callable[..., "subprocess.CompletedProcess[str]"]
# A server runs as a child of no test: its parent is the init of the machine, or who takes its place.
WHOSE = "import os; print(open(f'/proc/{os.getppid()}/cmdline').read().split(chr(0)).count('serve'))"


@pytest.fixture
def run(tmp_path: pathlib.Path) -> Run:
    """A program in a Python with a helper of its own, which the first of them starts."""

    def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
        argv = _helper.argv(f"/bin/sh -c {sys.executable}", 1.0)
        assert argv is not None
        given = {"PATH": "/bin:/usr/bin", "LC_OWN": str(tmp_path), **environment}
        return subprocess.run(argv, input=program, capture_output=True, text=True, timeout=30, env=given, cwd=tmp_path, check=False)

    assert run(WHOSE).stdout == "1\n"
    return run


def test_where_no_helper_would_start_the_module_is_run_without(tmp_path: pathlib.Path) -> None:
    argv = _helper.argv(f"/bin/sh -c {sys.executable}", 1.0)
    assert argv is not None
    broken = [*argv[:-1], "no program"]
    done = subprocess.run(broken, input=WHOSE, capture_output=True, text=True, timeout=30, env={"LC_OWN": str(tmp_path)}, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


def _until(true: t.Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_module_finds_what_it_would_without(run: Run, tmp_path: pathlib.Path) -> None:
    program = """
import os, sys
print(sys.argv, __name__, sys.path[0] == "", os.getcwd(), sorted(os.environ.items()), sys.flags.isolated, sys.stdin.read())
print(os.umask(0o77), file=sys.stderr)
"""
    helped = run(program, COLOUR="red")
    given = {"PATH": "/bin:/usr/bin", "LC_OWN": str(tmp_path), "COLOUR": "red"}
    as_ansible = ["/bin/sh", "-c", sys.executable]
    plain = subprocess.run(as_ansible, input=program, capture_output=True, text=True, env=given, cwd=tmp_path, check=False)
    assert (helped.returncode, helped.stdout, helped.stderr) == (plain.returncode, plain.stdout, plain.stderr)


@pytest.mark.parametrize(
    ("program", "code", "stderr"),
    [
        ("import sys; sys.exit(7)", 7, ""),
        ("import os; os._exit(3)", 3, ""),
        ("import sys; sys.exit('no')", 1, "no"),
        ("import sys; sys.exit(-1)", 255, ""),
        ("import sys; sys.exit(None)", 0, ""),
        ("import sys; del sys.modules['__main__']; sys.exit(4)", 4, ""),
        ("import os, sys; os.close(1); print('lost')", 120, "Bad file descriptor"),
        ("import os; os.kill(os.getpid(), 15)", -15, ""),
        ("import os; os.kill(os.getpid(), 9)", -9, ""),
        ("raise ValueError('bad')", 1, "ValueError: bad"),
        ("import atexit; atexit.register(print, 'late'); 1 /", 1, "SyntaxError"),
    ],
)
def test_how_a_module_ends(run: Run, program: str, code: int, stderr: str) -> None:
    done = run(program)
    assert done.returncode == code
    assert stderr in done.stderr
    assert run(WHOSE).stdout == "1\n"


def test_what_a_module_leaves_for_its_end_is_done(run: Run) -> None:
    program = """
import atexit, sys, threading, time
class Left:
    def __del__(self):
        sys.stderr.write("left ")
left = Left()
left.itself = left
atexit.register(sys.stderr.write, "at exit ")
threading.Thread(target=lambda: (time.sleep(0.2), sys.stderr.write("thread "))).start()
print("unflushed", end="")
"""
    done = run(program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "unflushed", "thread at exit left ")


def test_many_at_once_and_who_is_killed_takes_its_module_along(run: Run, tmp_path: pathlib.Path) -> None:
    argv = _helper.argv(f"/bin/sh -c {sys.executable}", 1.0)
    assert argv is not None
    given = {"PATH": "/bin:/usr/bin", "LC_OWN": str(tmp_path)}
    programs = [f"import os, time; open('{tmp_path}/{index}', 'w').write(str(os.getpid())); time.sleep(60)" for index in range(4)]
    started = [subprocess.Popen(argv, stdin=subprocess.PIPE, env=given, cwd=tmp_path, text=True) for _program in programs]
    for process, program in zip(started, programs):
        t.cast(t.IO[str], process.stdin).write(program)
        t.cast(t.IO[str], process.stdin).close()
    files = [tmp_path / str(index) for index in range(4)]
    _until(lambda: all(file.exists() and file.read_text() for file in files))
    for process in started:
        process.send_signal(signal.SIGKILL)
        process.wait()
    _until(lambda: not any(pathlib.Path("/proc", file.read_text()).exists() for file in files))
    assert run(WHOSE).stdout == "1\n"


def test_it_ends_when_nobody_comes(run: Run) -> None:
    pid = int(run("import os; print(os.getppid())").stdout)
    _until(lambda: not pathlib.Path("/proc", str(pid)).exists())
