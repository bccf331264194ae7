# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys that this collection brings for LXD 5.0, which documents none, are those that the server takes."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from ansible_collections.fleet.lxd.plugins import module_utils

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "schemas.py"


@pytest.mark.skipif(not pathlib.Path("/dev/loop-control").exists(), reason="a pool of btrfs needs loop devices")
def test_the_shipped_keys_are_what_the_server_says():
    collections = pathlib.Path(module_utils.__path__[0]).parents[4]
    environment = {**os.environ, "PYTHONPATH": str(collections)}
    done = subprocess.run([sys.executable, str(TOOL), "--check"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
