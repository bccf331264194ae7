# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may use the server, by the way in which they prove who they are."""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import InvalidOption
from .._plan import Current, Plan, plan
from .._resource import Field, Resource, unordered


def _same_certificate(current: str | None, wanted: str) -> str:
    return current if current and current.strip() == wanted.strip() else wanted


def _plan_identity(resource: Resource, params: t.Mapping[str, t.Any], current: Current | None, renamed: Current | None) -> Plan:
    """An identity is created by its certificate, or for a bearer of tokens; others appear when their owners come."""
    planned = plan(resource, params, current, renamed)
    if current or not planned.requests:
        return planned
    method = params["authentication_method"]
    if method not in ("tls", "bearer"):
        raise InvalidOption("name", params["name"], f"no {method} identity of that name or id has logged in yet, and only its owner can")
    if method == "tls" and not params.get("tls_certificate"):
        raise InvalidOption("tls_certificate", None, f"the server does not know {params['name']!r}: give the certificate as PEM text")
    (create,) = planned.requests
    body = {"certificate" if key == "tls_certificate" else key: value for key, value in create.body.items()}
    return dataclasses.replace(planned, requests=(create._replace(body=body),))


AUTH_IDENTITY = Resource(
    kind="auth_identity",
    collection="auth/identities/{authentication_method}",
    fields=(
        Field("groups", {"type": "list", "elements": "str"}, merge=unordered),
        Field("tls_certificate", {"type": "str"}, merge=_same_certificate),
        Field("type", {"type": "str"}, create_only=True),
    ),
    extension="access_management",
    plan=_plan_identity,
)
