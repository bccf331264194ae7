# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images of a server as wished: there with these aliases and fields, or gone."""

from __future__ import annotations

import contextlib
import datetime
import re
import tempfile
import time
import typing as t

from . import _image_import, _image_sources
from ._client import Client
from ._errors import AlreadyExists, Conflict, InvalidOption, NotFound
from ._image_import import Arrival, Order
from ._image_sources import Delivery, Offer
from ._job import Context
from ._messages import Reply, Request
from ._transfer import Policy, kept

FIELDS = ("auto_update", "expires_at", "profiles", "properties", "public")
_SHOWN = ("architecture", "fingerprint", "type", *FIELDS)
# What the servers have for never; they take no notice of the year 1 of their own language in a request.
_NEVER = "1970-01-01T00:00:00Z"
_RETRIES = 3

# Where each alias points to: a fingerprint, or None for an alias that is not there.
_Targets = dict[str, "str | None"]


class Images:
    """The images of one project of a server."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, fingerprint: str) -> Reply | None:
        """By fingerprint, or the beginning of one."""
        return self.client.get("images", fingerprint)

    def target(self, alias: str) -> Reply | None:
        """``metadata``: ``name``, ``target`` (a fingerprint), ``description``."""
        return self.client.get("images", "aliases", alias)

    def find(self, fingerprint: str | None, aliases: t.Sequence[str]) -> Reply | None:
        """The image of the fingerprint, or else of the first alias."""
        if fingerprint:
            return self.get(fingerprint)
        alias = self.target(aliases[0]) if aliases else None
        return self.get(alias.metadata["target"]) if alias else None


def policy(params: t.Mapping[str, t.Any]) -> Policy:
    """Out of ``stall_timeout``, ``retries`` and ``timeout``.

    :raises InvalidOption: for what is no time.
    """
    for option in ("stall_timeout", "timeout"):
        if params[option] is not None and params[option] <= 0:
            raise InvalidOption(option, params[option], "expected a number of seconds above 0")
    if params["retries"] < 0:
        raise InvalidOption("retries", params["retries"], "expected 0 or more")
    deadline = None if params["timeout"] is None else time.monotonic() + params["timeout"]
    return Policy(params["stall_timeout"], params["retries"], deadline)


def present(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """The image is there, with its aliases and fields. ``params`` are those of lxd_image."""
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        task = _Present(params, context, stack)
        for left in range(_RETRIES, -1, -1):
            try:
                result = task.run()
                break
            except (Conflict, NotFound):
                # Somebody changed or removed it between our look and our request: look again.
                if not left or not task.touched:
                    raise
    return {**result, "elapsed": round(time.monotonic() - began, 3)}


class _Present:
    def __init__(self, params: t.Mapping[str, t.Any], context: Context, stack: contextlib.ExitStack) -> None:
        self.params, self.context, self.stack = params, context, stack
        self.client = t.cast(Client, context.client)
        self.images = Images(self.client)
        self.policy = policy(params)
        self.aliases: list[str] = params["aliases"] or []
        self.fields = wished_fields(params)
        self.arrival: Arrival | None = None
        self.touched = False

    def run(self) -> dict[str, t.Any]:
        found, offer = self._look()
        if found is None and offer is None and not self.context.check:
            found = self._publish()
        targets = self._targets(found)
        before = {**_view(found.metadata if found else None), "aliases": targets}
        entity = dict(found.metadata) if found else self._import(offer)
        wanted = self._wanted_targets(entity["fingerprint"], targets)
        new = self.arrival is not None and self.arrival.new
        after = {**(self._announced(entity) if new else _view({**entity, **self._merged(entity)})), "aliases": wanted}
        changed = new or before != after
        if changed and not self.context.check:
            self._converge(entity["fingerprint"], targets, wanted)
            entity = self._there(entity["fingerprint"]).metadata
        elif changed:
            entity = {**entity, **self._merged(entity), "aliases": _aliases_of(entity, wanted)}
        return {**self._result(entity), "changed": changed, "diff": {"before": before, "after": after}}

    def _result(self, entity: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        arrival = self.arrival
        return {
            "image": entity,
            "fingerprint": entity["fingerprint"],
            "transfer": arrival.transfer if arrival else "none",
            "bytes": arrival.received if arrival else 0,
            "attempts": arrival.attempts if arrival else 0,
        }

    # --- which image it is

    def _look(self) -> tuple[Reply | None, Offer | None]:
        """What is there already; or, if it is not, what can be imported (None: an instance is to be published)."""
        source, fingerprint = self.params["source"], self.params["fingerprint"]
        publishes = bool(source) and source["type"] in ("instance", "snapshot")
        known = self.images.find(fingerprint, self.aliases)
        self._refuse_profiles(known)
        if source and known:
            known = self._usable(known)
        if source is None and known is None:
            raise NotFound(f"There is no image {fingerprint or self.aliases[0]} on {self.client.remote}, and no source to import it from")
        refresh = self.params["refresh"] if self.params["refresh"] is not None else not publishes
        if known and (source is None or fingerprint or not refresh or self._kept_by_server(known)):
            return known, None
        if publishes:
            self._may_publish(source)
            return None, None
        offer = self._known(self._offer(source))
        if fingerprint and not t.cast(str, offer.fingerprint).startswith(fingerprint):
            raise InvalidOption("fingerprint", fingerprint, f"{offer.name} has the fingerprint {offer.fingerprint}")
        found = self.images.get(offer.fingerprint) if offer.fingerprint else None
        return self._usable(found) if found else None, offer

    def _refuse_profiles(self, known: Reply | None) -> None:
        wished = self.params["profiles"] or []
        for name in wished if known is None or known.metadata.get("profiles") != wished else ():
            self.client.require_named("profiles", name, "profiles", name, what="profile of that name")

    def _may_be_here(self, size: int) -> bool:
        """Whether something is to be known of an image of so many bytes before it is sent."""
        told = self.context.check or self.params["fingerprint"] is not None
        return told or any(image["size"] == size for image in self.client.listed("images"))

    def _usable(self, found: Reply) -> Reply | None:
        """None for an image that lost its files to imports that crossed, and is removed so that it can come anew."""
        fingerprint = found.metadata["fingerprint"]
        if _image_import.has_files(self.client, fingerprint):
            return found
        self.context.warn(f"The server has no files for its image {fingerprint}: it is imported anew")
        if not self.context.check:
            self.touched = True
            _image_import.remove(self.client, fingerprint)
        return None

    def _kept_by_server(self, known: Reply) -> bool:
        """Whether the server itself follows the very alias that is wished."""
        source, follows = self.params["source"], known.metadata.get("update_source") or {}
        if source["type"] != "remote" or not (self.params["auto_update"] and known.metadata.get("auto_update")):
            return False
        place = _image_sources.remote(source, self.client.kind)
        address = place.url or (place.server.url if place.server else None)
        return follows.get("alias") == source["alias"] and (follows.get("server") or "").rstrip("/") == (address or "").rstrip("/")

    def _offer(self, source: t.Mapping[str, t.Any]) -> Offer:
        if source["type"] == "file":
            return _image_sources.file(source["path"], source["rootfs"], self.context.progress, self._may_be_here)
        if source["type"] == "url":
            return _image_sources.url(source["url"], source["rootfs_url"], self.params["fingerprint"], self.policy)
        place = _image_sources.remote(source, self.client.kind)
        wanted = source["alias"] or source["fingerprint"]
        return offer_of(self.client, place, wanted, source["image_type"], source["architecture"], self.policy, self.context)

    def _known(self, offer: Offer) -> Offer:
        """An image whose fingerprint nobody tells has to be here before anything can be said of it."""
        if offer.fingerprint or offer.local:
            return offer
        with kept(offer.name, self.params["tmp_dir"]):
            directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="fleet-lxd-image-", dir=self.params["tmp_dir"]))
            delivery = offer.relay(directory, self.policy, self.context.progress)

        def again(_directory: str, _policy: Policy, _progress: t.Any) -> Delivery:
            return delivery

        return Offer(offer.name, delivery.fingerprint, again, about=offer.about)

    def _may_publish(self, source: t.Mapping[str, t.Any]) -> None:
        name, slash, snapshot = source["name"].partition("/")
        reply = self.client.get("instances", name, *(("snapshots", snapshot) if slash else ()))
        if reply is None:
            raise NotFound(f"source.name: there is no {source['type']} {source['name']} on {self.client.remote}")
        if source["type"] == "instance" and reply.metadata.get("status") not in ("Stopped", None):
            raise InvalidOption("source.name", name, "the instance runs: stop it first, or publish a snapshot of it")

    # --- how it gets there

    def _import(self, offer: Offer | None) -> dict[str, t.Any]:
        """The image as the server has it then; in check mode, what is known of it (``offer`` is None if it would be published)."""
        self.touched = True
        if self.context.check:
            way = ("upload" if offer.local else self._order(offer).ways[0]) if offer else "publish"
            self.arrival = Arrival((offer.fingerprint if offer else None) or "", way)
            return {**(offer.about if offer else {}), "aliases": [], "fingerprint": self.arrival.fingerprint}
        self.arrival = _image_import.bring(t.cast(Offer, offer), self._order(offer))
        return dict(self._there(self.arrival.fingerprint).metadata)

    def _there(self, fingerprint: str) -> Reply:
        reply = self.images.get(fingerprint)
        if reply is None:
            raise NotFound(f"The image {fingerprint} was here, and was removed by somebody at once")
        return reply

    def _order(self, offer: Offer | None) -> Order:
        auto_update = bool(self.params["auto_update"])
        return Order(
            client=self.client,
            policy=self.policy,
            progress=self.context.progress,
            warn=self.context.warn,
            ways=_image_import.ways(self.params["transfer"], offer, self.client, auto_update) if offer else (),
            auto_update=auto_update,
            directory=self.params["tmp_dir"],
        )

    def _publish(self) -> Reply:
        self.touched = True
        source = {key: self.params["source"][key] for key in ("type", "name", "compression_algorithm")}
        fingerprint, new = _image_import.publish(source, self._order(None))
        self.arrival = Arrival(fingerprint, "publish", new=new)
        return self._there(fingerprint)

    # --- what it has to be like

    def _merged(self, entity: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """All fields that can be changed: the server's, with the wished ones over them."""
        merged = {name: entity[name] for name in FIELDS if name in entity}
        for name, value in self.fields.items():
            merged[name] = _properties(entity.get(name) or {}, value) if name == "properties" else value
        if "expires_at" in merged and _moment(merged["expires_at"]) == _moment(entity.get("expires_at")):
            merged["expires_at"] = entity.get("expires_at") or _NEVER
        return merged

    def _announced(self, entity: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Of a new image, what is known before it is there: in check mode a diff shows the same as without."""
        fields = {**self.fields, "properties": _properties({}, self.fields.get("properties") or {})}
        return {"fingerprint": entity["fingerprint"], **{name: value for name, value in fields.items() if value != {}}}

    def _targets(self, found: Reply | None) -> _Targets:
        """Of the aliases that are wished, and of those that the image has."""
        names = dict.fromkeys([*self.aliases, *(each["name"] for each in (found.metadata.get("aliases") or [] if found else []))])
        own = {each["name"] for each in (found.metadata.get("aliases") or [])} if found else set()
        targets: _Targets = {}
        for name in names:
            reply = None if name in own else self.images.target(name)
            targets[name] = found.metadata["fingerprint"] if found and name in own else reply.metadata["target"] if reply else None
        return targets

    def _wanted_targets(self, fingerprint: str, targets: _Targets) -> _Targets:
        wanted: _Targets = {**targets, **dict.fromkeys(self.aliases, fingerprint)}
        if self.params["exclusive_aliases"]:
            wanted.update({name: None for name, target in targets.items() if target == fingerprint and name not in self.aliases})
        return wanted

    def _converge(self, fingerprint: str, targets: _Targets, wanted: _Targets) -> None:
        self.touched = True
        reply = self._there(fingerprint)
        merged = self._merged(reply.metadata)
        if any(merged[name] != reply.metadata.get(name) for name in merged):
            self.client.send(Request("PUT", ("images", fingerprint), merged, etag=reply.etag))
        for name, target in wanted.items():
            if target is None and targets[name] is not None:
                self.client.send(Request("DELETE", ("images", "aliases", name)))
            elif target is not None and target != targets[name]:
                self._point(name, target)

    def _point(self, name: str, fingerprint: str) -> None:
        """At no moment is there no alias of that name, if there was one before."""
        reply = self.images.target(name)
        if reply is None:
            try:
                self.client.send(Request("POST", ("images", "aliases"), {"name": name, "target": fingerprint, "description": ""}))
                return
            except AlreadyExists:
                reply = self.images.target(name)
        if reply and reply.metadata["target"] != fingerprint:
            body = {"target": fingerprint, "description": reply.metadata.get("description") or ""}
            self.client.send(Request("PUT", ("images", "aliases", name), body, etag=reply.etag))


def offer_of(
    client: Client,
    place: _image_sources.ImageRemote,
    wanted: str,
    image_type: str | None,
    architecture: str | None,
    limits: Policy,
    context: Context,
) -> Offer:
    """What a remote has for this server."""
    architectures = [architecture] if architecture else client.server["environment"]["architectures"]
    return _image_sources.offered(place, wanted, image_type, architectures, client.kind, limits, context.progress)


def bring(client: Client, context: Context, remote: str, body: t.Mapping[str, t.Any]) -> str:
    """Have an image of a named remote on the server, and nothing else; the fingerprint.

    ``body``: ``alias`` or ``fingerprint``, and perhaps ``image_type`` (``container``, ``virtual-machine``).
    """
    limits = Policy()
    place = _image_sources.remote({"remote": remote}, client.kind)
    wanted = body.get("alias") or body["fingerprint"]
    offer = offer_of(client, place, wanted, body.get("image_type"), None, limits, context)
    fingerprint = t.cast(str, offer.fingerprint)
    if context.check or Images(client).get(fingerprint):
        return fingerprint
    ways = _image_import.ways("auto", offer, client, auto_update=False)
    return _image_import.bring(offer, Order(client, limits, context.progress, context.warn, ways)).fingerprint


def absent(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """The image of the fingerprint, or those that the aliases point to, are gone."""
    images = Images(t.cast(Client, context.client))
    asked = [images.find(params["fingerprint"], ())] if params["fingerprint"] else [images.find(None, [name]) for name in params["aliases"]]
    found = {reply.metadata["fingerprint"]: reply.metadata for reply in asked if reply}
    for fingerprint in found:
        if not context.check:
            _image_import.remove(images.client, fingerprint)
    before = {fingerprint: _view(entity) for fingerprint, entity in found.items()}
    return {"changed": bool(found), "removed": sorted(found), "diff": {"before": before, "after": {}}}


def wished_fields(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The fields that the task says something about, as the API writes them.

    :raises InvalidOption: for what is no point in time.
    """
    fields = {name: params[name] for name in FIELDS if params[name] is not None}
    if "expires_at" in fields:
        try:
            moment = _moment(fields["expires_at"])
        except ValueError:
            expected = "expected a time such as 2030-12-31T23:59:59Z, a date such as 2030-12-31, or never"
            raise InvalidOption("expires_at", fields["expires_at"], expected) from None
        fields["expires_at"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else _NEVER
    return fields


def _moment(text: str | None) -> datetime.datetime | None:
    """In UTC; None for never. Fractions of seconds are dropped."""
    if not text or text == "never":
        return None
    plain = re.sub(r"\.\d+", "", text).replace("Z", "+00:00")
    moment = datetime.datetime.fromisoformat(plain)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)
    moment = moment.astimezone(datetime.timezone.utc)
    return moment if moment.year > 1970 else None


def _properties(current: t.Mapping[str, str], wished: t.Mapping[str, t.Any]) -> dict[str, str]:
    merged = {**current, **{key: _text(value) for key, value in wished.items() if value is not None}}
    return {key: value for key, value in merged.items() if key not in wished or wished[key] is not None}


def _text(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _view(entity: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
    """What a diff shows."""
    return {name: entity[name] for name in _SHOWN if name in entity} if entity else {}


def _aliases_of(entity: t.Mapping[str, t.Any], wanted: _Targets) -> list[dict[str, str]]:
    known = {each["name"]: each for each in entity.get("aliases") or []}
    mine = [name for name, target in wanted.items() if target == entity["fingerprint"]]
    return [known.get(name, {"name": name, "description": ""}) for name in mine]
