# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates that the server trusts."""

from __future__ import annotations

import dataclasses
import typing as t

from .._certificates import base64_of, identified
from .._errors import InvalidOption
from .._messages import Request
from .._plan import Current, Plan, plan, plan_update, wishes
from .._resource import Field, Resource, unordered


def _prepare(params: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    """A certificate is known by its fingerprint."""
    return {**params, "fingerprint": identified(params.get("fingerprint"), params.get("certificate"))}


def _look(client: t.Any, params: t.Mapping[str, t.Any], *_there: t.Any) -> t.Mapping[str, t.Any]:
    """What else bears the name, for a rotation."""
    if not params.get("rotate") or params["state"] == "absent":
        return {}
    listed = client.listed("certificates")
    others = [one["fingerprint"] for one in listed if one["name"] == params["name"] and one["fingerprint"] != params["fingerprint"]]
    found = [client.get("certificates", other) for other in others]
    return {"others": [{"entity": reply.metadata, "etag": reply.etag} for reply in found if reply]}


def _plan_certificate(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    others = [Current(**other) for other in params.get("others") or ()]
    planned = _plan_rotation(resource, params, others.pop(0)) if others and not current else plan(resource, params, current, renamed)
    if planned.requests and not planned.before and params["state"] == "present":
        planned = _plan_addition(params, planned)
    revoke = (Request("DELETE", ("certificates", other.entity["fingerprint"])) for other in others)
    return dataclasses.replace(planned, requests=(*planned.requests, *revoke))


def _plan_addition(params: t.Mapping[str, t.Any], planned: Plan) -> Plan:
    if not params.get("certificate"):
        raise InvalidOption("certificate", None, f"the server does not know {params['fingerprint']}: give its certificate as PEM text")
    (create,) = planned.requests
    body = {"type": "client", **create.body, "certificate": base64_of(params["certificate"])}
    del body["fingerprint"]
    return dataclasses.replace(planned, requests=(create._replace(body=body),))


def _plan_rotation(resource: Resource, params: t.Mapping[str, t.Any], old: Current) -> Plan:
    """The entry of the old certificate becomes that of the new one, in one step."""
    fields = (*resource.fields, Field("certificate", {}), Field("fingerprint", {}))
    wanted = {**wishes(resource.fields, params), "certificate": params["certificate"], "fingerprint": params["fingerprint"]}
    return plan_update(dataclasses.replace(resource, fields=fields), ("certificates", old.entity["fingerprint"]), wanted, old)


def _once(_option: str, value: t.Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value))


CERTIFICATE = Resource(
    kind="certificate",
    collection="certificates",
    identity="fingerprint",
    fields=(
        Field("name", {"type": "str"}),
        Field("type", {"type": "str", "choices": ["client", "metrics"]}),
        Field("restricted", {"type": "bool"}),
        Field("projects", {"type": "list", "elements": "str"}, _once, unordered),
    ),
    options={"certificate": {"type": "str"}, "rotate": {"type": "bool", "default": False}},
    rules={"required_one_of": [["certificate", "fingerprint"]], "required_if": [["rotate", True, ["name", "certificate"]]]},
    prepare=_prepare,
    look=_look,
    plan=_plan_certificate,
)
