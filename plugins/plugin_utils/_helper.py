# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that are piped into a Python, run by one that has been started before: the helper in the instance."""

from __future__ import annotations

import base64
import functools
import pathlib
import re
import shlex
import zlib

# What Ansible puts behind the interpreter so that sudo keeps the terminal; without one it changes nothing.
_TAILS: tuple[list[str], ...] = ([], ["&&", "sleep", "0"])


def argv(command: str, idle: float) -> list[str] | None:
    """What to run instead of a command line; None unless it is nothing but a Python that reads its program.

    :param idle: seconds without a module after which the helper ends.
    """
    python = _python(command)
    if python is None:
        return None
    return [python, "-I", "-S", "-c", _text("client"), "use", f"{idle:g}", _packed_server()]


def missing(code: int, stdout: bytes | bytearray, stderr: bytes | bytearray, python: str) -> bool:
    """Whether the server found no such program, so that nothing was run."""
    return code in (126, 127) and not stdout and stderr.startswith(f"{python}: command not ".encode())


@functools.lru_cache(maxsize=None)
def _text(side: str) -> str:
    """Of a program for the instance, without what only people read, as it is compiled there for each module."""
    whole = pathlib.Path(__file__).with_name(f"_helper_{side}.py").read_text(encoding="utf-8")
    return re.sub(r"(?m)^#.*\n", "", whole)


@functools.lru_cache(maxsize=None)
def _packed_server() -> str:
    return base64.b85encode(zlib.compress(_text("server").encode())).decode()


def _python(command: str) -> str | None:
    """The interpreter in ``/bin/sh -c '/usr/bin/python3 && sleep 0'``, as shells of Ansible write it."""
    words = command.split(None, 2)
    if len(words) != 3 or words[1] != "-c":
        return None
    try:
        inner = shlex.split(" ".join(shlex.split(words[2])))
    except ValueError:
        return None
    if not inner or not inner[0].startswith("/") or "python" not in pathlib.PurePosixPath(inner[0]).name or inner[1:] not in _TAILS:
        return None
    return inner[0]
