# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the documentation's site, every warning an error, without asking other sites what they have."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import zlib

_AWAY = "https://docs.ansible.com/projects/ansible/devel/"
# Labels of Ansible's own documentation that the pages of every collection refer to.
_LABELS = (
    "action_plugins",
    "ansible_collections.ansible.builtin.copy_module",
    "ansible_collections.ansible.builtin.template_lookup",
    "ansible_collections.community.general.lxd_storage_pool_info_module",
    "ansible_collections.community.general.lxd_storage_volume_info_module",
    "ansible_configuration_settings",
    "ansible_documentation",
    "attributes",
    "common_return_values",
    "communication",
    "connection_plugins",
    "inventory_plugins",
)
# Its environment variables that plugins name.
_VARIABLES = (
    "ANSIBLE_CACHE_PLUGIN",
    "ANSIBLE_CACHE_PLUGIN_CONNECTION",
    "ANSIBLE_CACHE_PLUGIN_PREFIX",
    "ANSIBLE_CACHE_PLUGIN_TIMEOUT",
    "ANSIBLE_PIPELINING",
    "ANSIBLE_REMOTE_USER",
)


def main() -> int:
    work = pathlib.Path(os.environ["FLEET_TEST_WORK_DIR"])
    site = work / "site"
    site.mkdir()
    initialise = ["antsibull-docs", "sphinx-init", "--use-current", "--squash-hierarchy", "--project", "fleet.lxd"]
    _run(*initialise, "--dest-dir", str(site), "fleet.lxd")
    (site / "stub.inv").write_bytes(_inventory())
    conf = site / "conf.py"
    text, changed = re.subn(
        r"(?ms)^intersphinx_mapping = \{.*?^\}",
        f"intersphinx_mapping = {{'ansible_devel': ({_AWAY!r}, {str(site / 'stub.inv')!r})}}",
        conf.read_text(encoding="utf-8"),
    )
    if not changed:
        print("conf.py of antsibull-docs has no intersphinx_mapping any more")
        return 1
    conf.write_text(text, encoding="utf-8")
    _run("bash", "build.sh", cwd=site)
    pages = list((site / "build/html").glob("*_module.html"))
    print(f"{len(pages)} pages of modules")
    return 0 if pages else 1


def _inventory() -> bytes:
    """Sphinx's ``objects.inv`` with nothing but these."""
    head = b"# Sphinx inventory version 2\n# Project: Ansible\n# Version: devel\n# The remainder of this file is compressed using zlib.\n"
    lines = "".join(f"{label} std:label -1 reference.html#{label} {label}\n" for label in _LABELS)
    lines += "".join(f"{name} std:envvar -1 reference.html#{name} -\n" for name in _VARIABLES)
    return head + zlib.compress(lines.encode())


def _run(*command: str, cwd: pathlib.Path | None = None) -> None:
    print("+", *command, flush=True)
    subprocess.run(command, cwd=cwd, check=True)


if __name__ == "__main__":
    sys.exit(main())
