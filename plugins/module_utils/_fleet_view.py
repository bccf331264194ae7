# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server as the plan of a fleet sees it: what is there, by whole lists, and what the plan has made of it so far."""

from __future__ import annotations

import functools
import threading
import typing as t

from ._client import Client
from ._errors import AlreadyExists, LxdError, NotFound, Refused
from ._fleet_kinds import BY_KEY, KINDS, Kind, Path
from ._instance import TRANSIENT
from ._messages import Reply, Request
from ._options import Remote

Entity = t.Mapping[str, t.Any]

# What a new project has without being told.
_DEFAULT_PROFILE: Entity = {"name": "default", "description": "", "config": {}, "devices": {}}

_ALIASES = ("images", "aliases")

# What an instance refers to, and what is said of all: a step need not look it up once the plan has.
_REFERENCES = ("profiles", "images", "metadata", "projects", "cluster")


class View(Client):
    """One project of a server, for jobs in check mode: each list is asked for once, whatever its length.

    ``common`` is the view of the default project, which has what this one does not keep apart; None for that one itself.
    ``wished`` is the config that the document has for the project.
    """

    def __init__(self, remote: Remote, common: View | None = None, wished: Entity | None = None) -> None:
        super().__init__(remote)
        self._common = common or self
        self._wished = wished or {}
        self._lists: dict[Path, list[Entity]] = {}
        self._named: dict[Path, dict[str, Entity]] = {}
        self._others: dict[tuple[t.Any, ...], Reply | None] = {}
        self._planned: dict[tuple[Path, str | None], Entity | None] = {}
        self._separate: dict[str, bool] = {}
        # Steps look up what they refer to, several at once.
        self._lock = threading.RLock()

    def send(self, request: Request, timeout: float | None = None, progress: t.Any = None) -> Reply:
        """A GET, which fails where :meth:`get` gives None; a plan sends nothing else."""
        if request.method != "GET":
            raise LxdError(f"{request} is no part of a plan: it would change the server")
        reply = self.get(*request.path, **request.query)
        if reply is None:
            raise NotFound(f"{request} of {self.remote}: not found", status=404, request=str(request))
        return reply

    def get(self, *path: str, **query: str) -> Reply | None:
        """Like that of any client; the ETag is missing, and the state of an instance, which decides nothing."""
        with self._lock:
            return self._get(path, query)

    def _get(self, path: Path, query: t.Mapping[str, str]) -> Reply | None:
        kind = _kind(path[:-1])
        if kind is None and path[:1] == ("instances",) and path[2:] == ("state",):
            return None
        if kind and not self.separates(kind):
            return self._common.get(*path, **query)
        planned = (path, query.get("target"))
        if planned in self._planned:
            entity = self._planned[planned]
        elif path[:-1] == _ALIASES:
            entity = self._aliases.get(path[2])
        elif kind and "target" not in query:
            entity = self.all_of(kind, path[:-1]).get(path[-1])
            if entity and kind.key == "instances" and entity.get("status") in TRANSIENT:
                return self._ask(path, query)
        else:
            return self._other(path, query)
        return None if entity is None else Reply(entity)

    def plan(self, path: Path, entity: Entity | None, member: str | None = None) -> None:
        """From now on the thing at ``path`` is this, or gone; ``member`` is that of a cluster, where each has its own."""
        kind = _kind(path[:-1])
        view = self if kind is None or self.separates(kind) else self._common
        view._planned[path, member] = entity

    def all_of(self, kind: Kind, collection: Path) -> t.Mapping[str, Entity]:
        """``{name: entity}`` of all that is there, whatever the plan is; of a part whose whole is missing, nothing."""
        if not self.separates(kind):
            return self._common.all_of(kind, collection)
        if collection not in self._named:
            name = "fingerprint" if kind.key == "images" else kind.identity
            self._named[collection] = {one[name]: one for one in self.listed_of(kind, collection)}
        return self._named[collection]

    def listed_of(self, kind: Kind, collection: Path) -> t.Collection[Entity]:
        """The same where members of a cluster can have different things of one name."""
        if not self.separates(kind):
            return self._common.listed_of(kind, collection)
        if collection not in self._lists:
            self._lists[collection] = self._read(kind, collection)
        return self._lists[collection]

    def _read(self, kind: Kind, collection: Path) -> list[Entity]:
        if self.is_new or self._begins(kind):
            return [_DEFAULT_PROFILE] if kind.key == "profiles" else []
        reply = self._ask(collection, {"recursion": "1"})
        found = reply.metadata or [] if reply else []
        # Some lists have parent/name in them.
        above = f"{collection[-2]}/" if kind.parents else ""
        return [{**one, kind.identity: one[kind.identity].removeprefix(above)} for one in found] if above else found

    @functools.cached_property
    def _aliases(self) -> dict[str, Entity]:
        images = self.all_of(BY_KEY["images"], ("images",))
        return {
            alias["name"]: {**alias, "target": image["fingerprint"], "type": image.get("type")}
            for image in images.values()
            for alias in image.get("aliases") or ()
        }

    def _other(self, path: Path, query: t.Mapping[str, str]) -> Reply | None:
        if self.is_new:
            return self._common.get(*path, **query)
        key = (path, *sorted(query.items()))
        if key not in self._others:
            self._others[key] = self._ask(path, query)
        return self._others[key]

    def _ask(self, path: Path, query: t.Mapping[str, str]) -> Reply | None:
        try:
            return super().send(Request("GET", path, query=query))
        except NotFound:
            return None

    @property
    def project(self) -> str:
        return self.remote.project or "default"

    @functools.cached_property
    def is_new(self) -> bool:
        """Whether the project is only in the plan."""
        return self._common is not self and self.project not in self._known_projects

    @property
    def _known_projects(self) -> t.Mapping[str, Entity]:
        return self._common.all_of(BY_KEY["projects"], ("projects",))

    def separates(self, kind: Kind) -> bool:
        """Whether the project has its own of these; the default one has those of all that have none."""
        if self._common is self or kind.feature == "*":
            return True
        if kind.key not in self._separate:
            self._separate[kind.key] = kind.feature is not None and self._feature(kind, self._wished)
        return self._separate[kind.key]

    def _begins(self, kind: Kind) -> bool:
        """Whether the project, which is there, gets its own of these only now."""
        return self._common is not self and kind.feature != "*" and self.separates(kind) and not self._feature(kind, {})

    def _feature(self, kind: Kind, wished: Entity) -> bool:
        about = self._known_projects.get(self.project, {"config": {kind.feature: kind.separate}}).get("config") or {}
        value = {**about, **wished}.get(kind.feature, False)
        return str(value).lower() == "true"


