# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes to the server and what comes back, as data that nobody changes."""

from __future__ import annotations

import typing as t


class Request(t.NamedTuple):
    """One call of the REST API below ``/1.0``.

    ``path`` holds raw segments (``("profiles", "a/b")``): the client quotes them. ``etag`` becomes ``If-Match``.
    ``content`` is a body that is not JSON (bytes, or an open binary file, which is streamed); ``headers`` belong to it.
    """

    method: str
    path: tuple[str, ...]
    body: t.Any = None
    query: t.Mapping[str, str] = {}
    etag: str | None = None
    content: t.Any = None
    headers: t.Mapping[str, str] = {}

    @property
    def fields(self) -> dict[str, str]:
        """Its headers, ``If-Match`` among them."""
        return {**self.headers, **({"If-Match": self.etag} if self.etag else {})}

    def __str__(self) -> str:
        query = "&".join(f"{key}={value}" for key, value in self.query.items())
        return f"{self.method} {'/'.join(('/1.0', *self.path))}{'?' + query if query else ''}"


class Reply(t.NamedTuple):
    """What the server said: ``metadata`` of a sync answer, or of the finished operation of an async one.

    ``operation`` is the whole operation object where there was one, else None.
    """

    metadata: t.Any = None
    etag: str | None = None
    operation: t.Mapping[str, t.Any] | None = None
    headers: t.Mapping[str, str] = {}
