# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance wrote to its console."""

from __future__ import annotations

import typing as t

from .._client import Client
from .._errors import Refused
from .._job import Context, Job
from .._messages import Request
from .._resource import refuse_name


def _run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    client = t.cast(Client, context.client)
    refuse_name("instance", params["instance"])
    instance = ("instances", params["instance"])
    client.existing(f"instance {instance[1]}", *instance)
    log = _log(client, instance)
    changed = params["state"] == "absent" and bool(log)
    if changed and not context.check:
        client.send(Request("DELETE", (*instance, "console")))
    return {"changed": changed, "console_log": log, "diff": {"before": log, "after": "" if changed else log}}


def _log(client: Client, instance: tuple[str, ...]) -> str:
    """Empty for one that never wrote, of which servers say different things."""
    try:
        return client.download(Request("GET", (*instance, "console"))).whole().decode("utf-8", "replace")
    except Refused as refusal:
        if "no such file" in str(refusal) or refusal.facts.get("status") == 404:
            return ""
        raise


CONSOLE_LOG = Job(
    options={
        "instance": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    run=_run,
    files=True,
)
