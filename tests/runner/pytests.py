# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts that are pytest: ``unit`` and ``faults``. :mod:`.pytest_lines`, a plugin, tells of each test as it ends."""

from __future__ import annotations

import json
import typing as t

from .cases import Case, Command, Finding
from .python import ROOT
from .work import Work

if t.TYPE_CHECKING:
    from tests.daemon.bed import Bed

MARK = "@@finding "


def read(line: str | None) -> t.Iterator[Finding]:
    _before, mark, text = (line or "").partition(MARK)
    if mark:
        yield Finding(**json.loads(text))


def unit(work: Work, chosen: t.Sequence[str]) -> t.Iterator[Case]:
    yield case(work, "unit", chosen, bed=False)


def faults(work: Work, chosen: t.Sequence[str]) -> t.Iterator[Case]:
    """A case for each file, so that they share the machine."""
    for path in sorted((ROOT / "tests/faults").glob("test_*.py")):
        if not chosen or path.stem in chosen or path.stem.removeprefix("test_") in chosen:
            yield case(work, "faults", [path.stem], bed=True)


def case(work: Work, part: str, chosen: t.Sequence[str], bed: bool) -> Case:
    def build(ready: Bed | None) -> Command:
        directory = ROOT / "tests" / part
        files = [path for path in sorted(directory.rglob("test_*.py")) if path.stem in chosen or path.stem.removeprefix("test_") in chosen]
        home = work.directory(f"{part}-{'-'.join(chosen)[:20] or 'all'}")
        words = [work.venv.program("python"), "-m", "pytest", "-p", "tests.runner.pytest_lines", "-p", "no:cacheprovider", "--quiet"]
        words += [str(path) for path in (files if chosen else [directory])]
        environment = {**work.environment(home), **(ready.environment() if ready else {}), "PYTHONDONTWRITEBYTECODE": "1"}
        return Command(words, environment, ROOT)

    name = " ".join(chosen) or "the suite"
    return Case(part, name, build, bed=bed, reader=lambda: read, timeout=900)
