# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file of this machine as the body of a request, at constant memory."""

from __future__ import annotations

import os
import typing as t

BLOCK = 256 * 1024


class Upload:
    """Its length is known, and it is read when it is sent. ``progress(text, fraction)`` hears of each block."""

    def __init__(self, path: str, progress: t.Callable[[str, float | None], None] | None = None) -> None:
        self.path, self.progress = path, progress

    def __len__(self) -> int:
        return os.path.getsize(self.path)

    def __iter__(self) -> t.Iterator[bytes]:
        done, size = 0, len(self)
        with open(self.path, "rb") as file:
            while block := file.read(BLOCK):
                yield block
                done += len(block)
                if self.progress:
                    self.progress(f"{os.path.basename(self.path)}: uploading", done / max(size, 1))
