# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys that a server knows, by its own account where it gives one, and what to do with those that it does not."""

from __future__ import annotations

import typing as t

from . import _schema
from ._client import Client
from ._errors import LxdError, MissingLibrary
from ._job import Context
from ._resource import text_map

# The server's own keys, which no server documents in full.
_OF_THE_SERVER = ("volatile.", "image.")

OPTION: t.Mapping[str, t.Any] = {"type": "str", "choices": ["warn", "strict", "off"], "default": "warn"}


def config(context: Context, entity: str, params: t.Mapping[str, t.Any]) -> None:
    """Warn of, or refuse, keys of ``params["config"]`` that the server does not know for such an entity.

    :param entity: ``instance``, ``server``, ``network_bridge``, ...; one that the server does not document is not checked.
    :raises LxdError: with all faults, if ``params["validate"]`` is ``strict``.
    """
    given = {key: value for key, value in (params.get("config") or {}).items() if not key.startswith(_OF_THE_SERVER)}
    if not given or params["validate"] == "off":
        return
    known = keys(t.cast(Client, context.client), entity)
    try:
        faults = _schema.faults("config", text_map("config", given), known) if known else []
    except MissingLibrary as missing:
        if params["validate"] == "strict":
            raise
        faults = [f"{missing} to check the keys of config; they are left to the server"]
    if faults and params["validate"] == "strict":
        raise LxdError("; ".join(faults))
    for fault in faults:
        context.warn(fault)


def keys(client: Client, entity: str) -> dict[str, str]:
    """``{key: type}``; empty if nobody knows."""
    if not client.has("metadata_configuration"):
        from ._schemas.lxd import KEYS

        return dict(KEYS.get(entity, {}))
    reply = client.get("metadata", "configuration")
    configs = (reply.metadata if reply else {}).get("configs", {})
    found: dict[str, str] = {}
    for name, sections in configs.items():
        if name.replace("-", "_") == entity or (entity, name) == ("instance", "kernel"):
            for section in sections.values():
                found.update({key: about.get("type") or "string" for entry in section.get("keys", []) for key, about in entry.items()})
    return found
