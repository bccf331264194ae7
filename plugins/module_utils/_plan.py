# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be sent so that a resource is as wished. Pure: nothing here talks to anybody."""

from __future__ import annotations

import dataclasses
import typing as t

from ._errors import InvalidOption
from ._messages import Request
from ._resource import HIDDEN, Field, Resource, without_secrets

Entity = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Current:
    """What the server has: the entity as it returned it, with its ETag."""

    entity: Entity
    etag: str | None = None


@dataclasses.dataclass(frozen=True)
class Plan:
    """``before`` and ``after`` are what a diff shows (None: not there). Check mode is not sending ``requests``."""

    before: Entity | None
    after: Entity | None
    requests: tuple[Request, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.requests)


def plan(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None = None) -> Plan:
    """The default: create, overlay and PUT, rename, delete.

    ``renamed`` is what already bears ``new_name``.
    :raises InvalidOption: for what cannot be changed, or would collide.
    """
    if params.get("state") == "absent":
        refuse_new_name(params, *(f"new_{part}" for part in resource.leaves))
        return plan_absent(resource, params, current)
    return plan_present(resource, params, current, renamed)


def refuse_new_name(params: t.Mapping[str, t.Any], *options: str) -> None:
    """:raises InvalidOption: for what shall be removed under two names."""
    for option in options or ("new_name",):
        if params.get(option):
            right = option.removeprefix("new_")
            raise InvalidOption(option, params[option], f"it does not go with state=absent; give the {right} that is to be removed")


def plan_absent(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None) -> Plan:
    if current is None:
        return Plan(None, None)
    path = resource.path(params) + (params[resource.identity],)
    before = {resource.identity: str(params[resource.identity]), **view(resource.fields, current.entity)}
    return Plan(before, None, (Request("DELETE", path, query=resource.query(params)),))


def plan_present(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None = None) -> Plan:
    wanted, there = wishes(resource.fields, params), resource.destination(params)
    if there != params:
        if current and renamed:
            option = next(f"new_{part}" for part in resource.leaves if there[part] != params[part])
            raise InvalidOption(option, params[option], f"a {resource.kind} of that name exists beside {params[resource.identity]}")
        if current:
            return _plan_move(resource, params, there, wanted, current)
        params, current = there, renamed
    if current is None:
        return _plan_create(resource, params, wanted)
    return plan_update(resource, _place(resource, params), wanted, current, resource.query(params))


def _place(resource: Resource, params: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    return () if resource.singleton else (*resource.path(params), str(params[resource.identity]))


def plan_update(
    resource: Resource, path: tuple[str, ...], wanted: Entity, current: Current, query: t.Mapping[str, str] | None = None
) -> Plan:
    """Lay the wishes over everything that the server returned, and PUT it if that changed anything."""
    refuse_immutable(resource.fields, wanted, current.entity)
    after = overlay(resource.fields, wanted, current.entity)
    before_view, after_view = view(resource.fields, current.entity), view(resource.fields, after)
    if not differ(resource.fields, wanted, current.entity, after):
        return Plan(before_view, before_view)
    return Plan(before_view, after_view, (Request("PUT", path, after, query or {}, current.etag),))


def _plan_create(resource: Resource, params: t.Mapping[str, t.Any], wanted: Entity) -> Plan:
    entity = {resource.identity: str(params[resource.identity]), **overlay(resource.fields, wanted, {})}
    after = {resource.identity: entity[resource.identity], **view(resource.fields, entity)}
    return Plan(None, after, (Request("POST", resource.path(params), entity, resource.query(params)),))


def _plan_move(
    resource: Resource, params: t.Mapping[str, t.Any], there: t.Mapping[str, t.Any], wanted: Entity, current: Current
) -> Plan:
    changed = [part for part in resource.leaves if there[part] != params[part]]
    renames = changed == [resource.identity]
    # A move gets to where the wishes hold; the name is left for last, as nothing is done then if the server refuses the wishes.
    at = params if renames else there
    # The ETag is of what is there before a move, and not asked for after it: servers compute it from the content, not the name.
    known = current if renames else Current(current.entity)
    update = plan_update(resource, _place(resource, at), wanted, known, resource.query(at))
    named = (resource.identity, *(part for part in changed if part != resource.identity))
    sides = ((params, update.before), (there, update.after))
    before, after = ({**{part: place[part] for part in named}, **(shown or {})} for place, shown in sides)
    body = {part: there[part] for part in (resource.identity, *resource.leaves) if part in (*resource.parents, *named)}
    move = Request("POST", _place(resource, params), body, resource.query(params))
    return Plan(before, after, (*update.requests, move) if renames else (move, *update.requests))


def wishes(fields: t.Iterable[Field], params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The options that were given, as the server would store them. What was not given is not in it, and is left alone."""
    given = ((field, params.get(field.option)) for field in fields)
    return {field.name: field.normalize(field.option, value) for field, value in given if value is not None}


def overlay(fields: t.Iterable[Field], wanted: Entity, entity: Entity) -> dict[str, t.Any]:
    """``entity`` with the wishes laid over it, whatever else it holds."""
    laid = {field.name: field.merge(entity.get(field.name), wanted[field.name]) for field in fields if field.name in wanted}
    return {**entity, **laid}


def differ(fields: t.Iterable[Field], wanted: Entity, entity: Entity, after: Entity) -> bool:
    """Whether a wish is not as it is. The servers send nothing, null or empty for the same."""
    return any((entity.get(field.name) or None) != (after.get(field.name) or None) for field in fields if field.name in wanted)


def refuse_immutable(fields: t.Iterable[Field], wanted: Entity, entity: Entity) -> None:
    """:raises InvalidOption: for a wish to change what is set for good."""
    for field in fields:
        if field.create_only and field.name in wanted and entity.get(field.name) not in (None, wanted[field.name]):
            known = entity[field.name]
            raise InvalidOption(field.name, wanted[field.name], f"it is {known!r} and cannot be changed; remove and create it anew")


def view(fields: t.Iterable[Field], entity: Entity) -> dict[str, t.Any]:
    """What a person may see of it in a diff."""
    shown = {field.name: (HIDDEN if field.secret else entity[field.name]) for field in fields if entity.get(field.name) not in (None, "")}
    return dict(sorted(without_secrets(shown).items()))
