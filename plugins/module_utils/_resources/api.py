# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any call of the REST API."""

from __future__ import annotations

import functools
import typing as t
import urllib.parse

from .._client import Client
from .._converge import settle
from .._errors import InvalidOption
from .._job import Context, Job
from .._messages import Reply, Request
from .._plan import Plan
from .._resource import merge, without_secrets

# Of these, servers forget on a PATCH what is not in it: some the other keys of the config, some the rules.
_FORGOTTEN = ("description", "config", "ingress", "egress")
_FORGETFUL = ("projects", "network-acls")


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    request = _request(params)
    if request.method in ("PUT", "PATCH"):
        return _update(client, request, params["timeout"], context.check)
    if context.check and request.method != "GET":
        return {"changed": True, "metadata": None}
    reply = client.send(request, params["timeout"])
    return {"changed": request.method != "GET", "metadata": reply.metadata, "operation": reply.operation, "etag": reply.etag}


def _request(params: t.Mapping[str, t.Any]) -> Request:
    address = urllib.parse.urlsplit(params["path"])
    segments = [urllib.parse.unquote(segment) for segment in address.path.strip("/").split("/")]
    if address.scheme or address.netloc:
        raise InvalidOption("path", params["path"], "expected a path below /1.0; the server is named by url")
    if segments[0] == "1.0":
        segments = segments[1:]
    query = {**dict(urllib.parse.parse_qsl(address.query)), **{key: str(value) for key, value in (params["query"] or {}).items()}}
    return Request(params["method"], tuple(filter(None, segments)), params["body"], query)


def _update(client: Client, request: Request, timeout: float | None, check: bool) -> dict[str, t.Any]:
    def send(plan: Plan, done: t.Callable[[Request], None]) -> None:
        for each in plan.requests:
            client.send(each, timeout)
            done(each)

    read = functools.partial(client.get, *request.path, **request.query)
    plan, found = settle(read, functools.partial(compare, request), send, check)
    diff = {"before": plan.before, "after": plan.after}
    return {"changed": plan.changed, "diff": diff, "metadata": found.metadata if found else None, "etag": found.etag if found else None}


def compare(request: Request, found: Reply | None) -> Plan:
    """Whether what is there already is what the body says: PUT means each of its keys exactly, PATCH merges mappings, one level deep."""
    entity = found.metadata if found and isinstance(found.metadata, dict) else {}
    body = request.body or {}
    before = {key: entity[key] for key in body if key in entity}
    merges = request.method == "PATCH"
    after = {key: _merged(before.get(key), value) for key, value in body.items()} if merges else body
    same = all(_stated(before.get(key), merges) == _stated(value, merges) for key, value in after.items())
    if same:
        return Plan(without_secrets(before), without_secrets(before))
    update = _whole(request, entity, after)._replace(etag=found.etag if found else None)
    return Plan(without_secrets(before), without_secrets(after), (update,))


def _merged(current: t.Any, wanted: t.Any) -> t.Any:
    return merge(current, wanted) if isinstance(wanted, dict) and isinstance(current, (dict, type(None))) else wanted


def _stated(value: t.Any, merges: bool) -> t.Any:
    return (merge(None, value) if merges and isinstance(value, dict) else value) or None


def _whole(request: Request, entity: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> Request:
    """What makes it so: a PATCH that some servers do not merge is a PUT of what it promises."""
    if request.method != "PATCH" or not entity or request.path[:-1] not in ((collection,) for collection in _FORGETFUL):
        return request
    return request._replace(method="PUT", body={**{key: entity[key] for key in _FORGOTTEN if key in entity}, **after})


API = Job(
    options={
        "path": {"type": "str", "required": True},
        "method": {"type": "str", "choices": ["GET", "POST", "PUT", "PATCH", "DELETE"], "default": "GET"},
        "query": {"type": "dict"},
        "body": {"type": "dict"},
        "timeout": {"type": "float"},
    },
    run=_run,
)
