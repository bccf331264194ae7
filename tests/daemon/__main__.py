# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line of the test bed."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import typing as t

from . import bed, images, packages


def main() -> int:
    arguments = _parse()
    # SIGTERM unwinds the stack as Ctrl-C does, so that everything started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return t.cast(int, arguments.run(arguments))
    except KeyboardInterrupt:
        return 130


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m tests.daemon", description="Real LXD and Incus servers for tests.")
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", help="start servers; run a command with FLEET_TEST_* set, or wait for Ctrl-C")
    up.add_argument("--kind", action="append", choices=["lxd", "incus"], help="only this one")
    up.add_argument("--debian", action="store_true", help="with a Debian image as well")
    up.add_argument("--env", metavar="FILE", help="write FLEET_TEST_* to a file that a shell can source")
    up.add_argument("command", nargs="*", metavar="COMMAND", help="after --")
    up.set_defaults(run=_up)
    commands.add_parser("packages", help="install what is missing (root)").set_defaults(run=_packages)
    image = commands.add_parser("image", help="build an image, or take it from the cache; print its directory")
    image.add_argument("name", choices=["busybox", "debian"])
    image.set_defaults(run=_image)
    return parser.parse_args()


def _up(arguments: argparse.Namespace) -> int:
    with bed.ready(arguments.kind or ("lxd", "incus"), arguments.debian) as ready:
        environment = ready.environment()
        if arguments.env:
            bed.write_environment(ready, arguments.env)
        if arguments.command:
            return subprocess.run(arguments.command, env={**os.environ, **environment}, check=False).returncode
        for name, value in environment.items():
            print(f"{name}={value}", flush=True)
        signal.pause()
    return 0


def _packages(_arguments: argparse.Namespace) -> int:
    print("installed: " + (" ".join(packages.install()) or "nothing, all there"))
    return 0


def _image(arguments: argparse.Namespace) -> int:
    print({"busybox": images.busybox, "debian": images.debian}[arguments.name]())
    return 0


if __name__ == "__main__":
    sys.exit(main())
