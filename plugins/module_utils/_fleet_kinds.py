# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet can hold: for each key of its document, the job that makes an entry so, and where its things are."""

from __future__ import annotations

import dataclasses
import typing as t

from ._converge import as_job
from ._job import Job
from ._resource import Resource
from ._resources.container import CONTAINER
from ._resources.image import IMAGE
from ._resources.network import NETWORK
from ._resources.network_acl import NETWORK_ACL
from ._resources.network_forward import NETWORK_FORWARD
from ._resources.network_zone import NETWORK_ZONE
from ._resources.network_zone_record import NETWORK_ZONE_RECORD
from ._resources.profile import PROFILE
from ._resources.project import PROJECT
from ._resources.storage_pool import STORAGE_POOL
from ._resources.storage_volume import STORAGE_VOLUME

# The key of a config by which a fleet knows what it has made.
OWNER = "user.fleet"

Params = t.Mapping[str, t.Any]
Path = tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Kind:
    """``collection`` is its path, with ``{options}`` in it; ``feature`` that of a project which makes it have its own of them.

    ``word`` is what a person calls one of them. ``fixed`` are options that a document does not have, with their values.
    """

    key: str
    word: str
    job: Job
    collection: str
    identity: str = "name"
    extension: str | None = None
    feature: str | None = None
    # Whether a new project has its own of them if it does not say.
    separate: bool = True
    mark: str = "config"
    fixed: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    # Whether each member of a cluster can have one of a name.
    targeted: bool = False
    # ``(option, value)``: a name as the servers write it.
    canonical: t.Callable[[str, t.Any], str] | None = None

    @property
    def options(self) -> dict[str, t.Mapping[str, t.Any]]:
        """Those of its module that an entry may have: what renames and moves is no state to declare."""
        return {name: spec for name, spec in self.job.options.items() if not name.startswith("new_") and name not in self.fixed}

    @property
    def parents(self) -> tuple[str, ...]:
        """The options that name what it is part of."""
        return tuple(part[1:-1] for part in self.collection.split("/") if part.startswith("{"))

    def place(self, params: Params) -> Path:
        """The path of the collection."""
        return tuple(str(params[part[1:-1]]) if part.startswith("{") else part for part in self.collection.split("/"))

    def name(self, params: Params) -> str:
        """By which it is known: an image by its first alias, or else its fingerprint."""
        if self.identity != "aliases":
            name = str(params[self.identity])
            return self.canonical(self.identity, name) if self.canonical else name
        aliases = params.get("aliases")
        return str(aliases[0] if aliases else params.get("fingerprint"))


def _of(resource: Resource, word: str, feature: str | None = None, separate: bool = True) -> Kind:
    job = as_job(resource)
    known = (resource.plural, word, job, resource.collection, resource.identity, resource.extension)
    return Kind(*known, feature, separate, targeted=resource.targeted, canonical=resource.canonical)


# In the order in which a document reads best: what is above is used by what is below.
KINDS: tuple[Kind, ...] = (
    _of(PROJECT, "project"),
    _of(STORAGE_POOL, "storage pool"),
    _of(NETWORK_ZONE, "network zone", "features.networks.zones", separate=False),
    _of(NETWORK_ZONE_RECORD, "record of zone", "features.networks.zones", separate=False),
    _of(NETWORK_ACL, "network ACL", "features.networks", separate=False),
    _of(NETWORK, "network", "features.networks", separate=False),
    _of(NETWORK_FORWARD, "forward of network", "features.networks", separate=False),
    _of(STORAGE_VOLUME, "storage volume", "features.storage.volumes"),
    _of(PROFILE, "profile", "features.profiles"),
    Kind(
        "images", "image", IMAGE, "images", "aliases", feature="features.images", mark="properties",
        fixed={"dest": None, "exclusive_aliases": False},
    ),
    Kind("instances", "instance", CONTAINER, "instances", feature="*"),
)

BY_KEY: t.Mapping[str, Kind] = {kind.key: kind for kind in KINDS}

# What the option of a part names: the key of the document below which its whole is.
WHOLES: t.Mapping[str, str] = {"pool": "storage_pools", "network": "networks", "zone": "network_zones"}

# States that are none to be in, but something to do.
_DEEDS = ("restarted", "exported")


def states(kind: Kind) -> list[str]:
    """What the ``state`` of an entry can be."""
    return [state for state in kind.options["state"]["choices"] if state not in _DEEDS]
