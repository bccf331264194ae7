# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be done so that a fleet is as its document says: each part planned by its own module's job, on views of the servers."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ._errors import InvalidOption, LxdError
from ._fleet_document import Entry
from ._fleet_kinds import BY_KEY, KINDS, OWNER, WHOLES, Kind, Params, Path
from ._fleet_order import in_order, named, references
from ._fleet_place import Place, groups, place
from ._fleet_servers import Servers
from ._fleet_view import Entity, View
from ._job import Context

# The second key of the mark: what a copy of a thing, made by hand, does not match, be it of another name or elsewhere.
NAME = f"{OWNER}.name"

PROJECTS, PROFILES, IMAGES = (BY_KEY[key] for key in ("projects", "profiles", "images"))

Key = tuple[t.Any, ...]
# A project of a server, by the name of its remote.
Spot = tuple[t.Optional[str], str]

# What a group with ``rolling`` holds back.
ROLLED = ("change", "recreate")


@dataclasses.dataclass(frozen=True)
class Part:
    """An entry on its server: in the ``project`` that has it, which is the default one if its own keeps none apart; at ``path``."""

    entry: Entry
    project: str
    path: Path

    @property
    def member(self) -> str | None:
        """The member of a cluster that tells it from others of its name."""
        return self.entry.params.get("target") if self.entry.kind.targeted else None

    @property
    def key(self) -> Key:
        return (self.entry.remote, self.project, *self.path, self.member)

    @property
    def label(self) -> str:
        """For a person."""
        whole = f" of {self.path[1]}" if self.entry.kind.parents else ""
        at = f" on {self.entry.remote}" if self.entry.remote else ""
        return f"{self.entry.kind.word.removesuffix(' of network').removesuffix(' of zone')} {self.entry.name}{whole}{at}"


@dataclasses.dataclass(frozen=True)
class Step:
    """A part that is not as wished. ``action``: ``create``, ``change``, ``recreate`` or ``remove``; ``needs`` are numbers of steps.

    ``params`` are those of the job. ``before`` and ``after`` are its diff.
    """

    number: int
    part: Part
    action: str
    params: Params
    before: Entity
    after: Entity
    needs: frozenset[int] = frozenset()


@dataclasses.dataclass(frozen=True)
class FleetPlan:
    """``dead`` are the servers that could not be read, ``skipped`` the entries that nothing can be said of therefore;
    these have no path.

    ``checks`` are of the instances that are as wished, beside others of their entry that are to roll; their action is ``check``.
    """

    steps: t.Sequence[Step]
    same: int
    dead: t.Mapping[str | None, LxdError]
    skipped: t.Sequence[Part]
    warnings: t.Sequence[str]
    checks: t.Sequence[Step] = ()


