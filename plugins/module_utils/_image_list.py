# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The images of a server or of a remote, as ``lxc image list`` shows them and with all their fields."""

from __future__ import annotations

import fnmatch
import typing as t

from . import _image_sources
from ._client import Client
from ._errors import InvalidOption
from ._images import policy
from ._job import Context


def listed(params: t.Mapping[str, t.Any], context: Context) -> list[dict[str, t.Any]]:
    """``params`` are those of lxd_image_info."""
    client = t.cast(Client, context.client)
    source = params["source"]
    if source:
        if bool(source["remote"]) == bool(source["server"]):
            raise InvalidOption("source", source["remote"], "give either remote or server")
        place = _image_sources.remote(source, client.kind)
        images = _image_sources.listed(place, client.kind, policy(params), context.progress)
    else:
        images = client.listed("images")
    fitting = [{**image, **_columns(image)} for image in images if _fits(image, params)]
    return sorted(fitting, key=lambda image: (image["alias"], image["fingerprint"]))


def _columns(image: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What is no field of the API: the first alias, a short fingerprint, the description."""
    names = _names(image)
    return {
        "alias": names[0] if names else "",
        "short_fingerprint": image["fingerprint"][:12],
        "description": (image.get("properties") or {}).get("description", ""),
    }


def _names(image: t.Mapping[str, t.Any]) -> list[str]:
    return [alias["name"] for alias in image.get("aliases") or []]


def _fits(image: t.Mapping[str, t.Any], params: t.Mapping[str, t.Any]) -> bool:
    properties = image.get("properties") or {}
    return (
        (not params["fingerprint"] or image["fingerprint"].startswith(params["fingerprint"]))
        and (not params["alias"] or any(fnmatch.fnmatchcase(name, params["alias"]) for name in _names(image)))
        and (not params["image_type"] or image.get("type") == params["image_type"])
        and (not params["architecture"] or image.get("architecture") == params["architecture"])
        and all(properties.get(key) == str(value) for key, value in (params["properties"] or {}).items())
    )
