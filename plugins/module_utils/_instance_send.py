# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the plan of an instance says, sent: with patience where it takes a while, with force where that is wished."""

from __future__ import annotations

import functools
import time
import typing as t

from . import _place
from ._client import Client
from ._errors import Conflict, LxdError, NotFound, OperationFailed, Refused, TimedOut
from ._instance import InstancePlan, action, update
from ._instance_look import PAUSE, at_rest
from ._job import Context
from ._messages import Request
from ._source import Source

# How much longer than the server itself we wait for it to stop or start an instance.
GRACE = 30
# How long the fetching of an image by the server itself may make no progress.
STALL = 120
# How long the server may need to remove an ephemeral instance that has stopped.
REMOVAL = 10
_BUSY = "is busy running a"


def send(
    client: Client,
    there: Client,
    params: t.Mapping[str, t.Any],
    context: Context,
    made_of: Source | None,
    planned: InstancePlan,
    done: t.Callable[[Request], None],
) -> None:
    """All requests in their order; from the one that leaves ``client``'s project, the others go ``there``."""
    at = client if any(map(_place.leaves, planned.requests)) else there
    for request in planned.requests:
        verb = action(request)
        context.progress(f"{params['name']}: {verb}", None)
        if verb in ("create", "refresh") and made_of:
            made_of.make(at, context, request, functools.partial(_create, at, context))
        elif verb == "delete":
            _delete(at, params, planned, request)
        elif verb == "apply_instance_configs":
            _apply(at, params, request)
        elif verb == "migrate":
            _when_free(params, functools.partial(_create, at, context, request))
        elif verb == "rename":
            _when_free(params, functools.partial(at.send, request))
        else:
            _power(at, params, request)
        at = there if _place.leaves(request) else at
        done(request)


def _create(client: Client, context: Context, request: Request) -> None:
    """Send what takes a while, and show how far it is."""
    name = request.body["name"]
    fetched = bool(request.body.get("source", {}).get("server"))
    last: list[t.Any] = [None, time.monotonic()]

    def progress(operation: t.Mapping[str, t.Any]) -> None:
        if operation.get("metadata") != last[0]:
            last[:] = [operation.get("metadata"), time.monotonic()]
        elif fetched and time.monotonic() - last[1] > STALL:
            raise TimedOut(
                f"{name}: the server has got nothing of its image for {STALL} seconds, and goes on as operation {operation['id']}; "
                "fleet.lxd.lxd_image, or image with a named remote, fetches over lines that stall",
                operation=operation["id"],
            )
        for key, value in (operation.get("metadata") or {}).items():
            if key.endswith("_progress"):
                context.progress(f"{name}: {value}", None)

    client.send(request, progress=progress)


def _apply(client: Client, params: t.Mapping[str, t.Any], request: Request) -> None:
    """The volatile keys go with the others, and are not what they were before a stop."""
    if request.etag is None:
        current = at_rest(client, request.path[-1], params["timeout"])
        renewed = update(params, request.path[-1], current) if current else request
    else:
        renewed = request
    if renewed:
        _when_free(params, functools.partial(client.send, renewed))


def _when_free(params: t.Mapping[str, t.Any], send: t.Callable[[], object]) -> None:
    """Send, again for as long as the server is busy with the instance: what was cancelled holds it for a moment more."""
    deadline = time.monotonic() + params["timeout"]
    while True:
        try:
            send()
            return
        except Refused as refusal:
            if _BUSY not in str(refusal) or time.monotonic() >= deadline:
                raise
        time.sleep(PAUSE)


def _power(client: Client, params: t.Mapping[str, t.Any], request: Request) -> None:
    """A change of power; that the instance has got there by itself means to look again."""
    patience = request.body["timeout"] + GRACE
    try:
        _when_free(params, functools.partial(client.send, request, timeout=patience))
    except Refused as refusal:
        if "is already" in str(refusal) or "is not running" in str(refusal) or "isn't running" in str(refusal):
            raise Conflict(str(refusal), **refusal.facts) from refusal
        if not isinstance(refusal, OperationFailed) or request.body["action"] not in ("stop", "restart"):
            raise
        if not params["force_after_timeout"]:
            raise LxdError(
                f"{params['name']} did not {request.body['action']} within {request.body['timeout']} seconds ({refusal}); "
                "force_after_timeout or force_stop would force it",
                **refusal.facts,
            ) from refusal
        forced = request._replace(body={**request.body, "force": True})
        _when_free(params, functools.partial(client.send, forced, timeout=patience))


def _delete(client: Client, params: t.Mapping[str, t.Any], planned: InstancePlan, request: Request) -> None:
    """An ephemeral instance is removed by its stop: the server needs a moment for it."""
    deadline = time.monotonic() + REMOVAL
    while (planned.before or {}).get("ephemeral") and "stop" in planned.actions and time.monotonic() < deadline:
        if client.get(*request.path) is None:
            return
        time.sleep(PAUSE)
    try:
        _when_free(params, functools.partial(client.send, request))
    except NotFound:
        return
