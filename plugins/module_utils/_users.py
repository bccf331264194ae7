# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is who inside an instance: the API runs commands as numbers, people write names."""

from __future__ import annotations

import typing as t

from ._channel import Channel
from ._errors import InvalidOption, LxdError, NotFound, TimedOut

# Seconds that a directory behind ``getent`` may take.
_PATIENCE = 30.0


class User(t.NamedTuple):
    """One line of a ``passwd``."""

    name: str
    uid: int
    gid: int
    home: str


def find_user(channel: Channel, instance: str, wanted: str, option: str = "user") -> User:
    """A user by name or by number. A number that nobody bears is taken as it is, with group 0, as the servers do.

    ``/etc/passwd`` is read through the files API; for a name that is not in it, ``getent`` of the instance is asked.

    :raises InvalidOption: for a name that nobody bears.
    """
    fields = _find(channel, instance, "passwd", wanted, option)
    if fields is None and wanted.isdigit():
        return User(wanted, int(wanted), 0, "/")
    if fields is None:
        raise InvalidOption(option, wanted, f"there is no such user in instance {instance}")
    return User(fields[0], int(fields[2]), int(fields[3]), fields[5] or "/")


def find_group(channel: Channel, instance: str, wanted: str, option: str = "group") -> int:
    """The gid of a group by name; a number is one already. :raises InvalidOption: for a name that no group bears."""
    if wanted.isdigit():
        return int(wanted)
    fields = _find(channel, instance, "group", wanted, option)
    if fields is None:
        raise InvalidOption(option, wanted, f"there is no such group in instance {instance}")
    return int(fields[2])


def _find(channel: Channel, instance: str, database: str, wanted: str, option: str) -> list[str] | None:
    found = _line(_file(channel, instance, database), wanted)
    if found or wanted.isdigit():
        return found
    try:
        return _line(_getent(channel, instance, database, wanted), wanted)
    except TimedOut:
        # What ran out of time is not the task's command.
        raise LxdError(f"{option}: getent in instance {instance} did not say within {_PATIENCE:g} seconds who {wanted} is") from None


def _file(channel: Channel, instance: str, database: str) -> bytes:
    try:
        return channel.read(instance, f"/etc/{database}")
    except NotFound as error:
        if error.facts.get("instance"):
            raise
        return b""


def _getent(channel: Channel, instance: str, database: str, wanted: str) -> bytes:
    output = bytearray()
    channel.exec(instance, ["getent", database, wanted], stdout=output.extend, timeout=_PATIENCE)
    return bytes(output)


def _line(text: bytes, wanted: str) -> list[str] | None:
    lines: t.Iterator[list[str]] = (line.split(":") for line in text.decode(errors="replace").splitlines())
    column = 2 if wanted.isdigit() else 0
    return next((fields for fields in lines if len(fields) > 3 and fields[column] == wanted), None)
