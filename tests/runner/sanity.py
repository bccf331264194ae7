# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``ansible-test sanity`` on a copy of the tree: it wants one below ``ansible_collections``, and outside of what git ignores."""

from __future__ import annotations

import pathlib
import re
import subprocess
import time
import typing as t

from . import python, tools
from .cases import FAILED, PASSED, SKIPPED, Case, Command, Finding
from .python import Venv
from .work import Work

if t.TYPE_CHECKING:
    from tests.daemon.bed import Bed

# ansible-core -> its requirements, and the Pythons that it runs on.
CORES: t.Mapping[str, tuple[str, tuple[int, int], tuple[int, int]]] = {
    "2.19": ("requirements-sanity-2.19.txt", (3, 11), (3, 13)),
    "2.21": ("requirements-sanity-2.21.txt", (3, 12), (3, 14)),
}

_SILENCE = "All targets skipped|Required program"
_BEGINS = re.compile(r'Running sanity test "(?P<name>[\w-]+)"(?: on Python (?P<python>[\d.]+))?')
_MISSING = re.compile(r'Skipping sanity test "(?P<name>[\w-]+)" on Python (?P<python>[\d.]+) because it could not be found')

# ansible-test fetches a get-pip.py from its makers unless it has one. This does the same with a wheel from the package index.
_GET_PIP = """\
import os, runpy, sys
wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip-{version}-py3-none-any.whl"))
sys.argv = ["pip", "install", "--upgrade", "--force-reinstall", *wanted]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""


def cases(work: Work, chosen: t.Sequence[str]) -> t.Iterator[Case]:
    """A case for each ansible-core for which there is a Python; names choose tests of it, or a core."""
    cores = [core for core in CORES if core in chosen] or list(CORES)
    tests = [name for name in chosen if name not in CORES]
    for core in cores:
        requirements, lowest, highest = CORES[core]
        interpreter = python.between(lowest, highest)
        if interpreter is not None:
            yield _case(work, core, requirements, interpreter, tests)


def _case(work: Work, core: str, requirements: str, interpreter: python.Python, tests: t.Sequence[str]) -> Case:
    def build(_bed: Bed | None) -> Command:
        venv = python.venv(f"sanity-{core}", interpreter, requirements, say=work.say)
        _seed_pip(venv)
        tree = work.directory(f"sanity-{core}") / "ansible_collections/fleet/lxd"
        tools.copy(tree)
        words = [venv.program("ansible-test"), "sanity", "--local", "-v", "--color", "no", "--truncate", "0"]
        environment = {**venv.environment, "ANSIBLE_CONFIG": None}
        paths = [str(venv.bin), *(str(pathlib.Path(found.path).parent) for found in python.interpreters())]
        environment["PATH"] = ":".join([*paths, str(venv.environment["PATH"])])
        return Command([*words, *(word for test in tests for word in ("--test", test))], environment, tree)

    return Case("sanity", f"ansible-core {core}", build, reader=lambda: _Reader(core), forbid=_SILENCE, timeout=900)


def _seed_pip(venv: Venv) -> None:
    """For each version of pip that this ansible-test may ask for."""
    source = next(venv.path.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py"))
    versions = set(re.findall(r"""\bpip=["']([\d.]+)["']""", source.read_text(encoding="utf-8")))
    if not versions:
        raise RuntimeError(f"{source} does not tell its version of pip any more")
    cache = pathlib.Path("~/.ansible/test/cache").expanduser()
    cache.mkdir(parents=True, exist_ok=True)
    for version in versions:
        script = cache / f"get_pip_{version.replace('.', '_')}.py"
        if not script.exists():
            download = [venv.program("python"), "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
            subprocess.run([*download, "--dest", str(cache), f"pip=={version}"], check=True)
            script.write_text(_GET_PIP.replace("{version}", version), encoding="utf-8")


class _Reader:
    """A test begins with ``Running sanity test "pep8"``; what it found follows. One that does not apply is none."""

    def __init__(self, core: str) -> None:
        self._core = core
        self._test = ""
        self._since = time.monotonic()
        self._errors: list[str] = []

    def __call__(self, line: str | None) -> t.Iterator[Finding]:
        begins = _BEGINS.match(line or "")
        ends = line is None or line.startswith(("ERROR: The ", "FATAL"))
        if self._test and (begins or ends):
            outcome = FAILED if self._errors else PASSED
            now = time.monotonic()
            yield Finding(self._test, outcome, now - self._since, "\n".join(self._errors))
            self._test, self._errors, self._since = "", [], now
        if begins:
            self._test = f"{begins['name']}{' on ' + begins['python'] if begins['python'] else ''} (core {self._core})"
        elif line and line.startswith("ERROR"):
            self._errors.append(line.rstrip())
        elif line and line.startswith("No tests applicable"):
            self._test = ""
        elif missing := _MISSING.search(line or ""):
            yield Finding(f"{missing['name']} on {missing['python']} (core {self._core})", SKIPPED, 0.0, "this Python is not here")
            self._test = ""
