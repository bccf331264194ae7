# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The talk with sudo, su and their like, before the command that they run may read its input."""

from __future__ import annotations

import time
import typing as t

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.common.text.converters import to_bytes

_BLOCK = 256 * 1024


class Dialogue:
    """Collects the output of one command, and is the source of its input.

    ``become`` is a become plugin that has built the command, or None: then input is simply ``data``.
    """

    def __init__(self, become: t.Any, data: bytes, seconds: float) -> None:
        self.stdout, self.stderr = bytearray(), bytearray()
        self._become = become
        self._data = data
        self._seconds = seconds

    def stdin(self) -> t.Iterator[bytes]:
        """The password when it is asked for, then the data; ``b""`` as long as there is nothing to say."""
        if self._become is not None and self._become.expect_prompt():
            yield from self._answered()
        for start in range(0, len(self._data), _BLOCK):
            yield self._data[start : start + _BLOCK]

    def judged(self) -> tuple[bytes, bytes]:
        """Output without prompt and marker. :raises AnsibleError: when the plugin's words tell of a wrong or a missing password."""
        if self._become is None:
            return bytes(self.stdout), bytes(self.stderr)
        output, errors = bytes(self.stdout), bytes(self.stderr)
        if not self._become.check_success(output):
            self._complain(output, errors)
            return output, errors
        return self._become.strip_become_success(output), self._become.strip_become_prompt(errors)

    def _answered(self) -> t.Iterator[bytes]:
        deadline = time.monotonic() + self._seconds
        yield from self._until(self._prompted, deadline, "its prompt for the password")
        if self._succeeded():
            return
        asked = len(self.stdout), len(self.stderr)
        yield to_bytes(self._become.get_option("become_pass")) + b"\n"

        def settled() -> bool:
            if self._prompted(*asked):
                raise AnsibleError(f"Incorrect {self._become.name} password")
            return self._succeeded()

        yield from self._until(settled, deadline, "its success")

    def _until(self, reached: t.Callable[[], bool], deadline: float, what: str) -> t.Iterator[bytes]:
        while not reached() and not self._succeeded():
            if time.monotonic() > deadline:
                self._complain(bytes(self.stdout), bytes(self.stderr))
                raise AnsibleConnectionFailure(f"{self._become.name} did not show {what} within {self._seconds:g} seconds")
            yield b""

    def _prompted(self, stdout_from: int = 0, stderr_from: int = 0) -> bool:
        return any(self._become.check_password_prompt(bytes(new)) for new in (self.stdout[stdout_from:], self.stderr[stderr_from:]))

    def _succeeded(self) -> bool:
        return self._become.check_success(bytes(self.stdout))

    def _complain(self, *outputs: bytes) -> None:
        for output in outputs:
            if self._become.check_incorrect_password(output):
                raise AnsibleError(f"Incorrect {self._become.name} password")
            if self._become.check_missing_password(output):
                raise AnsibleError(f"Missing {self._become.name} password")
