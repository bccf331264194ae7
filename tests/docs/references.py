# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has antsibull-docs check markup and cross references of all documentation, on a copy of the tree.

It takes a redirect of an action plugin for one of the module of that name, and would look for every module's options in
``fleet.lxd.lxd``, which is no module; so the copy is without these redirects.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

from tests.runner import tools


def main() -> int:
    tree = pathlib.Path(os.environ["FLEET_TEST_WORK_DIR"]) / "ansible_collections/fleet/lxd"
    tools.copy(tree)
    runtime = tree / "meta/runtime.yml"
    runtime.write_text(runtime.read_text(encoding="utf-8").partition("plugin_routing:")[0], encoding="utf-8")
    command = ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", "--validate-collection-refs", "self"]
    checked = subprocess.run([*command, "--check-extra-docs-refs", str(tree)], check=False).returncode
    print(f"looked at {len(list(tree.glob('plugins/modules/*.py')))} modules")
    return checked


if __name__ == "__main__":
    sys.exit(main())
