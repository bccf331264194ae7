# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any call of the REST API."""

from __future__ import annotations

import functools
import typing as t
import urllib.parse

from .._client import Client
from .._compare import compare
from .._converge import settle
from .._errors import InvalidOption
from .._job import Context, Job
from .._messages import Request
from .._plan import Plan


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