class _Planner:
    def __init__(self, servers: Servers, fleet: str) -> None:
        self.servers, self.fleet = servers, fleet
        self.warnings: dict[str, None] = {}
        self.faults: dict[str, str] = {}
        # By their places and fingerprints.
        self.images: set[Key] = set()
        # What is a fault itself is none of what uses it.
        self._faulty: set[tuple[str, str]] = set()

    def view(self, part: Part) -> View:
        return self.servers.view(part.entry.remote, part.project)

    def part(self, entry: Entry) -> Part:
        project = self.servers.project(entry.remote, entry.project)
        view = self.servers.view(entry.remote, project)
        return Part(entry, project if view.separates(entry.kind) else "default", self._path(entry, view))

    @staticmethod
    def _path(entry: Entry, view: View) -> Path:
        """An image is known by its fingerprint: its alias tells it, if there is one."""
        if entry.kind.identity != "aliases":
            return (*entry.kind.place(entry.params), entry.name)
        alias = view.get("images", "aliases", entry.name)
        return ("images", alias.metadata["target"] if alias else entry.name)

    def current(self, part: Part) -> Entity | None:
        found = self.view(part).get(*part.path, **({"target": part.member} if part.member else {}))
        return found.metadata if found else None

    def step(self, part: Part) -> tuple[str, Params, Entity, Entity] | None:
        """``action``, ``params``, ``before`` and ``after``; None if it is as wished, or cannot be planned, which is a fault."""
        view, current = self.view(part), self.current(part)
        params = marked(part, current, self.fleet)
        context = Context(view, True, self._warn)
        try:
            result = part.entry.kind.job.run(params, context)
        except LxdError as error:
            self._blame(part, str(error))
            return None
        before, after = result["diff"]["before"], result["diff"]["after"]
        if part.entry.kind is IMAGES and part.entry.params["state"] != "absent":
            self.images.add((part.entry.remote, part.project, result["fingerprint"]))
        if renewed := _renewed(part, view, current):
            before, after = {**before, **renewed[0]}, {**after, **renewed[1]}
        elif not result["changed"]:
            return None
        if missing := list(self._missing(part, view)):
            self._blame(part, "; ".join(missing))
            return None
        self._note(view, part, current, after)
        if part.entry.params["state"] == "absent":
            return "remove", params, before, after
        return ("recreate" if renewed else "change" if current else "create"), params, before, after

    def _blame(self, part: Part, text: str) -> None:
        """One fault for all instances of an entry that share it."""
        self._faulty.add((part.entry.kind.key, part.entry.name))
        alike = f"{part.entry.path}: {text}".replace(part.entry.name, "")
        self.faults.setdefault(alike, f"{part.entry.path} ({part.label}): {text}")

    def _missing(self, part: Part, view: View) -> t.Iterator[str]:
        """Of a part that is to be made so, the pools, networks and zones that it names and that are not there by then."""
        for option, key, name in named(part.entry.kind, part.entry.params) if part.entry.params["state"] != "absent" else ():
            if (key, name) not in self._faulty and view.get(BY_KEY[key].collection, name) is None:
                yield f"{option}: {name!r} is not valid: neither the server nor the document has this {BY_KEY[key].word}"

    def _warn(self, text: str) -> None:
        self.warnings.setdefault(text)

    @staticmethod
    def _note(view: View, part: Part, current: Entity | None, after: Entity) -> None:
        gone = part.entry.params["state"] == "absent"
        entity = None if gone else {**(current or {}), part.entry.kind.identity: part.entry.name, **after}
        name = (after.get("fingerprint") if part.entry.kind is IMAGES else None) or part.path[-1]
        view.plan((*part.path[:-1], name), entity, part.member)
        for alias in part.entry.params["aliases"] or () if part.entry.kind is IMAGES else ():
            view.plan(("images", "aliases", alias), None if gone else {"name": alias, "target": name, "description": ""})


def marked(part: Part, current: Entity | None, fleet: str) -> Params:
    """The options for the job; what is new gets the mark of the fleet, what has it keeps it, all else never gets it."""
    kind, params = part.entry.kind, part.entry.params
    parents = [str(params[parent]) for parent in kind.parents]
    if params["state"] == "absent" or (current is not None and owned(kind, current, fleet, part.project, parents) is None):
        return params
    return {**params, kind.mark: {OWNER: fleet, NAME: _home(kind, part.project, parents) + part.entry.name, **(params[kind.mark] or {})}}


def owned(kind: Kind, entity: Entity, fleet: str, project: str, parents: t.Iterable[str] = ()) -> str | None:
    """Its name if the fleet has made it, and just there: a copy by hand has the mark of another name or place."""
    mark = entity.get(kind.mark) or {}
    names = [alias["name"] for alias in entity.get("aliases") or ()] if kind.identity == "aliases" else [entity[kind.identity]]
    home = _home(kind, project, parents)
    return next((name for name in names if mark.get(OWNER) == fleet and mark.get(NAME) == home + name), None)


def _home(kind: Kind, project: str, parents: t.Iterable[str]) -> str:
    above = [project] if kind.feature and project != "default" else []
    return "".join(f"{name}/" for name in (*above, *parents))


