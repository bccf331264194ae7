# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python3 -m tests.simulated SOCKET [INSTANCES]``: a simulated server, until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import pathlib
import signal

from .server import SimulatedServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m tests.simulated", description="A server that keeps its instances in memory.")
    parser.add_argument("socket", type=pathlib.Path, help="where it answers")
    parser.add_argument("instances", type=int, nargs="?", default=0, help="how many stopped instances it has (%(default)s)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), SimulatedServer(options.socket, options.instances):
        signal.pause()


if __name__ == "__main__":
    main()
