# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers of a fleet: their views while it is planned, and their connections while it is made."""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import dataclasses
import threading
import typing as t

from ._client import Client
from ._errors import InvalidOption, LxdError
from ._fleet_kinds import Params
from ._fleet_view import Known, View
from ._options import Remote

Opened = t.TypeVar("Opened", bound=Client)

# As many servers are read at once.
_WIDTH = 16


class Servers:
    """Opened by the options of the task; ``None`` is the server that these name. To be used as a context manager.

    ``projects`` are the configs that the document has for projects, by their remotes and names.
    """

    def __init__(self, params: Params, projects: t.Mapping[tuple[str | None, str], Params]) -> None:
        self._params, self._projects = params, projects
        self._first: dict[str | None, Client] = {}
        self._views: dict[tuple[str | None, str], View] = {}
        self._free: dict[tuple[str | None, str], collections.deque[Known]] = collections.defaultdict(collections.deque)
        self._all: list[Client] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, *_exception: object) -> None:
        for client in self._all:
            client.close()

    def visit(self, remotes: t.Iterable[str | None], check: bool, read: t.Callable[[str | None], None]) -> dict[str | None, LxdError]:
        """Open each server and ``read`` it, side by side; what could not be, with its reason.

        :raises InvalidOption: for what is no server at all.
        """

        def attempt(remote: str | None) -> LxdError | None:
            try:
                self._open(remote, check)
                read(remote)
            except InvalidOption:
                raise
            except LxdError as error:
                return error
            return None

        names = list(dict.fromkeys(remotes))
        with concurrent.futures.ThreadPoolExecutor(_WIDTH) as pool:
            outcomes = dict(zip(names, pool.map(attempt, names)))
        return {name: error for name, error in outcomes.items() if error}

    def _open(self, remote: str | None, check: bool) -> None:
        own = remote in (None, self._params["remote"])
        params = self._params if own else {**self._params, "remote": remote, "url": None, "project": None}
        client = self._kept(Client(Remote.read(params.get)))
        self._first[remote] = client
        client.require_trust(check)

    def _kept(self, client: Opened) -> Opened:
        with self._lock:
            self._all.append(client)
        return client

    def _same(self, client: Opened, remote: str | None) -> Opened:
        """A connection more to a server need not ask again what it is."""
        client.server = self._first[remote].server
        return self._kept(client)

    def _remote(self, remote: str | None, project: str) -> Remote:
        return dataclasses.replace(self._first[remote].remote, project=project)

    def identity(self, remote: str | None) -> tuple[str, str] | None:
        """What the names of one server share: its certificate, which is that of a whole cluster; None if it does not tell it.

        Machines that were cloned have it in common as well, but not their name.
        """
        about = self._first[remote].server["environment"]
        fingerprint = about.get("certificate_fingerprint")
        return (fingerprint, "" if about.get("server_clustered") else about.get("server_name", "")) if fingerprint else None

    def project(self, remote: str | None, wished: str | None) -> str:
        """The project of the entry, or else of the remote if it is known, or else the server's own."""
        first = self._first.get(remote)
        return wished or (first.remote.project if first else None) or "default"

    def view(self, remote: str | None, project: str) -> View:
        """What is there, kept for the whole task. Not to be called by two threads for one server."""
        key = (remote, project)
        if key not in self._views:
            common = self.view(remote, "default") if project != "default" else None
            self._views[key] = self._same(View(self._remote(remote, project), common, self._projects.get(key)), remote)
        return self._views[key]

    @contextlib.contextmanager
    def lent(self, remote: str | None, project: str) -> t.Iterator[Known]:
        """A connection that nobody else uses meanwhile."""
        free = self._free[remote, project]
        with self._lock:
            client = free.pop() if free else None
        client = client or self._same(Known(self._remote(remote, project), self._views[remote, project]), remote)
        try:
            yield client
        finally:
            with self._lock:
                free.append(client)
