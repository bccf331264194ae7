# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _errors as errors
from ansible_collections.fleet.lxd.plugins.module_utils._users import User, find_group, find_user

PASSWD = b"root:x:0:0:root:/root:/bin/sh\nann:x:1000:1001:Ann,,:/home/ann:/bin/bash\nhomeless:x:5:6:::\nbroken\n"
GROUP = b"root:x:0:\nstaff:x:50:ann\n"


class Instance:
    """A channel to an instance with these files; ``directory`` is what its getent knows beyond them."""

    def __init__(self, files: dict[str, bytes] | None = None, directory: dict[str, bytes] | None = None) -> None:
        self.files = {"/etc/passwd": PASSWD, "/etc/group": GROUP} if files is None else files
        self.directory = directory or {}
        self.asked: list[t.Any] = []

    def read(self, _instance: str, path: str) -> bytes:
        if path not in self.files:
            raise errors.NotFound(f"There is no file {path}")
        return self.files[path]

    def exec(self, _instance: str, argv: list[str], stdout: t.Callable[[bytes], None], timeout: float) -> int:
        self.asked.append(argv)
        if argv[2] == "slow":
            raise errors.TimedOut(f"The command did not end within {timeout:g} seconds")
        stdout(self.directory.get(argv[2], b""))
        return 0 if argv[2] in self.directory else 2


def user(wanted: str, instance: Instance | None = None) -> User:
    return find_user(t.cast(t.Any, instance or Instance()), "c1", wanted)


def test_users() -> None:
    assert user("ann") == user("1000") == User("ann", 1000, 1001, "/home/ann")
    assert user("homeless") == User("homeless", 5, 6, "/")
    assert user("4711") == User("4711", 4711, 0, "/")
    assert user("4711", Instance({})) == User("4711", 4711, 0, "/")


def test_users_of_a_directory() -> None:
    instance = Instance(directory={"zoe": b"zoe:*:7000:7000:Zoe:/net/zoe:/bin/sh\n"})
    assert user("zoe", instance) == User("zoe", 7000, 7000, "/net/zoe")
    assert instance.asked == [["getent", "passwd", "zoe"]]


def test_nobody() -> None:
    with pytest.raises(errors.InvalidOption, match="user: 'nobody-here' is not valid: there is no such user in instance c1"):
        user("nobody-here")


def test_a_directory_that_does_not_answer() -> None:
    with pytest.raises(errors.LxdError, match="^user: getent in instance c1 did not say within 30 seconds who slow is$") as caught:
        user("slow")
    assert not isinstance(caught.value, errors.TimedOut)


def test_groups() -> None:
    instance = t.cast(t.Any, Instance())
    assert [find_group(instance, "c1", wanted) for wanted in ("staff", "50", "4711")] == [50, 50, 4711]
    with pytest.raises(errors.InvalidOption, match="group: 'none' is not valid"):
        find_group(instance, "c1", "none")
