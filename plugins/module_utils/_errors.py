# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way in which fleet.lxd fails, named once.

Each error carries one sentence for a person (``str(error)``) and ``facts``: JSON-able values that a module puts into
its result beside the message (``status``, ``request``, ``operation``, ...). Nothing here is ever a secret.
"""

from __future__ import annotations

import typing as t


class LxdError(Exception):
    """The root of all. Shared code raises it; a module turns it into ``fail_json``, a plugin into its ``AnsibleError``."""

    def __init__(self, message: str, **facts: t.Any) -> None:
        super().__init__(message)
        self.facts = {key: value for key, value in facts.items() if value is not None}


class InvalidOption(LxdError):
    """What the user wrote cannot be done: names the option, the value and what would be right."""

    def __init__(self, option: str, value: t.Any, expected: str) -> None:
        super().__init__(f"{option}: {value!r} is not valid: {expected}", option=option)


class MissingLibrary(LxdError):
    """A Python library is not installed where the code runs."""

    def __init__(self, library: str, reason: str | None = None) -> None:
        super().__init__(f"The Python library {library} is needed", library=library)
        self.library = library
        self.reason = reason


class Unreachable(LxdError):
    """No answer from the server: no socket, connection refused, broken or silent. Never read as 'absent'."""


class UntrustedServer(LxdError):
    """The certificate that the server shows is not the pinned one, or nobody vouches for it."""


class TimedOut(LxdError):
    """The server works on; the time allowed is over. ``facts['operation']`` names what still runs, if anything does."""


class TransferFailed(LxdError):
    """Data on its way to or from somewhere else than the server did not arrive whole."""


class MissingExtension(LxdError):
    """The server is too old, or of the other kind, for what was asked."""

    def __init__(self, extension: str, purpose: str, server: str) -> None:
        super().__init__(f"This server ({server}) lacks the API extension {extension}, which {purpose} needs", extension=extension)


class Refused(LxdError):
    """The server understood and said no. ``facts``: ``status`` (int, HTTP), ``request`` (``METHOD /path``)."""


class NotAuthorized(Refused):
    """The server does not know us, or does not let us."""


class NotFound(Refused):
    """Something that had to be there is not."""


class NotRunning(Refused):
    """The instance is stopped or frozen, or nothing in it answers."""


class Conflict(Refused):
    """What was read has changed since (HTTP 412), or something else on the host did meanwhile: look again."""


class AlreadyExists(Refused):
    """Somebody else created it between our look and our request."""


class OperationFailed(Refused):
    """An asynchronous operation was accepted and ended badly. ``facts['operation']`` is its id."""
