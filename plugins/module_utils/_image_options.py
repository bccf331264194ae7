# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task may say of an image: where it comes from, and what its way here may take."""

from __future__ import annotations

import re
import typing as t

from ._errors import InvalidOption
from ._resource import refuse_name

REMOTE: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "remote": {"type": "str"},
    "server": {"type": "str"},
    "protocol": {"type": "str", "choices": ["simplestreams", "lxd", "incus"]},
    "project": {"type": "str"},
    "server_cert": {"type": "path"},
    "server_fingerprint": {"type": "str"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path"},
}
TRANSFER: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "stall_timeout": {"type": "float", "default": 30.0},
    "retries": {"type": "int", "default": 5},
    "timeout": {"type": "float"},
}
# What a source of each type has to have one of, and what else it may have.
_SOURCES: t.Mapping[str, tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]] = {
    "file": ((("path",),), ("rootfs",)),
    "url": ((("url",),), ("rootfs_url",)),
    "remote": (
        (("remote", "server"), ("alias", "fingerprint")),
        ("protocol", "image_type", "architecture", "project", "server_cert", "server_fingerprint", "client_cert", "client_key"),
    ),
    "instance": ((("name",),), ("compression_algorithm",)),
    "snapshot": ((("name",),), ("compression_algorithm",)),
}
SOURCE: t.Mapping[str, t.Any] = {
    "type": "dict",
    "options": {
        "type": {"type": "str", "required": True, "choices": list(_SOURCES)},
        "path": {"type": "path"},
        "rootfs": {"type": "path"},
        "url": {"type": "str"},
        "rootfs_url": {"type": "str"},
        **REMOTE,
        "alias": {"type": "str"},
        "fingerprint": {"type": "str"},
        "image_type": {"type": "str", "choices": ["container", "virtual-machine"]},
        "architecture": {"type": "str"},
        "name": {"type": "str"},
        "compression_algorithm": {"type": "str"},
    },
}


def check(params: t.Mapping[str, t.Any]) -> None:
    """:raises InvalidOption: unless they say which image it is, in a form that it can have."""
    fingerprint = params["fingerprint"]
    if fingerprint is not None and not re.fullmatch(r"[0-9a-f]{6,64}", fingerprint):
        expected = "expected the sha256 of the image, 64 hexadecimal digits in lower case, or the first 6 of them or more"
        raise InvalidOption("fingerprint", fingerprint, expected)
    for alias in params["aliases"] or ():
        refuse_name("aliases", alias)
    if params["source"]:
        check_source(params["source"])
    elif not (fingerprint or params["aliases"]):
        raise InvalidOption("fingerprint", fingerprint, f"state={params['state']} needs fingerprint or aliases, which say what image it is")


def check_source(source: t.Mapping[str, t.Any]) -> None:
    """:raises InvalidOption: for what a source of its type lacks, or can't have."""
    kind = source["type"]
    needs, may = _SOURCES[kind]
    given = {name for name, value in source.items() if value is not None and name != "type"}
    for choice in needs:
        if len(given.intersection(choice)) != 1:
            need = f"one of {' and '.join(choice)}" if len(choice) > 1 else choice[0]
            raise InvalidOption("source", kind, f"a source of type {kind} needs {need}")
    wrong = sorted(given - {name for choice in needs for name in choice} - set(may))
    if wrong:
        raise InvalidOption(f"source.{wrong[0]}", source[wrong[0]], f"it does not go with a source of type {kind}")
    for option in ("remote", "server", "alias", "fingerprint", "name"):
        refuse_name(f"source.{option}", source.get(option))
    if kind == "snapshot" and "/" not in source["name"]:
        raise InvalidOption("source.name", source["name"], "expected instance/snapshot")
