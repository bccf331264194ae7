# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sockets to one server: to its unix socket, or to where ``_dialer_tls`` gets."""

from __future__ import annotations

import socket
import typing as t

from ._errors import LxdError, Unreachable
from ._options import Remote

# Seconds without a byte after which a server that owes us an answer counts as gone.
SILENCE = 60


class Dialer:
    """Makes plain sockets to a unix socket; its child makes those of TLS."""

    # Whether sockets are to be made :meth:`secure` when they are connected.
    tls = False

    def __init__(self, remote: Remote) -> None:
        self.remote = remote

    def dial(self, asked: str = "") -> socket.socket:
        """A connected, verified, blocking socket, on which ``asked`` is to be sent. :raises Unreachable, UntrustedServer:"""
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(self.remote.connect_timeout)
        try:
            sock.connect(t.cast(str, self.remote.socket))
        except OSError as error:
            sock.close()
            raise self.story(error, asked) from error
        sock.settimeout(SILENCE)
        return sock

    def begin(self) -> socket.socket:
        """A non-blocking socket on its way to the address that :meth:`dial` has reached; not yet connected, plain."""
        # A unix socket is connected at once, or its server is too busy: then waiting helps, and no event would tell.
        sock = self.dial()
        sock.setblocking(False)
        return sock

    def secure(self, plain: socket.socket) -> socket.socket:
        """Of TLS, for a connected socket; the handshake is left to the caller, and then :meth:`verify`."""
        return plain

    def verify(self, secure: t.Any) -> None:
        """:raises UntrustedServer: when the server shows another certificate than the pinned one."""

    def story(self, error: Exception, asked: str = "") -> LxdError:
        """What went wrong with what was ``asked``, as the error that it means."""
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if not asked:
            return Unreachable(f"No answer from {self.remote}: {reason}")
        return Unreachable(f"No answer from {self.remote} to {asked}: {reason}", request=asked)
