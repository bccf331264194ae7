# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a simulated server has, and what it makes of a request. Nothing here knows HTTP."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import itertools
import json
import re
import secrets
import threading
import typing as t

from . import records
from .records import Entity

# How many ended operations are known.
_OPERATIONS = 10_000
_DEFAULT = "default"
# Of a collection, what its entities are known by, and the feature without which a project has those of ``default``.
_COLLECTIONS: t.Mapping[tuple[str, ...], tuple[str, str | None]] = {
    ("projects",): ("name", None),
    ("storage-pools",): ("name", None),
    ("networks",): ("name", "features.networks"),
    ("profiles",): ("name", "features.profiles"),
    ("images",): ("fingerprint", "features.images"),
    ("images", "aliases"): ("name", "features.images"),
}
_NEW_PROJECT = {"features.images": "true", "features.profiles": "true", "features.storage.volumes": "true"}
# Of each change of power: from which statuses it leads, and where to.
_POWER = {
    "start": (("Stopped",), "Running"),
    "stop": (("Running", "Frozen"), "Stopped"),
    "restart": (("Running",), "Running"),
    "freeze": (("Running",), "Frozen"),
    "unfreeze": (("Frozen",), "Running"),
}


@dataclasses.dataclass(frozen=True)
class Answer:
    """``metadata`` as JSON, so that of many instances no more is made than their text."""

    metadata: bytes = b"null"
    etag: str | None = None
    operation: str | None = None
    location: str | None = None


