# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the connection plugin does: an instance, the user to be in it, and one channel kept for the task."""

from __future__ import annotations

import contextlib
import functools
import os
import posixpath
import re
import shlex
import typing as t

from ansible.errors import AnsibleConnectionFailure, AnsibleError, AnsibleFileNotFound
from ansible.module_utils.basic import missing_required_lib

from ..module_utils._channel import Channel, patiently
from ..module_utils._errors import (
    InvalidOption,
    LxdError,
    MissingLibrary,
    NotFound,
    NotRunning,
    OperationFailed,
    Refused,
    TimedOut,
    TransferFailed,
)
from ..module_utils._options import Remote, positive
from ..module_utils._users import User, find_user
from ._become import Dialogue
from ._compiled import kept

# What both servers allow: a host name without dots.
_INSTANCE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")

_Get = t.Callable[[str], t.Any]


class Session:
    """An instance of a server, as one user. ``get`` is the plugin's ``get_option``. Nothing is sent before it is needed.

    ``tell`` is called with what only those want to know who ask for more.
    """

    @kept()
    def __init__(self, get: _Get, tell: t.Callable[[str], object] = str) -> None:
        self._get, self._tell = get, tell
        self.instance = instance_of(get)
        with _told():
            self._channel = Channel(Remote.read(get))

    def __str__(self) -> str:
        return f"instance {self.instance} of {self._channel.remote}, as {self._get('remote_user') or 'root'}"

    def close(self) -> None:
        self._channel.close()

    @kept()
    def run(self, command: str, stdin: bytes, become: t.Any) -> tuple[int, bytes, bytes]:
        """Run a shell command line: exit code, stdout and stderr.

        :param become: the become plugin that may have built ``command``, or None.
        :raises AnsibleConnectionFailure: when the instance is not there, does not run, or cannot be reached.
        """
        with _told():
            built = become if become and become.success and become.success in command else None
            helped = self._helped(command, stdin) if stdin and built is None and self._get("helper") else None
            code, dialogue = helped or self._talk(self._argv(command), stdin, built)
        return (code, *dialogue.judged())

    def _talk(self, argv: list[str], stdin: bytes, become: t.Any) -> tuple[int, Dialogue]:
        identity = self._identity()

        def once() -> tuple[int, Dialogue]:
            dialogue = Dialogue(become, stdin, self._get("become_timeout"))
            code = self._channel.exec(
                self.instance, argv, **identity, stdin=dialogue.stdin(), stdout=dialogue.stdout.extend, stderr=dialogue.stderr.extend
            )
            return code, dialogue

        return patiently(once, self._get("agent_timeout"))

    def _helped(self, command: str, stdin: bytes) -> tuple[int, Dialogue] | None:
        """The command as the helper runs it; None where it can't be."""
        from . import _helper

        if self._get("lxd_become_method") and self._user.uid:
            self._tell("HELPER not used: lxd_become_method is set")
            return None
        argv = _helper.argv(command, positive("helper_timeout", self._get("helper_timeout")))
        if argv is None:
            self._tell("HELPER not used: this is no module piped into a Python")
            return None
        self._tell(f"HELPER used: {argv[0]}")
        code, dialogue = self._talk(argv, stdin, None)
        if _helper.missing(code, dialogue.stdout, dialogue.stderr, argv[0]):
            self._tell(f"HELPER not used: there is no {argv[0]} in the instance")
            return None
        return code, dialogue

    @kept()
    def put(self, local: str, remote: str) -> None:
        """Upload a file as the remote user: what they may not write stays as it is."""
        try:
            file = open(local, "rb")
        except OSError as error:
            raise AnsibleFileNotFound(f"Cannot read {local}: {error.strerror}") from error
        with file, _told():
            mode = os.fstat(file.fileno()).st_mode & 0o777
            start = file.tell()

            def once() -> None:
                file.seek(start)
                self._put(file, self._absolute(remote), mode)

            patiently(once, self._get("agent_timeout"))

    @kept()
    def fetch(self, remote: str, local: str) -> None:
        """Download a file as the remote user."""
        with _told(), open(local, "wb") as file:
            patiently(lambda: self._fetch(self._absolute(remote), file), self._get("agent_timeout"))

    def _put(self, file: t.BinaryIO, path: str, mode: int) -> None:
        if self._user.uid == 0:
            self._channel.put(self.instance, path, file, mode=mode, uid=0, gid=self._user.gid)
        else:
            self._as_user(f"umask {~mode & 0o777:04o} && cat > {shlex.quote(path)}", stdin=file)

    def _fetch(self, path: str, file: t.BinaryIO) -> None:
        if self._user.uid == 0:
            self._channel.get(self.instance, path, file.write)
        else:
            self._as_user(f"cat < {shlex.quote(path)}", stdout=file.write)

    def _as_user(self, command: str, **streams: t.Any) -> None:
        """Carry a file by a command: the server itself would do it as root, through whatever link the user has laid there."""
        said = bytearray()
        code = self._channel.exec(self.instance, self._argv(command), **self._identity(), stderr=said.extend, **streams)
        if code:
            reason = said.decode(errors="replace").strip() or f"exit code {code}"
            raise TransferFailed(f"As {self._user.name} in instance {self.instance}: {reason}")

    @functools.cached_property
    def _user(self) -> User:
        name = self._get("remote_user") or "root"
        if name in ("root", "0"):
            return User("root", 0, 0, "/root")
        return patiently(lambda: find_user(self._channel, self.instance, name, "remote_user"), self._get("agent_timeout"))

    def _identity(self) -> dict[str, t.Any]:
        """``user``, ``group``, ``environment`` and ``cwd`` of every command."""
        if self._user.uid == 0 or self._get("lxd_become_method"):
            return {}
        user = self._user
        environment = {"HOME": user.home, "USER": user.name, "LOGNAME": user.name}
        return {"user": user.uid, "group": user.gid, "environment": environment, "cwd": user.home}

    def _argv(self, command: str) -> list[str]:
        shell = self._get("executable")
        method = self._get("lxd_become_method")
        if not method or self._user.uid == 0:
            return [shell, "-c", command]
        chosen = ["-s", shell] if posixpath.basename(method) == "su" else []
        return [method, self._user.name, *chosen, "-c", command]

    def _absolute(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self._user.home, path))


def instance_of(get: _Get) -> str:
    """The name of the instance: an explicit one, else ``ansible_host`` if it can be one, else the host's in the inventory.

    ``inventory_hostname`` is not that of the host to which a task is delegated.
    """
    explicit = get("lxd_host")
    if explicit:
        return explicit
    address = get("remote_addr")
    return address if _INSTANCE.fullmatch(address) else get("delegated_host") or get("inventory_hostname") or address


@contextlib.contextmanager
def _told() -> t.Iterator[None]:
    """Our errors as those of Ansible: a host that cannot be reached is unreachable, all else fails the task.

    Without their causes, which Ansible would add to the message, where they are told already.
    """
    try:
        yield
    except MissingLibrary as error:
        raise AnsibleError(missing_required_lib(error.library)) from None
    except NotFound as error:
        kind = AnsibleConnectionFailure if error.facts.get("instance") else AnsibleFileNotFound
        raise kind(str(error)) from None
    except (InvalidOption, TimedOut, TransferFailed, OperationFailed) as error:
        raise AnsibleError(str(error)) from None
    except Refused as error:
        fault = error.facts.get("status") == 400 and not isinstance(error, NotRunning)
        raise (AnsibleError if fault else AnsibleConnectionFailure)(str(error)) from None
    except LxdError as error:
        raise AnsibleConnectionFailure(str(error)) from None
