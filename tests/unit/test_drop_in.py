# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks for community.general's modules run with ours: its options are all there, and each of its defects has a test."""

from __future__ import annotations

import importlib
import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.fleet.lxd.plugins.module_utils._converge import as_job

HERE = pathlib.Path(__file__).resolve().parent
OPTIONS = yaml.safe_load((HERE / "community_general.yml").read_text(encoding="utf-8"))["modules"]
DEFECTS = yaml.safe_load((HERE / "defects.yml").read_text(encoding="utf-8"))
RESOURCES = "ansible_collections.fleet.lxd.plugins.module_utils._resources."


@pytest.mark.parametrize("module", OPTIONS)
def test_every_option_is_accepted(module: str) -> None:
    kind = module.removeprefix("lxd_")
    job = as_job(getattr(importlib.import_module(RESOURCES + kind.removesuffix("_info")), kind.upper()))
    ours = {name: spec["type"] for option, spec in job.argument_spec.items() for name in (option, *spec.get("aliases", ()))}
    assert OPTIONS[module].items() <= ours.items()


def test_every_defect_is_there_once() -> None:
    assert [entry["defect"] for entry in DEFECTS] == list(range(1, 32))


@pytest.mark.parametrize("entry", DEFECTS, ids=lambda entry: f"{entry['defect']}")
def test_a_defect_has_its_test(entry: dict[str, t.Any]) -> None:
    assert entry["words"] in (HERE.parent / entry["file"]).read_text(encoding="utf-8")
    assert entry.get("runs", True) or entry["file"].startswith("unit/"), "what a real server shows is shown on one"
