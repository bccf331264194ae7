# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A large image on its way into the server."""

from __future__ import annotations

import io
import os
import pathlib
import tarfile
import typing as t

from tests.daemon import images

from . import cost
from .stage import LIMIT, OURS, Stage, Work

_ALIAS = "bench"
_SIZE = 1 << 30


def works(stage: Stage) -> t.Iterator[Work]:
    path = stage.scratch / "large.tar"
    lxc = ["lxc", "image", "import", str(path), "--alias", _ALIAS]
    arguments = {"url": stage.server.url, "alias": _ALIAS, "source": {"type": "file", "path": str(path)}}

    def away() -> None:
        aliases = stage.server.api.call("GET", "/1.0/images/aliases?recursion=1")
        for alias in aliases:
            if alias["name"] == _ALIAS:
                stage.server.api.call("DELETE", f"/1.0/images/{alias['target']}")

    yield Work(
        "import of a 1 GB image", "1.1 of the limit",
        {OURS: stage.play([{f"{OURS}.lxd_image": arguments}]), LIMIT: lambda: cost.cost(lxc, stage.environment)},
        before=lambda: _make(path), after=away,
    )  # fmt: skip


def _make(path: pathlib.Path) -> None:
    """A unified tarball that is not compressed, and that could not be."""
    if path.exists():
        return
    about = images.metadata("large", "1").encode()
    with tarfile.open(path, "w") as tarball:
        metadata = tarfile.TarInfo("metadata.yaml")
        metadata.size = len(about)
        tarball.addfile(metadata, io.BytesIO(about))
        blob = tarfile.TarInfo("rootfs/blob")
        blob.size = _SIZE
        with open("/dev/urandom", "rb") as noise:
            tarball.addfile(blob, noise)
    os.sync()
