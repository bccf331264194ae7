# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts a second server of the target's kind, and runs a playbook with both.

    second_server.py PLAYBOOK -i INVENTORY -e @VARIABLES

The playbook gets ``second``: its ``url`` (the socket) and ``https_url``.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parents[3]))

from tests.daemon import server  # noqa: E402 -- the path comes first


def main() -> int:
    playbook, *arguments = sys.argv[1:]
    variables = next(argument for argument in arguments if argument.startswith("@"))
    kind = json.loads(pathlib.Path(variables[1:]).read_text(encoding="utf-8"))["lxd_server_kind"]
    with server.running(kind) as other:
        second = json.dumps({"second": {"url": other.url, "https_url": other.https_url}})
        return subprocess.run(["ansible-playbook", playbook, *arguments, "-e", second], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
