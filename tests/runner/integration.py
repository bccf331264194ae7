# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Targets below ``tests/integration/targets``, each against LXD and against Incus."""

from __future__ import annotations

import json
import pathlib
import typing as t

from .cases import Case, Command
from .python import ROOT
from .work import Work

if t.TYPE_CHECKING:
    from tests.daemon.bed import Bed

PART = "integration"
TARGETS = ROOT / "tests/integration/targets"
PLAYBOOK = ROOT / "tests/integration/target.yml"

KINDS = ("lxd", "incus")
# A target with this word among its aliases has its modules shipped to LXD; the others take the quicker door in the controller.
SHIPPED = "door/shipped"


def targets(chosen: t.Sequence[str]) -> list[pathlib.Path]:
    """All, or those with one of the names. What starts with ``prepare_`` or ``setup_`` is a role that targets share."""
    found = [path for path in sorted(TARGETS.iterdir()) if path.is_dir() and not path.name.startswith(("prepare_", "setup_"))]
    return [path for path in found if not chosen or path.name in chosen]


def aliases(target: pathlib.Path) -> set[str]:
    """The words of a target's ``aliases``: ``only/lxd``, ``only/incus``, ``needs/debian``, ``door/shipped``."""
    file = target / "aliases"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {line.partition("#")[0].strip() for line in lines} - {""}


def needs_debian(chosen: t.Sequence[str]) -> bool:
    return any("needs/debian" in aliases(target) for target in targets(chosen))


def cases(work: Work, chosen: t.Sequence[str]) -> t.Iterator[Case]:
    for target in targets(chosen):
        words = aliases(target)
        only = {word.removeprefix("only/") for word in words if word.startswith("only/")}
        for kind in sorted(only or KINDS, reverse=True):
            yield _case(work, target, kind, "never" if kind == "lxd" and SHIPPED in words else "auto")


def _case(work: Work, target: pathlib.Path, kind: str, direct: str) -> Case:
    def build(bed: Bed | None) -> Command:
        assert bed is not None
        home = work.directory(f"{target.name}-{kind}")
        scratch = work.directory(f"{target.name}-{kind}/work")
        variables = home / "variables.json"
        variables.write_text(json.dumps({**bed.variables(kind), "work_dir": str(scratch), "target": target.name}), encoding="utf-8")
        inventory = home / "inventory.json"
        local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        inventory.write_text(json.dumps({"all": {"hosts": {"localhost": local}}}), encoding="utf-8")
        environment = {
            **work.environment(home),
            **bed.environment(),
            "ANSIBLE_ROLES_PATH": str(TARGETS),
            "FLEET_LXD_DIRECT": direct,
        }
        script = target / "runme.sh"
        program = [str(script)] if script.exists() else [work.venv.program("ansible-playbook"), str(PLAYBOOK)]
        return Command([*program, "-i", str(inventory), "-e", f"@{variables}"], environment, scratch)

    return Case(PART, f"{target.name} ({kind})", build, bed=True)
