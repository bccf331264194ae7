# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports of our files as compiled by an earlier run: Ansible's loader of collections would compile each of them anew."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import os
import sys
import typing as t

# The package of all plugins.
_OURS = __name__.rsplit(".", 2)[0] + "."


class _Finder:
    """Leaves every file of ours to Python's own loader, which keeps what it has compiled beside the file, where it may write."""

    @staticmethod
    def find_spec(fullname: str, path: t.Sequence[str] | None = None, target: t.Any = None) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(_OURS) or not path:
            return None
        file = os.path.join(path[0], fullname.rpartition(".")[2] + ".py")
        return importlib.util.spec_from_file_location(fullname, file) if os.path.isfile(file) else None


@contextlib.contextmanager
def kept() -> t.Iterator[None]:
    """For the imports inside only: ``sys.meta_path`` belongs to Ansible."""
    sys.meta_path.insert(0, _Finder)
    try:
        yield
    finally:
        sys.meta_path.remove(_Finder)