def _renewed(part: Part, view: View, current: Entity | None) -> tuple[Entity, Entity] | None:
    """The old and the new image, if the instance is to be made anew for it."""
    entry = part.entry
    if current is None or not entry.extra.get("recreate_on_new_image") or entry.params["state"] == "absent":
        return None
    alias = view.get("images", "aliases", entry.params["image"]) if entry.params["image"] else None
    old, new = (current.get("config") or {}).get("volatile.base_image"), alias.metadata["target"] if alias else None
    return ({"base_image": old}, {"base_image": new}) if old and new and old != new else None


def plan(
    entries: t.Sequence[Entry], remotes: t.Collection[str | None], servers: Servers, fleet: str, prune: bool, check: bool
) -> FleetPlan:
    """:param remotes: on which a fleet has its parts, even if the document has no more of them there.
    :raises LxdError: naming all parts that cannot be as wished; nothing has been touched then.
    """
    planner = _Planner(servers, fleet)
    dead = servers.visit(remotes, check, lambda remote: _read(servers, remote, entries, prune))
    _refuse_two_names(servers, [remote for remote in remotes if remote not in dead])
    skipped = [entry for entry in entries if dead.keys() & set(entry.remotes or (entry.remote,))]
    alive = [entry for entry in entries if entry not in skipped] if skipped else list(entries)
    placed = _placed(alive, servers)
    parts = [planner.part(entry) for entry in _with_projects(planner, placed)]
    _refuse_twice(planner, parts)
    spots: list[Spot] = []
    if prune:
        wished = [*parts, *_somewhere(planner, skipped, dead)]
        spots = _spots(planner, wished, [remote for remote in remotes if remote not in dead])
        parts += _orphans(planner, wished, spots)
    steps = _steps(planner, parts, spots)
    if planner.faults:
        shown = list(planner.faults.values())
        head = f"{len(shown)} parts cannot be as the document says; nothing was touched: " if len(shown) > 1 else "document: "
        raise LxdError(head + "; ".join(shown), faults=shown)
    lost = [Part(entry, servers.project((*entry.remotes, entry.remote)[0], entry.project), ()) for entry in skipped]
    return FleetPlan(steps, len(parts) - len(steps), dead, lost, list(planner.warnings), _checks(planner, parts, steps))


def _somewhere(planner: _Planner, skipped: t.Iterable[Entry], dead: t.Collection[str | None]) -> t.Iterator[Part]:
    """Where the instances of a group may be that is placed over a dead server, too: they are wished as ever."""
    for entry in skipped:
        for remote in entry.remotes:
            if remote not in dead:
                yield planner.part(dataclasses.replace(entry, remote=remote))


def _refuse_two_names(servers: Servers, remotes: t.Iterable[str | None]) -> None:
    """:raises LxdError: for a server under two names: what is wished under the one would be left over under the other."""
    seen: dict[tuple[str, str], str | None] = {}
    for remote in remotes:
        identity = servers.identity(remote)
        first = seen.setdefault(identity, remote) if identity else remote
        if first != remote:
            both = " and ".join(f"the remote {name}" if name else "the server of the task" for name in (first, remote))
            fault = f"$.remotes: {both} are one server: name it in one way"
            raise LxdError(f"document: {fault}", faults=[fault])


def _with_projects(planner: _Planner, entries: t.Sequence[Entry]) -> t.Iterator[Entry]:
    """The entries but those whose project is nowhere, or is to be removed: faults of the document."""
    stays = {(entry.remote, entry.name): entry.params["state"] != "absent" for entry in entries if entry.kind is PROJECTS}
    for entry in entries:
        project = planner.servers.project(entry.remote, entry.project)
        said = stays.get((entry.remote, project))
        removed = said is False and entry.kind.feature and entry.params["state"] != "absent"
        if not removed and (said is not None or not planner.servers.view(entry.remote, project).is_new):
            yield entry
            continue
        why = "the document removes this project" if removed else "neither the server nor the document has this project"
        text = f"{entry.path}.project: {project!r} is not valid: {why}"
        planner.faults.setdefault(text, text)


