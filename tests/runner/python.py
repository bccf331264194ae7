# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interpreters of this machine, and virtual environments made of them."""

from __future__ import annotations

import dataclasses
import functools
import glob
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
_MAKING = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Python:
    """An interpreter that runs; ``version`` is (3, 11)."""

    path: str
    version: tuple[int, int]


@functools.cache
def interpreters() -> tuple[Python, ...]:
    """The interpreters of this machine from 3.8 on, one for each version, the oldest first. pyenv's too, never its shims."""
    found: dict[tuple[int, int], Python] = {}
    places = [sys.executable, *(shutil.which(f"python3.{minor}") or "" for minor in range(8, 17)), "/usr/bin/python3"]
    places += sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")))
    for path in filter(None, places):
        python = _probe(path)
        if python and python.version >= (3, 8):
            found.setdefault(python.version, python)
    return tuple(found[version] for version in sorted(found))


def _probe(path: str) -> Python | None:
    script = "import sys; print(getattr(sys, '_base_executable', sys.executable), *sys.version_info[:2])"
    try:
        told = subprocess.run([path, "-I", "-c", script], capture_output=True, text=True, timeout=20, check=True).stdout.split()
        return Python(os.path.realpath(told[0]), (int(told[1]), int(told[2])))
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None


def between(lowest: tuple[int, int], highest: tuple[int, int]) -> Python | None:
    """The oldest interpreter of this machine in a range of versions."""
    return next((python for python in interpreters() if lowest <= python.version <= highest), None)


@dataclasses.dataclass(frozen=True)
class Venv:
    """A virtual environment below ``.cache``, made anew when its requirements change."""

    path: pathlib.Path
    python: Python

    @property
    def bin(self) -> pathlib.Path:
        return self.path / "bin"

    @property
    def environment(self) -> dict[str, str | None]:
        """For programs of it: found first, with no Python settings from outside."""
        parts = [str(self.bin), *(part for part in os.environ["PATH"].split(":") if ".pyenv" not in part)]
        return {"PATH": ":".join(parts), "VIRTUAL_ENV": str(self.path), "PYTHONPATH": None, "PYTHONHOME": None}

    def program(self, name: str) -> str:
        return str(self.bin / name)


def venv(name: str, python: Python, *requirements: str, say: t.Callable[[str], None] = print) -> Venv:
    """``requirements``: names of files in ``tests/``, with pinned versions."""
    files = [ROOT / "tests" / file for file in requirements]
    content = "".join(file.read_text(encoding="utf-8") for file in files) + str(python)
    key = hashlib.sha256(content.encode()).hexdigest()[:10]
    found = Venv(CACHE / f"{name}-{key}", python)
    done = found.path / ".complete"
    with _MAKING:
        if done.exists():
            return found
        say(f"making the environment {name} with Python {python.version[0]}.{python.version[1]}")
        _need_venv_module(python)
        for old in CACHE.glob(f"{name}-??????????"):
            shutil.rmtree(old)
        _quiet(python.path, "-m", "venv", str(found.path))
        _quiet(found.program("python"), "-m", "pip", "install", "--quiet", *(f"--requirement={file}" for file in files))
        done.touch()
    return found


def _need_venv_module(python: Python) -> None:
    """Debian's Python comes without ``ensurepip``."""
    if subprocess.run([python.path, "-I", "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode == 0:
        return
    package = f"python{python.version[0]}.{python.version[1]}-venv"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _quiet("apt-get", "--quiet", "update", environment=environment)
    _quiet("apt-get", "--quiet", "install", "--yes", "--no-install-recommends", package, environment=environment)


def _quiet(*command: str, environment: t.Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")
