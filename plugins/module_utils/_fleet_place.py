# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the instances of a fleet go: over servers and members of a cluster. Pure."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ._errors import InvalidOption
from ._fleet_document import Entry

# A server by the name of its remote, and the member of its cluster if one is meant.
Place = tuple[t.Optional[str], t.Optional[str]]


@dataclasses.dataclass(frozen=True)
class Group:
    """The instances of one entry of the document."""

    entries: t.Sequence[Entry]

    @property
    def places(self) -> list[Place]:
        first = self.entries[0]
        remotes = first.remotes or (first.remote,)
        return [(remote, target) for target in first.extra["targets"] or (first.params["target"],) for remote in remotes]


def groups(entries: t.Iterable[Entry]) -> list[Group]:
    """The instances among the entries, by the entry of the document that they come from."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.kind.key == "instances":
            found.setdefault(entry.path, []).append(entry)
    return [Group(members) for members in found.values()]


def place(group: Group, there: t.Mapping[str, Place], load: t.Counter[Place]) -> list[Entry]:
    """The entries with ``remote`` and, for members of a cluster, ``params["target"]``.

    What is somewhere stays there. ``load`` counts what each place gets, and is kept over the groups of a document.

    :param there: where the instances are that exist; a member is only named if the group names members.
    :raises InvalidOption: for an instance that is pinned to another place than its own, or for which there is no room.
    """
    places, first = group.places, group.entries[0]
    strategy, most = first.extra["placement"], first.extra["max_per_place"]
    mine: collections.Counter[Place] = collections.Counter(there[entry.name] for entry in group.entries if entry.name in there)
    placed = []
    for index, entry in enumerate(group.entries):
        pinned = places[index % len(places)] if strategy == "pinned" else None
        at = there.get(entry.name)
        if pinned and at and at != pinned:
            raise InvalidOption(entry.path, entry.name, f"it is pinned to {_named(pinned)}, and it is on {_named(at)}: move it first")
        if at is None:
            at = pinned or _free(places, mine, load, strategy, most)
            if at is None or (most is not None and mine[at] >= most):
                raise InvalidOption(entry.path, entry.name, f"there is no room: max_per_place is {most}, and {_full(places)}")
            mine[at] += 1
            load[at] += 1
        placed.append(_at(entry, at))
    return placed


def _free(places: list[Place], mine: t.Counter[Place], load: t.Counter[Place], strategy: str, most: int | None) -> Place | None:
    free = [at for at in places if most is None or mine[at] < most]
    if strategy == "pack":
        return next(iter(free), None)
    return min(free, key=lambda at: (mine[at], load[at]), default=None)


def _at(entry: Entry, at: Place) -> Entry:
    remote, target = at
    return dataclasses.replace(entry, remote=remote, params={**entry.params, "target": target})


def _named(at: Place) -> str:
    return " of ".join(name for name in reversed(at) if name) or "the server"


def _full(places: list[Place]) -> str:
    return f"{', '.join(map(_named, places))} {'is' if len(places) == 1 else 'are'} full"
