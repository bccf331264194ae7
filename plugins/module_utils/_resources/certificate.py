# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates that the server trusts."""

from __future__ import annotations

import dataclasses
import typing as t

from .._certificates import base64_of, fingerprint, fingerprint_of
from .._errors import InvalidOption
from .._plan import Current, Plan, plan
from .._resource import Field, Resource


def _prepare(params: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    """A certificate is known by its fingerprint."""
    given = fingerprint("fingerprint", params.get("fingerprint"))
    if not params.get("certificate"):
        return {**params, "fingerprint": given}
    try:
        found = fingerprint_of(params["certificate"])
    except ValueError as error:
        raise InvalidOption("certificate", params["certificate"][:40], f"expected a certificate as PEM text ({error})") from error
    if given not in (None, found):
        raise InvalidOption("fingerprint", params["fingerprint"], f"the given certificate has {found}")
    return {**params, "fingerprint": found}


def _plan_certificate(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    planned = plan(resource, params, current, renamed)
    if current or not planned.requests:
        return planned
    if not params.get("certificate"):
        raise InvalidOption("certificate", None, f"the server does not know {params['fingerprint']}: give its certificate as PEM text")
    (create,) = planned.requests
    body = {"type": "client", **create.body, "certificate": base64_of(params["certificate"])}
    del body["fingerprint"]
    return dataclasses.replace(planned, requests=(dataclasses.replace(create, body=body),))


CERTIFICATE = Resource(
    kind="certificate",
    collection="certificates",
    identity="fingerprint",
    fields=(
        Field("name", {"type": "str"}),
        Field("type", {"type": "str", "choices": ["client", "metrics"]}),
        Field("restricted", {"type": "bool"}),
        Field("projects", {"type": "list", "elements": "str"}),
    ),
    options={"certificate": {"type": "str"}},
    rules={"required_one_of": [["certificate", "fingerprint"]]},
    prepare=_prepare,
    plan=_plan_certificate,
)
