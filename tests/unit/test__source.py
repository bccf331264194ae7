# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, NotFound
from ansible_collections.fleet.lxd.plugins.module_utils._source import Source, source

HASH = "847ffb358e8b1d528afcfaa0b1cb60b21db72594e69c3b312730d662a32f6ac5"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, None),
        ({"image": ""}, None),
        ({"image": "busybox"}, Source({"type": "image", "alias": "busybox"})),
        ({"image": "debian/12"}, Source({"type": "image", "alias": "debian/12"})),
        ({"image": "local:busybox"}, Source({"type": "image", "alias": "busybox"})),
        ({"image": HASH}, Source({"type": "image", "fingerprint": HASH}, guessed=True)),
        ({"image": HASH[:12]}, Source({"type": "image", "fingerprint": HASH[:12]}, guessed=True)),
        ({"source": {"fingerprint": HASH}}, Source({"type": "image", "fingerprint": HASH})),
        ({"image": "cafe"}, Source({"type": "image", "alias": "cafe"})),
        ({"image": "images:debian/12"}, Source({"type": "image", "alias": "debian/12", "image_type": "container"}, "images")),
        (
            {"image": "images:a", "type": "virtual-machine"},
            Source({"type": "image", "alias": "a", "image_type": "virtual-machine"}, "images"),
        ),
        ({"source": {"alias": "busybox"}}, Source({"type": "image", "alias": "busybox"})),
        ({"source": {"alias": "a", "remote": "images"}}, Source({"type": "image", "alias": "a", "image_type": "container"}, "images")),
        ({"source": {"alias": "a", "remote": "local"}}, Source({"type": "image", "alias": "a"})),
        ({"source": {"type": "none"}}, Source({"type": "none"})),
        ({"source": {"type": "copy", "source": "c1/snap"}}, Source({"type": "copy", "source": "c1/snap"})),
        (
            {"source": {"type": "copy", "source": "c1", "remote": "r", "mode": "push", "live": "False", "move": "yes"}},
            Source({"type": "copy", "source": "c1", "mode": "push", "live": False, "move": True}, "r"),
        ),
        ({"source": {"type": "image", "properties": {"os": "BusyBox"}}}, Source({"type": "image", "properties": {"os": "BusyBox"}})),
        (
            {"source": {"type": "image", "mode": "pull", "server": "https://x", "protocol": "simplestreams", "alias": "a"}},
            Source({"type": "image", "mode": "pull", "server": "https://x", "protocol": "simplestreams", "alias": "a"}),
        ),
    ],
)
def test_source(params: dict[str, t.Any], expected: Source | None) -> None:
    assert source(params) == expected


class FakeClient:
    """A server that has just these images and aliases."""

    remote = "here"

    def __init__(self, *known: str) -> None:
        self.known, self.asked = known, []

    def get(self, *path: str) -> str | None:
        self.asked.append(path)
        return path[-1] if "/".join(path) in self.known else None


@pytest.mark.parametrize(
    ("params", "known", "key", "asked"),
    [
        ({"image": "cafe12345678"}, ["images/cafe12345678", "images/aliases/cafe12345678"], "fingerprint", 1),
        ({"image": "cafe12345678"}, ["images/aliases/cafe12345678"], "alias", 2),
        ({"image": "cafe12345678"}, [], None, 2),
        ({"source": {"fingerprint": "cafe12345678"}}, ["images/aliases/cafe12345678"], None, 1),
    ],
)
def test_what_looks_like_a_fingerprint_may_be_an_alias(params: dict[str, t.Any], known: list[str], key: str | None, asked: int) -> None:
    client, made_of = FakeClient(*known), source(params)
    assert made_of is not None
    if key:
        assert made_of.verify(t.cast(t.Any, client), t.cast(t.Any, None)) == ({"type": "image", key: "cafe12345678"}, {})
    else:
        with pytest.raises(NotFound, match="^There is no image with the fingerprint cafe12345678 on here$"):
            made_of.verify(t.cast(t.Any, client), t.cast(t.Any, None))
    assert len(client.asked) == asked


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"image": "images:"}, "^image: 'images:' is not valid: expected alias, fingerprint, or remote:alias$"),
        ({"image": ":debian"}, "^image: ':debian' is not valid"),
        ({"image": ":"}, "^image: ':' is not valid"),
        ({"source": {}}, "^source: {} is not valid: its type has to be one of image, copy, none, migration, backup$"),
        ({"source": {"type": "magic"}}, "^source: .* its type has to be one of"),
        ({"source": {"type": ["image"]}}, "^source: .* its type has to be one of"),
        ({"source": {"type": "image"}}, "^source: .* is not valid: an image needs its alias or fingerprint$"),
        ({"source": {"alias": None}}, "^source: .* is not valid: an image needs its alias or fingerprint$"),
        ({"source": {"type": "copy"}}, "^source: .* is not valid: a copy needs the source: the name of an instance, or instance/snapshot$"),
        (
            {"source": {"type": "none", "remote": "b"}},
            "^source.remote: 'b' is not valid: only an image or a copy can come from a remote$",
        ),
        ({"source": {"type": "copy", "source": "a", "mode": "pull"}}, "^source.mode: 'pull' is not valid: it goes with source.remote"),
        ({"source": {"type": "copy", "source": "a", "move": True}}, "^source.move: True is not valid: it goes with source.remote"),
        (
            {"source": {"type": "copy", "source": "a", "remote": "b", "mode": "shove"}},
            "^source.mode: 'shove' is not valid: expected one of auto, pull, push, relay$",
        ),
        ({"source": {"type": "copy", "source": "a", "live": "perhaps"}}, "^source.live: 'perhaps' is not valid: expected true or false$"),
        *(
            (
                {"source": {"type": "copy", "source": "a", "remote": "b", "move": True, key: True}},
                f"^source.move: True is not valid: it does not go with source.{key}, as only a whole instance moves$",
            )
            for key in ("instance_only", "container_only", "refresh")
        ),
        ({"source": {"type": "copy", "source": "a/s", "remote": "b", "move": "yes"}}, "^source.move: .* does not go with a snapshot"),
        ({"source": {"remote": 7, "alias": "a"}}, "^source.remote: 7 is not valid: expected the name of a remote$"),
        ({"source": {"type": "copy", "source": 7}}, "^source: .* is not valid: a copy needs the source"),
    ],
)
def test_wrong(params: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InvalidOption, match=message):
        source(params)