def _refuse_twice(planner: _Planner, parts: t.Iterable[Part]) -> None:
    """What two entries say of one thing that they name in different ways, such as by a project that has none of its own."""
    seen: dict[Key, str] = {}
    for part in parts:
        first = seen.setdefault(part.key, part.entry.path)
        if first != part.entry.path:
            text = f"{part.entry.path}: the {part.label} is in {first} too"
            planner.faults.setdefault(text, text)


def _read(servers: Servers, remote: str | None, entries: t.Iterable[Entry], prune: bool) -> None:
    """Look at all lists of a server that the plan will want, so that servers are read side by side."""
    seen: set[tuple[str, Path]] = set()
    for entry in entries:
        if remote not in (entry.remotes or (entry.remote,)):
            continue
        where = (servers.project(remote, entry.project), entry.kind.place(entry.params))
        if where not in seen:
            seen.add(where)
            view = servers.view(remote, where[0])
            if entry.kind.extension is None or view.has(entry.kind.extension):
                view.all_of(entry.kind, where[1])
    if prune:
        for project in {servers.project(remote, None), *(project for project, _path in seen)}:
            list(_lists(servers.view(remote, project)))


def _placed(entries: t.Sequence[Entry], servers: Servers) -> list[Entry]:
    load: collections.Counter[Place] = collections.Counter()
    placed = {}
    for group in groups(entries):
        extra = group.entries[0].extra
        _refuse_missing_members(group.entries[0], servers)
        if len(group.places) > 1 or extra["targets"] or extra["max_per_place"]:
            for entry in place(group, _locations(group.entries, servers), load):
                placed[entry.path, entry.name] = entry
    return [placed.get((entry.path, entry.name), entry) if entry.kind.key == "instances" else entry for entry in entries]


def _refuse_missing_members(entry: Entry, servers: Servers) -> None:
    """:raises InvalidOption: for a member that a cluster has not."""
    for remote in (entry.remotes or (entry.remote,)) if entry.extra["targets"] else ():
        view = servers.view(remote, servers.project(remote, entry.project))
        clustered = view.server["environment"].get("server_clustered")
        names = [one["server_name"] for one in view.listed("cluster", "members")] if clustered else []
        if unknown := sorted(set(entry.extra["targets"]) - set(names)):
            known = f"the members of the cluster are {', '.join(sorted(names))}" if clustered else "the server is not in a cluster"
            raise InvalidOption(f"{entry.path}.targets", ", ".join(unknown), known)


def _locations(entries: t.Sequence[Entry], servers: Servers) -> dict[str, Place]:
    """Where the instances of a group are.

    :raises InvalidOption: for one that is in two places.
    """
    found: dict[str, Place] = {}
    for remote in entries[0].remotes or (entries[0].remote,):
        for entry in entries:
            listed = servers.view(remote, servers.project(remote, entry.project)).all_of(entry.kind, ("instances",))
            if entry.name not in listed:
                continue
            if entry.name in found:
                both = f"it is on {found[entry.name][0]} and on {remote}"
                raise InvalidOption(entry.path, entry.name, f"{both}: remove or rename one of them")
            found[entry.name] = (remote, listed[entry.name].get("location") if entry.extra["targets"] else entry.params["target"])
    return found


def _spots(planner: _Planner, parts: t.Iterable[Part], remotes: t.Iterable[str | None]) -> list[Spot]:
    """Where something can be that the fleet has made."""
    spots: list[Spot] = []
    for remote in remotes:
        common = planner.servers.view(remote, "default")
        here = [part for part in parts if part.entry.remote == remote]
        projects = {"default", planner.servers.project(remote, None), *(part.project for part in here)}
        known = common.all_of(PROJECTS, ("projects",))
        projects |= {part.entry.name for part in here if part.entry.kind is PROJECTS and part.entry.name in known}
        projects |= {name for name, one in known.items() if owned(PROJECTS, one, planner.fleet, name)}
        spots += [(remote, project) for project in sorted(projects)]
    return spots


