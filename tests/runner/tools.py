# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Linters, generators with ``--check``, and what builds documentation and packages."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import typing as t

from . import pytests, python
from .cases import Case, Command
from .python import ROOT
from .work import Work

if t.TYPE_CHECKING:
    from tests.daemon.bed import Bed

_SHELLS = ("#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash", "#!/usr/bin/env sh")


def files() -> list[str]:
    """What git knows or would add, relative to the root; what is ignored is none of ours."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted({name for name in listed if name and (ROOT / name).is_file()})


def copy(tree: pathlib.Path) -> None:
    """What git knows or would add, to another place."""
    for name in files():
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)


def lint(work: Work, chosen: t.Sequence[str]) -> t.Iterator[Case]:
    everything = files()
    yaml = [name for name in everything if name.endswith((".yml", ".yaml")) or name in (".yamllint", ".ansible-lint")]
    typed = ["plugins", "tests/benchmarks", "tests/daemon", "tests/runner", "tests/simulated"]
    for name, words, expect in (
        ("ruff", ["ruff", "check", "--no-cache", "."], "All checks passed"),
        ("mypy", ["mypy", "--cache-dir", str(python.CACHE / "mypy"), *typed], r"no issues found in [1-9]"),
        ("yamllint", ["yamllint", "--strict", *yaml], ""),
        ("ansible-lint", ["ansible-lint", "--offline", "--nocolor", "--profile", "production"], r"Passed: .* in [1-9]\d* files"),
        ("shellcheck", ["shellcheck", *_shell_scripts(everything)], ""),
        ("changelog", ["antsibull-changelog", "lint"], ""),
        *((f"tools/{path.name}", ["python", str(path), "--check"], "") for path in _generators()),
    ):
        if not chosen or name in chosen:
            yield _case(work, "lint", name, words, expect)


def _generators() -> list[pathlib.Path]:
    """But the one that has to ask servers, which tests/faults has."""
    return [path for path in sorted((ROOT / "tools").glob("*.py")) if path.name != "schemas.py"]


def docs(work: Work, chosen: t.Sequence[str]) -> t.Iterator[Case]:
    for name, words, expect in (
        ("references", ["python", "-m", "tests.docs.references"], r"looked at [1-9]\d* modules"),
        ("site", ["python", "-m", "tests.docs.site"], "build succeeded"),
        ("package", ["python", "-m", "tests.docs.package"], "the package is good"),
    ):
        if not chosen or name in chosen:
            yield _case(work, "docs", name, words, expect)
    if not chosen or "examples" in chosen:
        yield pytests.case(work, "docs", [], bed=False)


def _shell_scripts(everything: t.Iterable[str]) -> list[str]:
    """Templates are no scripts yet."""
    found = []
    for name in everything:
        with open(ROOT / name, "rb") as file:
            first = file.readline().decode(errors="replace").strip()
        if first.startswith(_SHELLS) and not name.endswith(".j2"):
            found.append(name)
    return found


def _case(work: Work, part: str, name: str, words: t.Sequence[str], expect: str) -> Case:
    def build(_bed: Bed | None) -> Command:
        venv = work.tools()
        home = work.directory(f"{part}-{name.replace('/', '-')}")
        environment = {**work.environment(home), **venv.environment, "PYTHONDONTWRITEBYTECODE": "1", "FLEET_TEST_WORK_DIR": str(home)}
        program = [venv.program(words[0]) if (venv.bin / words[0]).exists() else words[0], *words[1:]]
        return Command(program, environment, ROOT)

    return Case(part, name, build, expect=expect, forbid="No Python files found|because it could not be found")
