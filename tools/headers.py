# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell which files lack the licence header. Nothing is written; ``--check`` is taken for the sake of uniformity."""

from __future__ import annotations

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
WANTED = ("Copyright: (c) 2026, The fleet.lxd developers", "GNU General Public License v3.0+", "SPDX-License-Identifier: GPL-3.0-or-later")
# Made by a tool, or of a kind that has no comments. Fragments become the changelog.
EXEMPT_NAMES = ("LICENSE", "CHANGELOG.rst", "changelogs/changelog.yaml")
EXEMPT_SUFFIXES = (".json", ".pem", ".crt", ".key", ".png", ".svg")
EXEMPT_DIRECTORIES = ("changelogs/fragments/", "tests/sanity/ignore-", "roles/image_build/files/busybox/etc/")


def main() -> int:
    listed = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split("\0")
    poor = [name for name in sorted(set(names)) if name and not exempt(name) and not has_header(ROOT / name)]
    for name in poor:
        print(f"{name}: no licence header in its first lines")
    return 1 if poor else 0


def exempt(name: str) -> bool:
    return name in EXEMPT_NAMES or name.endswith(EXEMPT_SUFFIXES) or name.startswith(EXEMPT_DIRECTORIES)


def has_header(path: pathlib.Path) -> bool:
    """Empty files need none, nor do links, and what is deleted but not committed yet."""
    if not path.is_file() or path.is_symlink() or not path.stat().st_size:
        return True
    head = path.read_bytes()[:1500].decode(errors="replace")
    return all(words in head for words in WANTED)


if __name__ == "__main__":
    sys.exit(main())
