# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests that are programs: ``tests/roles/*/run``, and the quickstart."""

from __future__ import annotations

import pathlib
import typing as t

from .cases import Case, Command
from .python import ROOT
from .work import Work

if t.TYPE_CHECKING:
    from tests.daemon.bed import Bed

_ROLES = ROOT / "tests/roles"


def roles(work: Work, chosen: t.Sequence[str]) -> t.Iterator[Case]:
    """Every ``tests/roles/<case>/run``: 0 is passed, 77 skipped (the last lines say why), anything else failed."""
    for script in sorted(_ROLES.glob("*/run")):
        name = script.parent.name
        if not chosen or name in chosen:
            yield _case(work, "roles", name, script)


def quickstart(work: Work, _chosen: t.Sequence[str]) -> t.Iterator[Case]:
    """``./quickstart`` on this machine itself, again, and away with it."""
    yield _case(work, "quickstart", "first, again, teardown", ROOT / "tests/quickstart/run", alone=True)


def _case(work: Work, part: str, name: str, script: pathlib.Path, alone: bool = False) -> Case:
    def build(bed: Bed | None) -> Command:
        home = work.directory(f"{part}-{script.parent.name}")
        scratch = work.directory(f"{part}-{script.parent.name}/work")
        environment = {**work.environment(home), **(bed.environment() if bed else {}), "FLEET_TEST_WORK_DIR": str(scratch)}
        return Command([str(script)], environment, scratch)

    return Case(part, name, build, bed=part == "roles", timeout=900, alone=alone)
