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
    """What the user wrote, or did not write (None), cannot be done: names the option, the value and what would be right."""

    def __init__(self, option: str, value: t.Any, expected: str, **facts: t.Any) -> None:
        wrong = f"{option} is required" if value is None else f"{option}: {value!r} is not valid"
        super().__init__(f"{wrong}: {expected}", option=option, **facts)


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

    usual_status: t.ClassVar[int | None] = None

    def __init__(self, message: str, **facts: t.Any) -> None:
        super().__init__(message, **{"status": self.usual_status, **facts})


class NotAuthorized(Refused):
    """The server does not know us, or does not let us."""

    usual_status = 403


class NotFound(Refused):
    """Something that had to be there is not."""

    usual_status = 404


class NotRunning(Refused):
    """The instance is stopped or frozen, or nothing in it answers."""


class Conflict(Refused):
    """What was read has changed since (HTTP 412), or something else on the host did meanwhile: look again."""

    usual_status = 412


class Stumbled(Conflict):
    """The server failed half-way for a reason that goes away; what was asked may be done nevertheless: look again."""


class AlreadyExists(Refused):
    """Somebody else created it between our look and our request."""

    usual_status = 409


class NoArchive(Refused):
    """What was sent is of no kind that the server could unpack."""


class OperationFailed(Refused):
    """An asynchronous operation was accepted and ended badly. ``facts['operation']`` is its id."""


_BY_STATUS: t.Mapping[int, type[Refused]] = {401: NotAuthorized, 403: NotAuthorized, 404: NotFound, 409: AlreadyExists, 412: Conflict}
_BY_WORDS: t.Mapping[type[Refused], tuple[str, ...]] = {
    # A name is quoted before these words; without a quote it is an address, and nothing that is there.
    AlreadyExists: ("already exists", '" already in use', "' already in use", "UNIQUE constraint failed"),
    # Incus looks at every interface of its host to delete one bridge, and fails if one of them vanishes meanwhile.
    Stumbled: ("Failed to delete bridge children interfaces",),
    NoArchive: ("Unsupported compression",),
}


def refusal(status: int, message: str, request: str | None = None, operation: str | None = None) -> Refused:
    """A server's words as the error that they mean; what exists already has a status of its own only in newer servers."""
    told = (kind for kind, words in _BY_WORDS.items() if any(each in message for each in words))
    kind = next(told, OperationFailed if operation else _BY_STATUS.get(status, Refused))
    return kind(message or f"HTTP {status}", status=status, request=request, operation=operation)
