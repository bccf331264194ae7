# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the collection, installs it into an empty place, and has galaxy-importer judge it."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
_STRICT = {"GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true", "GALAXY_IMPORTER_REQUIRE_V1_OR_GREATER": "true"}
# What belongs to the repository, not to the package.
_FOREIGN = (".git", ".cache", ".ci", "tests", "tools", "collections", "runtests")


def main() -> int:
    work = pathlib.Path(os.environ["FLEET_TEST_WORK_DIR"])
    _run("ansible-galaxy", "collection", "build", "--output-path", str(work), str(ROOT))
    package = next(work.glob("fleet-lxd-*.tar.gz"))
    _run("ansible-galaxy", "collection", "install", "--offline", "-p", str(work / "installed"), str(package))
    installed = work / "installed/ansible_collections/fleet/lxd"
    foreign = [name for name in _FOREIGN if (installed / name).exists()]
    if foreign:
        print(f"galaxy.yml: build_ignore has to name {', '.join(foreign)}")
        return 1
    _run("ansible-builder", "introspect", "--sanitize", str(work / "installed"))
    _run(sys.executable, "-m", "galaxy_importer.main", package.name, cwd=work, environment=_STRICT)
    print("the package is good")
    return 0


def _run(*command: str, cwd: pathlib.Path = ROOT, environment: dict[str, str] | None = None) -> None:
    print("+", *command, flush=True)
    subprocess.run(command, cwd=cwd, env={**os.environ, **(environment or {})}, check=True)


if __name__ == "__main__":
    sys.exit(main())