def _orphans(planner: _Planner, parts: t.Iterable[Part], spots: t.Iterable[Spot]) -> list[Part]:
    """What the fleet has made, and the document does not hold any more, to be removed."""
    wanted = {part.key for part in parts}
    orphans: dict[Key, Part] = {}
    for remote, project in spots:
        view = planner.servers.view(remote, project)
        for kind, parents, found in _lists(view):
            for entity in found if view.separates(kind) else ():
                if name := owned(kind, entity, planner.fleet, project, parents.values()):
                    part = planner.part(_removal(kind, {**parents, **_member(kind, entity)}, name, remote, project))
                    if not wanted & {part.key, (*part.key[:-1], None)}:
                        orphans[part.key] = part
    return list(orphans.values())


def _left_over(planner: _Planner, spots: t.Iterable[Spot]) -> list[Part]:
    """The images that the fleet has made, and that no alias means any more once all else is done."""
    found = []
    for remote, project in spots:
        view = planner.servers.view(remote, project)
        for fingerprint, image in view.all_of(IMAGES, ("images",)).items() if view.separates(IMAGES) else ():
            aliases = [alias["name"] for alias in image.get("aliases") or ()]
            if not made_image(image, aliases, planner.fleet, project) or (remote, project, fingerprint) in planner.images:
                continue
            meant = {alias.metadata["target"] for name in aliases if (alias := view.get("images", "aliases", name))}
            if fingerprint not in meant and view.get("images", fingerprint):
                found.append(planner.part(_removal(IMAGES, {"fingerprint": fingerprint}, None, remote, project)))
    return found


def made_image(image: Entity, aliases: t.Collection[str], fleet: str, project: str) -> bool:
    """Whether the fleet has made it just there, even if its alias is not there to tell.

    What its mark says in the default project begins with another project if it was copied from there.
    """
    mark, home = image.get(IMAGES.mark) or {}, _home(IMAGES, project, ())
    at, name = mark.get(NAME, "")[: len(home)], mark.get(NAME, "")[len(home) :]
    return mark.get(OWNER) == fleet and at == home and bool(name) and (bool(home) or "/" not in name or name in aliases)


def _member(kind: Kind, entity: Entity) -> dict[str, str]:
    location = entity.get("location")
    return {"target": location} if kind.targeted and location and location != "none" else {}


def _lists(view: View) -> t.Iterator[tuple[Kind, dict[str, str], t.Collection[Entity]]]:
    """Every list in which something of a fleet can be: the kind, the options of its parents, and what is there."""
    for kind in KINDS:
        if kind.extension and not view.has(kind.extension):
            continue
        if not kind.parents:
            yield kind, {}, view.listed_of(kind, kind.place({}))
            continue
        (parent,) = kind.parents
        whole = BY_KEY[WHOLES[parent]]
        for name, entity in view.all_of(whole, (whole.collection,)).items():
            if parent != "network" or entity.get("type") in ("bridge", "ovn") and entity.get("managed"):
                yield kind, {parent: name}, view.listed_of(kind, kind.place({parent: name}))


def _removal(kind: Kind, more: t.Mapping[str, str], name: str | None, remote: str | None, project: str) -> Entry:
    """``more``: of what it is part of, on which member; an image that has no name, by its fingerprint."""
    named: dict[str, t.Any] = {kind.identity: [name] if name and kind is IMAGES else name}
    defaults = {option: spec.get("default") for option, spec in kind.job.options.items()}
    forced = {"force_after_timeout": True} if kind.key == "instances" else {}
    params = {**defaults, **kind.fixed, **more, **named, **forced, "state": "absent"}
    return Entry(kind, f"prune: {kind.word} {kind.name(params)}", params, {}, remote, project)


def _steps(planner: _Planner, parts: list[Part], spots: t.Iterable[Spot]) -> list[Step]:
    """In the order in which they may be done. ``parts`` gets what is left over by them."""
    needs = _needs(planner, parts)
    order = _order(parts, needs)
    found = {number: step for number in order if (step := planner.step(parts[number]))}
    if left := _left_over(planner, spots):
        numbers = range(len(parts), len(parts) + len(left))
        parts += left
        for number in numbers:
            needs[number] = {other for other in found if _may_use(parts[other], parts[number])}
            for other in found:
                needs[other] |= {number} if _holds(parts[other], parts[number]) else set()
        found.update({number: step for number in numbers if (step := planner.step(parts[number]))})
        order = _order(parts, needs)
    return [Step(number, parts[number], *found[number], frozenset(needs[number] & found.keys())) for number in order if number in found]


