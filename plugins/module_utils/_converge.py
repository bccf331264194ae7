# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A resource made as wished: read, plan, send, read again. The whole task, without Ansible."""

from __future__ import annotations

import collections
import dataclasses
import functools
import itertools
import typing as t

from . import _plan
from ._client import Client
from ._errors import AlreadyExists, Conflict, NotFound, Stumbled
from ._job import Context, Job
from ._messages import Reply, Request
from ._options import VALIDATE
from ._resource import Resource

Found = t.TypeVar("Found")
Planned = t.TypeVar("Planned", bound=_plan.Plan)

# How often a plan is made anew because somebody else changed the resource between our look and our request.
TRIES = 3


def as_job(what: Job | Resource) -> Job:
    """A resource as a job; a job is one already."""
    if isinstance(what, Job):
        return what
    options = {**what.argument_spec, **({"validate": VALIDATE} if what.schema else {})}
    return Job(options=options, run=functools.partial(converge, what), rules=what.rules)


def info_job(resource: Resource) -> Job:
    """What lists a resource: all of a collection in one request, or the one of a name."""
    options: dict[str, t.Any] = {**resource.parents_spec, resource.identity: {"type": "str"}}
    if resource.details:
        options["include"] = {"type": "list", "elements": "str", "choices": list(resource.details), "default": []}
    return Job(options=options, run=functools.partial(_list, resource))


def _list(resource: Resource, params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    if resource.extension:
        client.require(resource.extension, resource.kind)
    params = resource.named(params)
    collection = resource.path(params)
    if params[resource.identity]:
        found = _entity(client, (*collection, params[resource.identity]))
        entities = [dict(found.entity)] if found else []
    else:
        entities = client.listed(*collection)
    for entity in entities if resource.parents else ():
        # Some lists have parent/name in them.
        entity[resource.identity] = entity[resource.identity].removeprefix(f"{params[resource.parents[-1]]}/")
    for entity, detail in itertools.product(entities, params.get("include") or ()):
        below = client.get(*collection, entity[resource.identity], detail)
        entity[detail] = below.metadata if below else None
    return {"changed": False, resource.plural: [resource.hide(entity) for entity in entities]}


def converge(resource: Resource, params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """``changed``, ``diff`` and, under the name of its kind, the resource as the server has it afterwards (None: absent)."""
    client = t.cast(Client, context.client)
    if resource.prepare:
        params = resource.prepare(params)
    params = resource.named(params)
    if resource.extension:
        client.require(resource.extension, resource.kind)
    if "project" in resource.moves and params.get("new_project"):
        client.expect_project("new_project", params["new_project"])
    told: list[t.Any] = []
    plan, ((current, renamed), _looked) = settle(
        read=functools.partial(_look, client, resource, params),
        plan=lambda found: _validated_plan(context, resource, {**params, **found[1]}, *found[0]),
        send=functools.partial(send_all, functools.partial(resource.send, context) if resource.send else client.send, told),
        check=context.check,
    )
    entity = (renamed or current) if params.get("state") != "absent" else None
    return {
        "changed": plan.changed,
        "diff": {"before": plan.before or {}, "after": plan.after or {}},
        resource.kind: resource.hide(entity.entity) if entity else None,
        **({resource.reveals: told[0]} if resource.reveals and told else {}),
    }


def _validated_plan(
    context: Context, resource: Resource, params: t.Mapping[str, t.Any], current: _plan.Current | None, renamed: _plan.Current | None
) -> _plan.Plan:
    """The plan; what would change nothing needs no look at its keys, as the server has taken them before."""
    plan = (resource.plan or _plan.plan)(resource, params, current, renamed)
    if plan.changed and resource.schema and params.get("state") != "absent":
        found = current or renamed
        there = found.entity if found else {}
        about = {**there, **{key: value for key, value in params.items() if value is not None}}
        from . import _validate

        entity = resource.schema(context.client, about) if callable(resource.schema) else _filled(resource.schema, about)
        _validate.options(context, entity, params, there)
    return plan


def _filled(schema: str, about: t.Mapping[str, t.Any]) -> str:
    return schema.format_map(collections.defaultdict(str, about))


def settle(
    read: t.Callable[[], Found],
    plan: t.Callable[[Found], Planned],
    send: t.Callable[[Planned, t.Callable[[Request], None]], None],
    check: bool,
) -> tuple[Planned, Found]:
    """The plan that was carried out (or would be, in check mode), and what is there afterwards.

    Starts again from the top when somebody else was quicker: ``send(plan, done)`` calls ``done`` with each request that
    has succeeded, and these are part of what was carried out.
    """
    done: list[Request] = []
    doubtful: list[Request] = []
    first: _plan.Plan | None = None
    for left in range(TRIES - 1, -1, -1):
        found = read()
        planned = plan(found)
        # What a server has done though it failed is not planned again.
        done += [request for request in doubtful if str(request) not in map(str, planned.requests)]
        first = first if first and done else planned
        after = planned.after and {**(first.after or {}), **planned.after}
        whole = dataclasses.replace(planned, before=first.before, after=after, requests=(*done, *planned.requests))
        if check or not planned.changed:
            break
        try:
            send(planned, done.append)
            return whole, read()
        except (Conflict, AlreadyExists) as error:
            if not left:
                raise
            stumbled = error.facts.get("request") if isinstance(error, Stumbled) else None
            doubtful = [request for request in planned.requests if str(request) == stumbled and request not in done]
    return whole, found


def fulfil(context: Context, read: t.Callable[[], Found], plan: t.Callable[[Found], Planned]) -> tuple[dict[str, t.Any], Found]:
    """What is no resource, read and made as planned: ``changed`` and ``diff`` of the result, and what is there afterwards."""
    send = functools.partial(send_all, t.cast(Client, context.client).send, [])
    planned, found = settle(read, plan, send, context.check)
    return {"changed": planned.changed, "diff": {"before": planned.before, "after": planned.after}}, found


def send_all(send: t.Callable[[Request], Reply], told: list[t.Any], plan: _plan.Plan, done: t.Callable[[Request], None]) -> None:
    """Send what a plan wants; ``told`` gets what is answered to a creation."""
    for request in plan.requests:
        try:
            reply = send(request)
            if request.method == "POST":
                told.append(reply.metadata)
        except NotFound:
            if request.method != "DELETE":
                raise
        done(request)


def _look(
    client: Client, resource: Resource, params: t.Mapping[str, t.Any]
) -> tuple[tuple[_plan.Current | None, _plan.Current | None], t.Mapping[str, t.Any]]:
    """What is there, and what else the plan has to know."""
    there = _read(client, resource, params)
    return there, resource.look(client, params, *there) if resource.look else {}


def _read(client: Client, resource: Resource, params: t.Mapping[str, t.Any]) -> tuple[_plan.Current | None, _plan.Current | None]:
    """What is there by the name, and in the place where it shall go if one is wished."""
    if resource.singleton:
        return _entity(client, ()), None
    there = resource.destination(params)
    current, moved = (
        _entity(client, (*resource.path(at), at[resource.identity]), resource.query(at)) if at is params or at != params else None
        for at in (params, there)
    )
    return current, moved


def _entity(client: Client, path: tuple[str, ...], query: t.Mapping[str, str] | None = None) -> _plan.Current | None:
    reply = client.get(*path, **(query or {}))
    return _plan.Current(reply.metadata, reply.etag) if reply else None