class Known(Client):
    """Makes the steps of a plan: asks nothing again that the plan has seen, neither what a step refers to nor what is not there yet.

    ``changed``: whether the server has done anything but answer since that was last set to False.
    """

    def __init__(self, remote: Remote, view: View) -> None:
        super().__init__(remote)
        self._view = view
        self._absent: Path | None = None
        self._mark: Entity = {}
        self._trusted: tuple[str, ...] = ()
        self.changed = False

    def begin(self, kind: Kind, absent: Path | None, mark: Entity | None = None) -> None:
        """The next step is of that kind, and looks at its own things anew: the plan has them as they shall be.

        An image does so with what it is made of as well, as that is what its job does. What is ``absent`` is not asked for as long as
        the server takes what is sent: nobody reads what a step returns. What appears in its place must have the ``mark``.
        """
        self._absent, self._mark = absent, mark or {}
        self._trusted = () if kind.key == "images" else tuple(one for one in _REFERENCES if one != kind.key)

    def get(self, *path: str, **query: str) -> Reply | None:
        if path == self._absent:
            return None
        seen = self._view.get(*path, **query) if path[0] in self._trusted else None
        # What the plan removes may be there until then.
        return seen or super().get(*path, **query)

    def send(self, request: Request, timeout: float | None = None, progress: t.Any = None) -> Reply:
        try:
            reply = super().send(request, timeout, progress)
            self.changed = self.changed or request.method != "GET"
            return reply
        except AlreadyExists as error:
            made, self._absent = self._absent, None
            there = super().get(*made) if made else None
            if there and not self._mark.items() <= (there.metadata.get("config") or {}).items():
                text = "somebody else has made it since it was planned: run the fleet again to have it changed"
                raise Refused(text, **error.facts) from error
            raise
        except Refused:
            self._absent = self._absent if request.method == "GET" else None
            raise


@functools.lru_cache(maxsize=None)
def _kind(collection: Path) -> Kind | None:
    if collection == _ALIASES:
        return BY_KEY["images"]
    return next((kind for kind in KINDS if _fits(kind.collection.split("/"), collection)), None)


def _fits(template: t.Sequence[str], path: Path) -> bool:
    return len(template) == len(path) and all(part.startswith("{") or part == segment for part, segment in zip(template, path))
