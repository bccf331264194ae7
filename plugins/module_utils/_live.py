# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which keys of an instance's config a running guest does not notice until it is restarted."""

from __future__ import annotations

from ._client import Client

# For servers that do not tell (LXD before 5.18): what later ones say of the keys that 5.0 has.
_KEYS = {
    "limits.memory.hugepages",
    "raw.idmap",
    "raw.lxc",
    "raw.qemu",
    "raw.seccomp",
    "security.csm",
    "security.devlxd",
    "security.idmap.base",
    "security.idmap.isolated",
    "security.idmap.size",
    "security.nesting",
    "security.privileged",
    "security.secureboot",
    "security.sev",
}
# Read by the host, when it does something with the instance: there is nothing that the guest would have to notice.
_OF_THE_HOST = ("boot.", "cluster.", "migration.", "snapshots.")
_PREFIXES = ("cloud-init.", "linux.sysctl.", "limits.kernel.", "nvidia.", "security.syscalls.", "user.user-data", "user.vendor-data")


def stale(client: Client, keys: set[str]) -> set[str]:
    """Those of ``keys`` that need a restart; costs a request if there are any and the server knows better than we."""
    keys = {key for key in keys if not key.startswith(_OF_THE_HOST)}
    if not keys:
        return set()
    told = _told(client) if client.has("metadata_configuration") else {}
    return {key for key in keys if not told.get(key, key not in _KEYS and not key.startswith(_PREFIXES))}


def _told(client: Client) -> dict[str, bool]:
    """``{key: applies live}`` as far as the server documents it."""
    reply = client.get("metadata", "configuration")
    sections = (reply.metadata if reply else {}).get("configs", {}).get("instance", {})
    entries = [entry for section in sections.values() for entry in section.get("keys", [])]
    return {key: about["liveupdate"] != "no" for entry in entries for key, about in entry.items() if about.get("liveupdate")}
