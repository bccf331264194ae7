# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One file through the connection, with no play around it: ``carry.py put|fetch URL INSTANCE FROM TO``.

Prints the seconds and the seconds of CPU that it took, and the peak of this process in KiB, Ansible's own imports among it.
"""

from __future__ import annotations

import json
import pathlib
import sys
import time

from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader, init_plugin_loader


def main() -> None:
    way, url, instance, source, destination = sys.argv[1:]
    init_plugin_loader()
    connection = connection_loader.get("fleet.lxd.lxd", PlayContext())
    connection.set_options(var_options={"ansible_lxd_url": url, "ansible_lxd_host": instance})
    begun, cpu = time.monotonic(), time.process_time()
    {"put": connection.put_file, "fetch": connection.fetch_file}[way](source, destination)
    print(json.dumps([time.monotonic() - begun, time.process_time() - cpu, _peak()]))


def _peak() -> int:
    """Of this program alone: what ``getrusage`` tells begins with the process that has started it."""
    status = pathlib.Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main()
