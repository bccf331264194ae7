# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes ``ansible_collections.fleet.lxd`` importable wherever this checkout lies, through a tree of links outside of it."""

from __future__ import annotations

import atexit
import os
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]


def _plant() -> str:
    tree = pathlib.Path(tempfile.mkdtemp(prefix="fleet-collections-"))
    atexit.register(shutil.rmtree, tree, ignore_errors=True)
    namespace = tree / "ansible_collections" / "fleet"
    namespace.mkdir(parents=True)
    (namespace / "lxd").symlink_to(ROOT)
    return str(tree)


sys.dont_write_bytecode = True
sys.path.insert(0, _plant())
os.environ["ANSIBLE_COLLECTIONS_PATH"] = sys.path[0]
