# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every endpoint of both servers is managed by a module, or there is a reason; see endpoints.yml."""

from __future__ import annotations

import pathlib

import pytest
import yaml

HERE = pathlib.Path(__file__).resolve().parent
ENDPOINTS = yaml.safe_load((HERE / "endpoints.yml").read_text(encoding="utf-8"))
MODULES = {path.stem for path in (HERE.parents[1] / "plugins" / "modules").glob("lxd_*.py")}

# Of the client's own configuration, of any endpoint at all, of a part of another, and of many others.
WITHOUT_ENDPOINTS = {"lxd_api", "lxd_device", "lxd_fleet", "lxd_remote"}


@pytest.mark.parametrize("path", ENDPOINTS)
def test_an_endpoint_has_modules_or_a_reason(path):
    about = ENDPOINTS[path]
    assert ("by" in about) != ("why" in about)
    assert set(about.get("by", [])) <= MODULES


@pytest.mark.parametrize("module", sorted(MODULES - WITHOUT_ENDPOINTS))
def test_a_module_has_endpoints(module):
    managed = module.removesuffix("_info")
    assert any({module, managed} & set(about.get("by", [])) for about in ENDPOINTS.values())
