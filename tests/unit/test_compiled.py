# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""That our files are compiled once, and not in each run of Ansible anew."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

# A plugin of each kind, as Ansible loads it.
_LOADS = """
from ansible.plugins import loader
loader.init_plugin_loader()
for kind, name in (("action", "lxd_fleet"), ("connection", "lxd"), ("inventory", "lxd")):
    assert getattr(loader, f"{kind}_loader").get(f"fleet.lxd.{name}", class_only=True), name
"""


def test_what_plugins_import_is_kept_compiled(tmp_path: pathlib.Path) -> None:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run([sys.executable, "-c", _LOADS], env=environment, check=True, capture_output=True)
    ours = [path.relative_to(tmp_path).parts[-3:] for path in tmp_path.rglob("*.pyc") if path.parent.parent.name == "plugins"]
    kept = {f"{parent}.{name.partition('.')[0]}" for _plugins, parent, name in ours}
    wanted = {"module_utils._fleet", "module_utils._client", *(f"plugin_utils._{name}" for name in ("direct", "connection", "inventory"))}
    assert wanted <= kept
