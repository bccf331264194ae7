# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a new instance is made of: from the options to the ``source`` of the API."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ._client import Client
from ._errors import InvalidOption, NotFound
from ._job import Context
from ._messages import Request

_TYPES = ("image", "copy", "none", "migration", "backup")
MODES = ("auto", "pull", "push", "relay")
# What a copy takes over of its source (servers differ in what they copy of their own accord), and what an instance that moves does.
_COPIED = ("architecture", "config", "devices", "profiles", "type")
_MOVED = (*_COPIED, "description", "ephemeral")
_SWITCHES = ("live", "instance_only", "container_only", "refresh", "move")


@dataclasses.dataclass(frozen=True)
class Source:
    """``body`` is what the API takes, but for an image of a named ``remote``, which has to be on the server first.

    ``guessed``: what looks like a fingerprint may be an alias.
    """

    body: t.Mapping[str, t.Any]
    remote: str | None = None
    guessed: bool = False

    @property
    def migrates(self) -> bool:
        """Whether it is an instance of another server."""
        return bool(self.remote) and self.body["type"] == "copy"

    def verify(self, client: Client, context: Context) -> tuple[t.Mapping[str, t.Any], dict[str, t.Any]]:
        """The body, and the fields that the new instance takes over from it: those of a copy.

        :raises NotFound: when it is not there.
        """
        if self.body["type"] == "copy":
            entity = self._copied(client)
            return self.body, {field: entity[field] for field in (_MOVED if self.body.get("move") else _COPIED) if field in entity}
        if self.remote and context.check:
            self.resolve(client, context)
        elif not self.remote and self.body["type"] == "image" and not self.body.get("server"):
            return self._local_image(client), {}
        return self.body, {}

    def _copied(self, client: Client) -> dict[str, t.Any]:
        if self.migrates:
            from ._migrate import look

            return look(t.cast(str, self.remote), self.body, client)
        instance, slash, snapshot = self.body["source"].partition("/")
        path = ("instances", instance, *(("snapshots", snapshot) if slash else ()))
        query = {"project": self.body["project"]} if self.body.get("project") else {}
        entity: dict[str, t.Any] = client.existing(f"instance {self.body['source']} to copy", *path, **query).metadata
        return entity

    def _local_image(self, client: Client) -> t.Mapping[str, t.Any]:
        alias, fingerprint = self.body.get("alias"), self.body.get("fingerprint")
        if alias:
            client.existing(f"image with the alias {alias}", "images", "aliases", alias)
        if fingerprint and client.get("images", fingerprint) is None:
            if self.guessed and client.get("images", "aliases", fingerprint):
                return {"type": "image", "alias": fingerprint}
            raise NotFound(f"There is no image with the fingerprint {fingerprint} on {client.remote}")
        return self.body

    def make(self, client: Client, context: Context, request: Request, send: t.Callable[[Request], None]) -> None:
        """Create, or refresh, with a request of the plan: ``send`` does for all that the server has itself by then."""
        if self.migrates:
            from ._migrate import bring

            bring(t.cast(str, self.remote), client, context, request)
        elif self.remote:
            send(request._replace(body={**request.body, "source": self.resolve(client, context)}))
        else:
            send(request)

    def resolve(self, client: Client, context: Context) -> t.Mapping[str, t.Any]:
        """What to send: an image of a remote is brought to the server, as fleet.lxd.lxd_image would."""
        if not self.remote:
            return self.body
        from ._images import bring

        return {"type": "image", "fingerprint": bring(client, context, self.remote, self.body)}


def source(params: t.Mapping[str, t.Any]) -> Source | None:
    """Out of ``image`` (``[remote:]alias or fingerprint``) or ``source``; None if neither is given.

    :raises InvalidOption: for what is no source.
    """
    if params.get("image"):
        remote, colon, name = params["image"].partition(":")
        if colon and (not remote or not name):
            raise InvalidOption("image", params["image"], "expected alias, fingerprint, or remote:alias")
        return _of_image(_image(name if colon else remote), remote if colon else None, params)
    given = params.get("source")
    if given is None:
        return None
    kind = given.get("type", "image" if "alias" in given or "fingerprint" in given else None)
    if kind not in _TYPES:
        raise InvalidOption("source", given, f"its type has to be one of {', '.join(_TYPES)}")
    if kind == "copy" and not (isinstance(given.get("source"), str) and given["source"]):
        raise InvalidOption("source", given, "a copy needs the source: the name of an instance, or instance/snapshot")
    body = {**given, "type": kind}
    remote = body.pop("remote", None)
    if remote is not None and not isinstance(remote, str):
        raise InvalidOption("source.remote", remote, "expected the name of a remote")
    if remote and kind not in ("image", "copy"):
        raise InvalidOption("source.remote", remote, "only an image or a copy can come from a remote")
    if kind == "image" and not (body.get("alias") or body.get("fingerprint") or body.get("properties")):
        raise InvalidOption("source", given, "an image needs its alias or fingerprint")
    if kind == "copy":
        return Source(_of_copy(body, remote), remote)
    return _of_image(body, remote, params) if kind == "image" else Source(body)


def _of_copy(body: dict[str, t.Any], remote: str | None) -> dict[str, t.Any]:
    """:raises InvalidOption: for wishes that do not go together; what is moved must lose nothing."""
    switches = {key: _switch(key, body[key]) for key in _SWITCHES if body.get(key) is not None}
    for key in ("mode", "move"):
        if body.get(key) and not remote:
            raise InvalidOption(f"source.{key}", body[key], "it goes with source.remote, the server from which the instance comes")
    if body.get("mode", "auto") not in MODES:
        raise InvalidOption("source.mode", body["mode"], f"expected one of {', '.join(MODES)}")
    lost = next((key for key in ("instance_only", "container_only", "refresh") if switches.get(key)), None)
    if switches.get("move") and (lost or "/" in body["source"]):
        what = f"source.{lost}" if lost else "a snapshot"
        raise InvalidOption("source.move", True, f"it does not go with {what}, as only a whole instance moves")
    return {**body, **switches}


def _switch(key: str, value: t.Any) -> bool:
    known = {"true": True, "yes": True, "false": False, "no": False}.get(str(value).lower())
    if known is None:
        raise InvalidOption(f"source.{key}", value, "expected true or false")
    return known


def _of_image(body: dict[str, t.Any], remote: str | None, params: t.Mapping[str, t.Any]) -> Source:
    """A remote may have images of both types under one alias."""
    if remote in (None, "local"):
        return Source(body, guessed=bool(params.get("image")) and "fingerprint" in body)
    return Source({"image_type": params.get("type") or "container", **body}, remote)


def _image(name: str) -> dict[str, str]:
    key = "fingerprint" if re.fullmatch(r"[0-9a-f]{12,64}", name) else "alias"
    return {"type": "image", key: name}