def _order(parts: t.Sequence[Part], needs: t.Mapping[int, t.Collection[int]]) -> list[int]:
    return in_order(needs, lambda number: parts[number].label)


def _may_use(part: Part, image: Part) -> bool:
    """Whether the image has to be there until then: an alias that moves on means it, or an instance of it may have to stay."""
    return part.entry.remote == image.entry.remote and part.entry.kind.key in ("images", "instances")


def _holds(part: Part, other: Part) -> bool:
    """Whether it is the project that the other is in."""
    return part.entry.kind is PROJECTS and (part.entry.remote, part.entry.name) == (other.entry.remote, other.project)


def _needs(planner: _Planner, parts: t.Sequence[Part]) -> dict[int, set[int]]:
    """A removal waits for all that uses what goes; all else waits for what it uses."""
    known: dict[Key, set[int]] = collections.defaultdict(set)
    for number, part in enumerate(parts):
        for name in part.entry.names:
            known[part.entry.remote, part.project, part.entry.kind.key, name].add(number)
    gone = {number for number, part in enumerate(parts) if part.entry.params["state"] == "absent"}
    needs: dict[int, set[int]] = {number: set() for number in range(len(parts))}
    for number, part in enumerate(parts):
        current = planner.current(part)
        used = _found(planner, part, {**part.entry.params, **(current or {})}, known) - {number}
        if number in gone and current and part.entry.kind is PROJECTS:
            used |= _used_by_default(planner, part, parts, known) - {number}
        # A server changes what uses a profile along with it, and nothing else may do so meanwhile.
        needs[number] |= {other for other in used - gone if current and parts[other].entry.kind.key == "profiles"}
        if number not in gone:
            needs[number] |= _found(planner, part, part.entry.params, known) - gone - {number}
        for whole in used & gone:
            needs[whole].add(number)
    return needs


def _used_by_default(planner: _Planner, part: Part, parts: t.Sequence[Part], known: t.Mapping[Key, set[int]]) -> set[int]:
    """The parts outside of a project that its default profile refers to, which goes with it."""
    project = part.entry.name
    view = planner.servers.view(part.entry.remote, project)
    default = view.all_of(PROFILES, ("profiles",)).get("default") if view.separates(PROFILES) else None
    inside = Part(dataclasses.replace(part.entry, kind=PROFILES), project, ("profiles", "default"))
    return {number for number in _found(planner, inside, default or {}, known) if parts[number].project != project}


def rolling_entries(steps: t.Iterable[Step]) -> set[str]:
    """The paths of the entries of which something is to be changed in batches."""
    return {step.part.entry.path for step in steps if step.action in ROLLED and step.part.entry.extra.get("rolling")}


def _checks(planner: _Planner, parts: t.Sequence[Part], steps: t.Sequence[Step]) -> list[Step]:
    planned, paths = {step.number for step in steps}, rolling_entries(steps)
    standing = [number for number, part in enumerate(parts) if part.entry.path in paths and number not in planned]
    found = {number: planner.current(parts[number]) or {} for number in standing}
    return [Step(number, parts[number], "check", parts[number].entry.params, there, there) for number, there in found.items()]


def _found(planner: _Planner, part: Part, fields: Params, known: t.Mapping[Key, set[int]]) -> set[int]:
    """The parts that these options or fields refer to."""
    view, remote = planner.view(part), part.entry.remote
    kind = part.entry.kind
    numbers: set[int] = set()
    for key, name in references(kind, fields, part.project if kind.feature else None):
        project = part.project if view.separates(BY_KEY[key]) else "default"
        numbers |= known.get((remote, project, key, name), set())
    return numbers