class Refused(Exception):
    """The server says no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclasses.dataclass(frozen=True)
class Call:
    """A request; ``path`` is without its ``1.0``."""

    method: str
    path: tuple[str, ...]
    query: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: t.Any = None
    if_match: str | None = None

    @property
    def project(self) -> str:
        return self.query.get("project") or _DEFAULT

    @property
    def recursion(self) -> int:
        return int(self.query.get("recursion") or 0)


class Store:
    """``answer`` may be called by several threads. ``instances`` of these stopped instances are there from the beginning."""

    def __init__(self, instances: int = 0) -> None:
        self._lock = threading.Lock()
        self._certificate = secrets.token_hex(32)
        self._operations: collections.OrderedDict[str, bytes] = collections.OrderedDict()
        self._numbers = itertools.count(1)
        self._things: dict[tuple[str, tuple[str, ...]], dict[str, Entity]] = collections.defaultdict(dict)
        # Project, name, and the entity as JSON.
        self._instances: dict[str, dict[str, bytes]] = collections.defaultdict(dict)
        # Project and profile, and the paths of the instances that have it.
        self._users: dict[tuple[str, str], dict[str, None]] = collections.defaultdict(dict)
        self._furnish()
        for number in range(instances):
            self._keep(_DEFAULT, self._made(_DEFAULT, {"name": f"sim-{number}", "config": {"user.role": f"role{number % 20}"}}))

    def _furnish(self) -> None:
        features = {**_NEW_PROJECT, "features.networks": "true"}
        self._things[_DEFAULT, ("projects",)][_DEFAULT] = {"name": _DEFAULT, "description": "", "config": features}
        self._things[_DEFAULT, ("storage-pools",)][_DEFAULT] = {
            "name": _DEFAULT, "driver": "dir", "description": "", "config": {"source": "/nowhere"}, "status": "Created",
            "locations": ["none"],
        }  # fmt: skip
        self._things[_DEFAULT, ("networks",)]["lxdbr0"] = {
            "name": "lxdbr0", "type": "bridge", "description": "", "config": {"ipv4.address": "10.0.0.1/8", "ipv6.address": "none"},
            "managed": True, "status": "Created", "locations": ["none"],
        }  # fmt: skip
        self._things[_DEFAULT, ("profiles",)][_DEFAULT] = records.profile()
        self._things[_DEFAULT, ("images",)][records.IMAGE] = records.image()
        self._things[_DEFAULT, ("images", "aliases")]["busybox"] = {
            "name": "busybox", "description": "", "target": records.IMAGE, "type": "container",
        }  # fmt: skip

    def answer(self, call: Call) -> Answer:
        """:raises Refused: as a server would refuse."""
        with self._lock:
            if not call.path:
                return Answer(_json(records.server(self._certificate)), etag="server")
            if call.path[0] == "operations":
                return self._operation(call)
            if call.path[0] == "instances":
                return self._instance(call)
            if call.path in _COLLECTIONS:
                return self._collection(call)
            if call.path[:-1] in _COLLECTIONS:
                return self._thing(call)
            if call.path[0] == "networks" and call.path[2:] == ("leases",):
                return Answer(b"[]")
            raise Refused(404, "not found")

    # Operations: all of them have ended by the time that somebody hears of them.

    def _operation(self, call: Call) -> Answer:
        if len(call.path) == 1:
            return Answer(b"{}")
        found = self._operations.get(call.path[1])
        if found is None:
            raise Refused(404, "Operation not found")
        return Answer(found)

    def _started(self, description: str, error: str = "", metadata: t.Any = None) -> Answer:
        identity = f"00000000-0000-4000-8000-{next(self._numbers):012}"
        status, code = ("Failure", 400) if error else ("Success", 200)
        operation = {
            "id": identity, "class": "task", "description": description, "status": status, "status_code": code, "err": error,
            "created_at": records.BEGINNING, "updated_at": records.BEGINNING, "resources": {}, "metadata": metadata,
            "may_cancel": False, "location": "none",
        }  # fmt: skip
        self._operations[identity] = _json(operation)
        while len(self._operations) > _OPERATIONS:
            self._operations.popitem(last=False)
        running = {**operation, "status": "Running", "status_code": 103, "err": "", "metadata": None}
        return Answer(_json(running), operation=f"/1.0/operations/{identity}")

    # Projects, pools, networks, profiles, images and their aliases.

    def _place(self, path: tuple[str, ...], project: str) -> tuple[str, tuple[str, ...]]:
        _identity, feature = _COLLECTIONS[path]
        if feature is None:
            return _DEFAULT, path
        found = self._things[_DEFAULT, ("projects",)].get(project)
        if found is None:
            raise Refused(404, "Project not found")
        return project if found["config"].get(feature) == "true" else _DEFAULT, path

    def _collection(self, call: Call) -> Answer:
        identity, _feature = _COLLECTIONS[call.path]
        place = self._place(call.path, call.project)
        if call.method == "GET":
            things = self._things[place]
            if not call.recursion:
                return Answer(_json(["/1.0/" + "/".join((*call.path, name)) for name in things]))
            return Answer(_json([self._shown(place, thing) for thing in things.values() if _fits(thing, call.query)]))
        if call.method != "POST":
            raise Refused(404, "not found")
        if call.path == ("images",):
            return self._import(place, call)
        return self._create(place, identity, call)

    def _create(self, place: tuple[str, tuple[str, ...]], identity: str, call: Call) -> Answer:
        name = call.body[identity]
        if name in self._things[place]:
            raise Refused(409, f"The {call.path[-1]} entry {name} already exists")
        thing = {"description": "", "config": {}, **call.body}
        if call.path == ("projects",):
            thing["config"] = {**_NEW_PROJECT, **thing["config"]}
            if thing["config"]["features.profiles"] == "true":
                self._things[name, ("profiles",)][_DEFAULT] = {**records.profile(), "devices": {}}
        elif call.path == ("profiles",):
            thing.setdefault("devices", {})
        elif call.path in (("networks",), ("storage-pools",)):
            thing.update(status="Created", locations=["none"])
        if call.path == ("networks",):
            thing.update(managed=True, type=thing.get("type") or "bridge")
        self._things[place][name] = thing
        return Answer(location="/1.0/" + "/".join((*call.path, name)))

    def _import(self, place: tuple[str, tuple[str, ...]], call: Call) -> Answer:
        if not isinstance(call.body, bytes):
            raise Refused(400, "A simulated server fetches no images")
        fingerprint = hashlib.sha256(call.body).hexdigest()
        if fingerprint in self._things[place]:
            return self._started("Downloading image", "Image with same fingerprint already exists")
        self._things[place][fingerprint] = records.image(fingerprint, len(call.body))
        return self._started("Downloading image", metadata={"fingerprint": fingerprint, "size": str(len(call.body))})

    def _thing(self, call: Call) -> Answer:
        collection, name = call.path[:-1], call.path[-1]
        place = self._place(collection, call.project)
        thing = self._things[place].get(name)
        if thing is None:
            raise Refused(404, f"The {collection[-1]} entry {name} was not found")
        etag = _etag(thing)
        if call.method == "GET":
            return Answer(_json(self._shown(place, thing)), etag=etag)
        _verify(call, etag)
        if call.method in ("PUT", "PATCH"):
            self._write(place, thing, call)
        elif call.method == "POST":
            self._things[place][call.body["name"]] = {**self._things[place].pop(name), "name": call.body["name"]}
        elif self._used_by(place, thing):
            raise Refused(400, f"The {collection[-1]} entry {name} is currently in use")
        else:
            del self._things[place][name]
            if collection == ("images",):
                aliases = self._things[place[0], ("images", "aliases")]
                for alias in [each for each, about in aliases.items() if about["target"] == name]:
                    del aliases[alias]
                return self._started("Deleting image")
        return Answer()

    def _write(self, place: tuple[str, tuple[str, ...]], thing: Entity, call: Call) -> None:
        thing.update(_written(thing, call))
        if place[1] == ("profiles",):
            for path in list(self._users[place[0], thing["name"]]):
                name, _question, project = path.removeprefix("/1.0/instances/").partition("?project=")
                self._keep(project or _DEFAULT, json.loads(self._instances[project or _DEFAULT][name]))

    def _shown(self, place: tuple[str, tuple[str, ...]], thing: Entity) -> Entity:
        if place[1] == ("images",):
            aliases = self._things[place[0], ("images", "aliases")].values()
            named = [{"name": alias["name"], "description": ""} for alias in aliases if alias["target"] == thing["fingerprint"]]
            return {**thing, "aliases": named}
        return thing if place[1] == ("images", "aliases") else {**thing, "used_by": self._used_by(place, thing)}

    def _used_by(self, place: tuple[str, tuple[str, ...]], thing: Entity) -> list[str]:
        kind, name = place[1][0], thing.get("name", "")
        if kind == "profiles":
            return list(self._users[place[0], name])
        if kind == "projects":
            return [_url(name, each) for each in self._instances[name]]
        option = {"networks": "network", "storage-pools": "pool"}.get(kind)
        found = []
        for (project, path), profiles in list(self._things.items()):
            for profile in profiles.values() if path == ("profiles",) and option else ():
                if any(device.get(option) == name for device in profile["devices"].values()):
                    found += [f"/1.0/profiles/{profile['name']}", *self._users[project, profile["name"]]]
        return found

    # Instances.

    def _instance(self, call: Call) -> Answer:
        if len(call.path) == 1:
            return self._list(call) if call.method == "GET" else self._new(call)
        project, name = call.project, call.path[1]
        text = self._instances[project].get(name)
        if text is None:
            raise Refused(404, "Instance not found")
        entity, below = json.loads(text), call.path[2:]
        if below == ("state",):
            return Answer(_json(records.state(entity))) if call.method == "GET" else self._power(project, entity, call.body["action"])
        if below:
            raise Refused(404, "not found")
        etag = _etag({key: entity[key] for key in ("architecture", "config", "devices", "ephemeral", "profiles")})
        if call.method == "GET":
            whole = {**entity, **_below(entity)} if call.recursion else entity
            return Answer(_json(whole), etag=etag)
        _verify(call, etag)
        return self._change(project, entity, call)

    def _list(self, call: Call) -> Answer:
        projects = list(self._instances) if call.query.get("all-projects") == "true" else [call.project]
        texts: t.Iterable[bytes] = itertools.chain.from_iterable(self._instances[project].values() for project in projects)
        if call.query.get("filter"):
            texts = (text for text in texts if _fits(json.loads(text), call.query))
        if call.recursion != 1:
            entities = map(json.loads, texts)
            texts = (_json({**each, **_below(each)} if call.recursion else _url(each["project"], each["name"])) for each in entities)
        return Answer(b"[" + b",".join(texts) + b"]")

    def _new(self, call: Call) -> Answer:
        source, name, project = call.body.get("source") or {}, call.body["name"], call.project
        if project not in self._things[_DEFAULT, ("projects",)]:
            raise Refused(404, "Project not found")
        images, aliases = (self._things[self._place(path, project)] for path in (("images",), ("images", "aliases")))
        if source.get("type") == "image" and not source.get("server"):
            if source.get("alias") and source["alias"] not in aliases:
                raise Refused(404, "Image alias not found")
            if source.get("fingerprint") and source["fingerprint"] not in images:
                raise Refused(404, "Image not found")
        if name in self._instances[project]:
            return self._started("Creating instance", f'Failed creating instance record: Instance "{name}" already exists')
        made = self._made(project, call.body)
        fingerprint = source.get("fingerprint") or aliases.get(source.get("alias", ""), {}).get("target")
        made["config"].update({"volatile.base_image": fingerprint} if fingerprint else {})
        self._keep(project, {**made, "status": "Running", "status_code": 103} if call.body.get("start") else made)
        return self._started("Creating instance")

    def _made(self, project: str, body: t.Mapping[str, t.Any]) -> Entity:
        image = {f"image.{key}": value for key, value in records.image()["properties"].items()}
        config = {**image, **records.volatile(project, body["name"]), **(body.get("config") or {})}
        return {
            "name": body["name"], "project": project, "status": "Stopped", "status_code": 102, "type": body.get("type") or "container",
            "architecture": "x86_64", "description": body.get("description") or "", "ephemeral": bool(body.get("ephemeral")),
            "stateful": False, "location": "none", "created_at": records.BEGINNING, "last_used_at": "1970-01-01T00:00:00Z",
            "profiles": [_DEFAULT] if body.get("profiles") is None else body["profiles"],
            "config": config, "devices": body.get("devices") or {},
        }  # fmt: skip

    def _change(self, project: str, entity: Entity, call: Call) -> Answer:
        name = entity["name"]
        if call.method in ("PUT", "PATCH"):
            self._forget(project, entity)
            self._keep(project, {**entity, **_written(entity, call)})
            return self._started("Updating instance") if call.method == "PUT" else Answer()
        if entity["status"] != "Stopped":
            raise Refused(400, "Instance is running" if call.method == "DELETE" else "Renaming of running instance not allowed")
        if call.method == "POST" and call.body["name"] in self._instances[project]:
            raise Refused(409, f'Name "{call.body["name"]}" already in use')
        self._forget(project, entity)
        if call.method == "DELETE":
            return self._started("Deleting instance")
        self._keep(project, {**entity, "name": call.body["name"]})
        return self._started(f"Renaming instance {name}")

    def _power(self, project: str, entity: Entity, action: str) -> Answer:
        before, after = _POWER[action]
        if entity["status"] not in before:
            raise Refused(400, f"The instance is already {entity['status'].lower()}")
        if action == "stop" and entity["ephemeral"]:
            self._forget(project, entity)
        else:
            self._keep(project, {**entity, "status": after, "status_code": records.STATUS_CODES[after]})
        return self._started(f"{action.capitalize()} instance")

    def _keep(self, project: str, entity: Entity) -> None:
        """With what its profiles give it."""
        place = self._place(("profiles",), project)
        config, devices = {}, {}
        for name in entity["profiles"]:
            profile = self._things[place].get(name)
            if profile is None:
                raise Refused(400, f"Requested profile {name!r} doesn't exist")
            config.update(profile["config"])
            devices.update(profile["devices"])
            self._users[place[0], name][_url(project, entity["name"])] = None
        expanded = {"expanded_config": {**config, **entity["config"]}, "expanded_devices": {**devices, **entity["devices"]}}
        self._instances[project][entity["name"]] = _json({**entity, **expanded})

    def _forget(self, project: str, entity: Entity) -> None:
        place = self._place(("profiles",), project)
        for profile in entity["profiles"]:
            self._users[place[0], profile].pop(_url(project, entity["name"]), None)
        del self._instances[project][entity["name"]]


def _json(content: t.Any) -> bytes:
    return json.dumps(content).encode()


def _etag(entity: Entity) -> str:
    return hashlib.sha256(_json(entity)).hexdigest()


def _verify(call: Call, etag: str) -> None:
    if call.if_match and call.if_match.strip('"') != etag:
        raise Refused(412, f"ETag doesn't match: {call.if_match} vs {etag}")


def _url(project: str, name: str) -> str:
    return f"/1.0/instances/{name}" + (f"?project={project}" if project != _DEFAULT else "")


def _below(entity: Entity) -> Entity:
    return {"state": records.state(entity), "snapshots": None, "backups": None}


def _written(entity: Entity, call: Call) -> Entity:
    """Of what was sent, what can be changed; PATCH keeps the keys of maps that it does not mention."""
    fields = ("config", "description", "devices", "profiles", "ephemeral", "target", "public", "auto_update", "properties", "aliases")
    given = {field: call.body[field] for field in fields if field in call.body and field in entity}
    if call.method == "PATCH":
        return {field: {**entity[field], **value} if isinstance(value, dict) else value for field, value in given.items()}
    return given


def _fits(entity: Entity, query: t.Mapping[str, str]) -> bool:
    """``filter`` with ``eq``, ``ne`` and ``and``."""
    for condition in re.split(r"\s+and\s+", query["filter"]) if query.get("filter") else ():
        match = re.fullmatch(r"(\S+)\s+(eq|ne)\s+(.*)", condition.strip())
        if match is None:
            raise Refused(400, f"Invalid filter: {condition}")
        field, dot, key = match[1].partition(".")
        value = (entity.get(field) or {}).get(key, "") if dot else entity.get(field, "")
        if (str(value).lower() == match[3].strip('"').lower()) != (match[2] == "eq"):
            return False
    return True
