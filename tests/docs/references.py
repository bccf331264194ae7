# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has antsibull-docs check markup and cross references of all documentation, and says of how many modules."""

from __future__ import annotations

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main() -> int:
    command = ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", "--validate-collection-refs", "self"]
    checked = subprocess.run([*command, "--check-extra-docs-refs", str(ROOT)], check=False).returncode
    print(f"looked at {len(list(ROOT.glob('plugins/modules/lxd_*.py')))} modules")
    return checked


if __name__ == "__main__":
    sys.exit(main())
