# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task about files of an instance: into it, out of it, or gone."""

from __future__ import annotations

import os
import posixpath
import typing as t

from ._client import Client
from ._errors import InvalidOption, NotFound
from ._file_guest import KEPT, Found, Guest
from ._file_pull import Pull
from ._file_push import Pushed, Wish, plan, wishes
from ._job import Context
from ._messages import Request
from ._resource import refuse_name


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """``file`` is what is at ``path`` afterwards; ``changed`` and ``diff`` as ever."""
    refuse_name("instance", params["instance"])
    path = params["path"]
    if not path.startswith("/") or "\0" in path:
        raise InvalidOption("path", path, "expected an absolute path in the instance")
    path = "/" + posixpath.normpath(path).lstrip("/")
    modes = {option: mode(option, params[option]) for option in ("mode", "directory_mode")}
    guest = Guest(t.cast(Client, context.client), params["instance"])
    if params["state"] == "absent":
        return _remove(guest, path, context)
    if params["dest"] is not None:
        if not os.path.isdir(os.path.dirname(os.path.abspath(params["dest"]))):
            raise InvalidOption("dest", params["dest"], "expected a path in a directory that exists")
        return _pull(guest, path, params["dest"], modes["mode"], context)
    return _push(guest, path, params, modes, context)


def mode(option: str, value: str | None) -> int | None:
    """The number that octal digits mean. :raises InvalidOption:"""
    if value is None:
        return None
    try:
        number = int(value, 8)
    except ValueError:
        number = -1
    if not 0 <= number <= 0o7777:
        raise InvalidOption(option, value, "expected octal digits in quotes, such as '0644'")
    return number


def _refuse_special(option: str, wanted: int | None) -> None:
    if wanted is not None and wanted & ~KEPT:
        expected = "expected '0777' at most: the servers' API knows no setuid, setgid and sticky, which chmod by lxd_exec sets"
        raise InvalidOption(option, f"{wanted:04o}", expected)


def _push(
    guest: Guest, path: str, params: t.Mapping[str, t.Any], modes: t.Mapping[str, int | None], context: Context
) -> dict[str, t.Any]:
    for option, wanted_mode in modes.items():
        _refuse_special(option, wanted_mode)
    owner = {"uid": guest.numeric("owner", params["owner"]), "gid": guest.numeric("group", params["group"])}
    wanted = wishes(path, params, modes["mode"], modes["directory_mode"], **owner)
    pushed = plan(guest, wanted, params["parents"])
    _tell_lost(wanted, pushed, context)
    if not context.check:
        _send(guest, pushed.requests, context)
    return {"changed": bool(pushed.requests), "diff": pushed.diff, "path": path, "file": _about(guest.look(path))}


def _tell_lost(wanted: t.Sequence[Wish], pushed: Pushed, context: Context) -> None:
    lost = [wish.path for wish in wanted if wish.lost and pushed.before.get(wish.path, wish) is None]
    if lost:
        more = f" and {len(lost) - 1} more" if lost[1:] else ""
        context.warn(f"src: setuid, setgid and sticky of {lost[0]}{more} do not go along, as the servers' API does not know them")


def _send(guest: Guest, requests: t.Sequence[Request], context: Context) -> None:
    for number, request in enumerate(requests):
        context.progress(request.query["path"], number / len(requests))
        guest.client.send(request)


def _pull(guest: Guest, path: str, dest: str, wanted: int | None, context: Context) -> dict[str, t.Any]:
    pull = Pull(guest, context.check, wanted, path)
    found = pull.run(dest)
    diff = {"before": pull.before, "after": pull.after}
    return {"changed": bool(pull.after), "diff": diff, "path": path, "dest": dest, "file": _about(found)}


def _remove(guest: Guest, path: str, context: Context) -> dict[str, t.Any]:
    if path == "/":
        raise InvalidOption("path", path, "the root of an instance cannot be removed")
    doomed = list(_below(guest, path))
    if not context.check:
        for one in doomed:
            try:
                guest.client.send(guest.delete(one))
            except NotFound:
                continue
    before = {one: "present" for one in reversed(doomed)}
    return {"changed": bool(doomed), "diff": {"before": before, "after": {}}, "path": path, "file": None}


def _below(guest: Guest, path: str) -> t.Iterator[str]:
    """All that is there, the deepest first: servers remove empty directories only."""
    found = guest.look(path)
    if found is None:
        return
    for name in found.names:
        yield from _below(guest, posixpath.join(path, name))
    yield path


def _about(found: Found | None) -> dict[str, t.Any] | None:
    return found.about if found else None
