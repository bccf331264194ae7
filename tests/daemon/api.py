# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The few calls of the REST API that starting and stopping a server for tests takes, over its socket."""

from __future__ import annotations

import http.client
import json
import socket
import typing as t

TIMEOUT = 120


class ApiError(RuntimeError):
    """The server said no."""


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT + 10)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Api:
    """``call("GET", "/1.0/instances")`` gives the metadata of the answer, or of the operation when it is done."""

    def __init__(self, path: str) -> None:
        self.path = path

    def call(self, method: str, path: str, body: t.Any = None) -> t.Any:
        content = json.dumps(body) if body is not None else None
        return self._settle(method, path, self._answer(method, path, content, {}))

    def upload(self, path: str, content: t.BinaryIO, headers: dict[str, str]) -> t.Any:
        """POST of an open file, as it is."""
        return self._settle("POST", path, self._answer("POST", path, content, headers))

    def _settle(self, method: str, path: str, answer: t.Any) -> t.Any:
        if answer["type"] == "error":
            raise ApiError(f"{method} {path}: {answer['error']}")
        if answer["type"] != "async":
            return answer["metadata"]
        waited = self._answer("GET", f"/1.0/operations/{answer['metadata']['id']}/wait?timeout={TIMEOUT}", None, {})
        operation = waited["metadata"] or {"status_code": 400, "err": waited["error"]}
        if operation["status_code"] != 200:
            raise ApiError(f"{method} {path}: {operation.get('err') or 'still running'}")
        return operation["metadata"]

    def _answer(self, method: str, path: str, content: t.Any, headers: dict[str, str]) -> t.Any:
        connection = _Connection(self.path)
        try:
            connection.request(method, path, content, headers)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()
