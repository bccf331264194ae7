# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""That our files are compiled once, and not in each run of Ansible anew."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from tests.runner import python

# A plugin of each kind, as Ansible loads it.
_LOADS = """
from ansible.plugins import loader
loader.init_plugin_loader()
for kind, name in (("action", "lxd_fleet"), ("connection", "lxd"), ("inventory", "lxd")):
    assert getattr(loader, f"{kind}_loader").get(f"fleet.lxd.{name}", class_only=True), name
"""


# How each kind of plugin comes to dial a server by TLS; port 9 answers nobody.
_URL = "https://127.0.0.1:9"
_FAR = f"ansible_connection=fleet.lxd.lxd ansible_lxd_url={_URL}"
_DIALS = {
    "action": ["ansible", "localhost", "-m", "fleet.lxd.lxd_info", "-a", f"url={_URL}"],
    "connection": ["ansible", "c1", "-i", "c1,", "-e", _FAR, "-m", "raw", "-a", "true"],
    "inventory": ["ansible-inventory", "-i", "far.lxd.yml", "--list"],
}


@pytest.fixture
def copy(tmp_path: pathlib.Path) -> pathlib.Path:
    """The collection, of which nothing has been compiled."""
    place = tmp_path / "ansible_collections" / "fleet" / "lxd"
    for directory in ("plugins", "meta"):
        shutil.copytree(python.ROOT / directory, place / directory, ignore=shutil.ignore_patterns("__pycache__"))
    return place


def _kept(copy: pathlib.Path, argv: list[str]) -> set[str]:
    """The files that a program of Python keeps compiled, as ``module_utils._client``."""
    top = copy.parents[2]
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(top), "ANSIBLE_HOME": str(top), "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run([sys.executable, *argv], env=environment, cwd=top, capture_output=True, check=False)
    return {f"{path.parts[-3]}.{path.name.partition('.')[0]}" for path in copy.rglob("*.pyc")}


def test_what_plugins_import_is_kept_compiled(copy: pathlib.Path) -> None:
    wanted = {"module_utils._fleet", "module_utils._client", *(f"plugin_utils._{name}" for name in ("direct", "connection", "inventory"))}
    assert wanted <= _kept(copy, ["-c", _LOADS])


@pytest.mark.parametrize("kind", _DIALS)
def test_what_plugins_import_when_they_need_it_is_kept_as_well(kind: str, copy: pathlib.Path) -> None:
    (copy.parents[2] / "far.lxd.yml").write_text(f"plugin: fleet.lxd.lxd\nurl: {_URL}\n", encoding="ascii")
    program, *arguments = _DIALS[kind]
    path = str(pathlib.Path(sys.executable).with_name(program))
    assert "module_utils._dialer_tls" in _kept(copy, [path, *arguments])
