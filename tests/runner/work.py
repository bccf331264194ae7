# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scratch space of one run: directories, and the tree in which Ansible finds this collection."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import typing as t

from . import python
from .python import ROOT, Venv


@dataclasses.dataclass(frozen=True)
class Work:
    """``path`` is short (sockets below it have 108 characters) and gone after the run; ``venv`` holds ansible-core."""

    path: pathlib.Path
    venv: Venv
    say: t.Callable[[str], None]

    def tools(self) -> Venv:
        """Linters and builders of documentation, beside what ``venv`` has."""
        return python.venv("tools", self.venv.python, "requirements.txt", "requirements-tools.txt", say=self.say)

    def directory(self, name: str) -> pathlib.Path:
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def collections(self) -> pathlib.Path:
        """A directory for ``ANSIBLE_COLLECTIONS_PATH`` whose ``fleet.lxd`` is this checkout."""
        namespace = self.directory("collections/ansible_collections/fleet")
        # Two tests may come at once.
        with contextlib.suppress(FileExistsError):
            (namespace / "lxd").symlink_to(ROOT)
        return self.path / "collections"

    def environment(self, home: pathlib.Path) -> dict[str, str | None]:
        """For Ansible, undisturbed by the settings, servers and client configurations of whoever runs the tests."""
        clean = dict.fromkeys(("ANSIBLE_CONFIG", "LXD_DIR", "LXD_SOCKET", "INCUS_DIR", "INCUS_SOCKET", "LXC_REMOTE", "INCUS_REMOTE"))
        return {
            **clean,
            **self.venv.environment,
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections()),
            "ANSIBLE_HOME": str(home / "ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
            "LXD_CONF": str(home / "lxc"),
            "INCUS_CONF": str(home / "incus"),
        }
