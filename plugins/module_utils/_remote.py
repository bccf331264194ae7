# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A remote of ``lxc`` or ``incus`` made as wished: an entry of the client's own configuration, and a server that trusts us."""

from __future__ import annotations

import contextlib
import os
import re
import typing as t

from . import _remotes, _trust
from ._errors import InvalidOption
from ._job import Context
from ._options import positive
from ._remote_home import STREAMS, Described, Home, Params, address_of, default_of, describe, place, same_address, write
from ._remote_server import introduce, meet


def run(params: Params, context: Context) -> dict[str, t.Any]:
    """``remote`` as it is afterwards (None: absent), and ``config``, the path of the file that has it."""
    name = params["name"]
    if not re.fullmatch(r"[^\s:/.][^\s:/]*", name):
        raise InvalidOption("name", name, "expected a name without colons, slashes and spaces that does not start with a dot")
    params = {**params, "connect_timeout": positive("connect_timeout", params["connect_timeout"])}
    client, directory = place(params)
    with contextlib.nullcontext() if context.check else _remotes.locked(directory):
        home = Home(client, directory, _remotes.read(directory, client))
        before, after = (_absent if params["state"] == "absent" else _present)(home, params, context.check)
    return {
        "changed": before != after,
        "diff": {"before": before, "after": after},
        "remote": after or None,
        "config": os.path.join(directory, "config.yml"),
    }


def _absent(home: Home, params: Params, check: bool) -> tuple[Described, Described]:
    name = params["name"]
    before = home.describe(name)
    if name in _remotes.STATIC[home.client]:
        raise InvalidOption("name", name, f"this remote is built into the client of {home.client} and cannot be removed")
    if before.get("default"):
        raise InvalidOption("name", name, "this is the default remote; make another one the default first, with default=true")
    if before and not check:
        del home.config["remotes"][name]
        _remotes.save(home.directory, home.config)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_remotes.server_cert(home.directory, name))
    return before, {}


def _present(home: Home, params: Params, check: bool) -> tuple[Described, Described]:
    name = params["name"]
    token = _trust.Token.read(params["token"]) if params["token"] else None
    entry, places = _wanted(home, params, token)
    met = meet(home, params, entry, places, token)
    entry["addr"] = met.addr
    before = home.describe(name, met.trusted)
    default = default_of(home, params)
    after = describe(name, entry, met.pin, None if met.trusted is None else True, default)
    if before != after and not check:
        if met.trusted is False:
            introduce(home, params, met, token)
        write(home, name, entry, met.certificate, default)
    return before, after


def _wanted(home: Home, params: Params, token: _trust.Token | None) -> tuple[dict[str, t.Any], list[str]]:
    """The entry to be, and the addresses where its server may be, in the order to try."""
    name, old = params["name"], home.entry(params["name"])
    fresh = {"addr": None, "protocol": params["protocol"] or home.client, "public": params["protocol"] == STREAMS}
    given = {key: params[key] for key in ("protocol", "public", "auth_type", "project") if params[key] is not None}
    entry = {**(old or fresh), **given}
    entry.setdefault("protocol", home.client)
    if entry["protocol"] == STREAMS and not entry["public"]:
        raise InvalidOption("public", False, "servers of simplestreams are always public")
    if params["addr"]:
        places = [address_of(params["addr"], entry["protocol"])]
        if old and old["addr"] != places[0] and same_address(old["addr"], places[0], entry["protocol"]):
            places = [old["addr"]]
    elif old:
        places = [old["addr"]]
    elif token:
        places = [address_of(address, entry["protocol"]) for address in token.addresses]
    else:
        places = []
    if not places:
        raise InvalidOption("addr", params["addr"], f"there is no remote {name!r} yet, so its address has to be given")
    entry["addr"] = places[0]
    _respect_static(home.client, name, entry)
    return entry, places


def _respect_static(client: str, name: str, entry: t.Mapping[str, t.Any]) -> None:
    for key, value in _remotes.STATIC[client].get(name, {}).items():
        if entry[key] != value:
            raise InvalidOption(key, entry[key], f"the remote {name!r} is built into the client of {client}, with {value!r}")
