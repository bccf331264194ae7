# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a cluster of two new servers of the target's kind (cluster.yml here), and runs a playbook with it.

    two_servers.py PLAYBOOK -i INVENTORY -e @VARIABLES

The playbooks get ``servers``: of ``n1`` and ``n2`` the ``name``, ``url``, ``address`` (host:port), and the name of a
network interface that may be made: it is taken away with the server. ``lxd_url`` is that of ``n1``.
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
    with server.running(kind, bare=True) as first, server.running(kind, bare=True) as second:
        servers = [
            {"name": name, "url": each.url, "address": each.https_url.partition("//")[2], "interface": each.slot.name}
            for name, each in (("n1", first), ("n2", second))
        ]
        cluster = json.dumps({"servers": servers, "lxd_url": first.url})
        command = ["ansible-playbook", str(HERE / "cluster.yml"), playbook, *arguments, "-e", cluster]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
