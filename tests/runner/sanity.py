# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``ansible-test sanity`` on a copy of the tree: it wants one below ``ansible_collections``, and outside of what git ignores."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess
import time
import typing as t

from . import python, tools
from .cases import FAILED, PASSED, Case, Command, Finding
from .python import ROOT, Venv
from .work import Work

if t.TYPE_CHECKING:
    from tests.daemon.bed import Bed

# ansible-core -> its requirements, and the Pythons that it runs on.
CORES: t.Mapping[str, tuple[str, tuple[int, int], tuple[int, int]]] = {
    "2.19": ("requirements-sanity-2.19.txt", (3, 11), (3, 13)),
    "2.21": ("requirements-sanity-2.21.txt", (3, 12), (3, 14)),
}

_SILENCE = "All targets skipped|because it could not be found|Required program"

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
        tree = _copy(work.directory(f"sanity-{core}/ansible_collections/fleet") / "lxd")
        words = [venv.program("ansible-test"), "sanity", "--local", "--color", "no", "--truncate", "0"]
        environment = {**venv.environment, "ANSIBLE_CONFIG": None}
        paths = [str(venv.bin), *(str(pathlib.Path(found.path).parent) for found in python.interpreters())]
        environment["PATH"] = ":".join([*paths, str(venv.environment["PATH"])])
        return Command([*words, *(word for test in tests for word in ("--test", test))], environment, tree)

    return Case("sanity", f"ansible-core {core}", build, reader=lambda: _Reader(core), forbid=_SILENCE, timeout=900)


def _copy(tree: pathlib.Path) -> pathlib.Path:
    for name in tools.files():
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)
    return tree


def _seed_pip(venv: Venv) -> None:
    """The version is the one that this ansible-test asks for."""
    source = next(venv.path.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py"))
    version = max(re.findall(r"get-pip-(\d+\.\d+(?:\.\d+)?)\.py|pip_version = '(\d[\d.]*)'", source.read_text("utf-8")), key=str)
    number = next(filter(None, version))
    cache = pathlib.Path("~/.ansible/test/cache").expanduser()
    script = cache / f"get_pip_{number.replace('.', '_')}.py"
    if script.exists():
        return
    cache.mkdir(parents=True, exist_ok=True)
    download = [venv.program("python"), "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*download, "--dest", str(cache), f"pip=={number}"], check=True)
    script.write_text(_GET_PIP.format(version=number), encoding="utf-8")


class _Reader:
    """A test begins with ``Running sanity test "pep8"``; what it found follows."""

    def __init__(self, core: str) -> None:
        self._core = core
        self._test = ""
        self._since = time.monotonic()
        self._errors: list[str] = []

    def __call__(self, line: str | None) -> t.Iterator[Finding]:
        begins = re.match(r'Running sanity test "(?P<name>[\w-]+)"(?: on Python (?P<python>[\d.]+))?', line or "")
        ends = line is None or line.startswith(("ERROR: The ", "FATAL"))
        if self._test and (begins or ends):
            outcome = FAILED if self._errors else PASSED
            now = time.monotonic()
            yield Finding(self._test, outcome, now - self._since, "\n".join(self._errors))
            self._test, self._errors, self._since = "", [], now
        if begins:
            self._test = f"{begins['name']}{' on ' + begins['python'] if begins['python'] else ''} (core {self._core})"
        elif self._test and line and line.startswith("ERROR"):
            self._errors.append(line.rstrip())
