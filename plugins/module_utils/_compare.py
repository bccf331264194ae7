# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the body of a PUT or PATCH changes in what is there. Pure, like ``_plan``."""

from __future__ import annotations

import typing as t

from ._messages import Reply, Request
from ._plan import Plan
from ._resource import merge, without_secrets

# On a PATCH, many servers forget what it does not mention: the other keys of a project's config, the rules of an ACL.
_FORGETFUL = (("projects",), ("network-acls",))
_FORGOTTEN = ("description", "config", "ingress", "egress")


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
    if request.method != "PATCH" or not entity or request.path[:-1] not in _FORGETFUL:
        return request
    return request._replace(method="PUT", body={**{key: entity[key] for key in _FORGOTTEN if key in entity}, **after})
