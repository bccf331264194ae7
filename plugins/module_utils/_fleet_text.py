# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet's plan is, and what became of it, for people and for later tasks. Pure."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ._fleet_kinds import OWNER
from ._fleet_plan import FleetPlan, Part, Step
from ._fleet_view import Entity

_SIGNS = {"create": "+", "change": "~", "recreate": "!", "remove": "-"}
_WORDS = {"create": "to create", "change": "to change", "recreate": "to make anew", "remove": "to remove"}
_NOTHING = "(not set)"
# More instances of one entry than this are told by the first and the last.
_FEW = 3


@dataclasses.dataclass
class _Paragraph:
    """Steps of one entry that do the same."""

    steps: list[Step]
    lines: tuple[str, ...]


def text(name: str, plan: FleetPlan) -> str:
    """The plan as a person reads it: what is created, changed and removed, each with its keys."""
    counts = collections.Counter(step.action for step in plan.steps)
    amounts = ", ".join(f"{counts[action]} {words}" for action, words in _WORDS.items() if counts[action])
    lines = [f"fleet {name}: {amounts or 'nothing to do'}; {plan.same} as wished"]
    for paragraph in _paragraphs(plan.steps):
        lines += [f"{_SIGNS[paragraph.steps[0].action]} {_heading(paragraph.steps)}", *(f"    {line}" for line in paragraph.lines)]
    for remote, error in plan.dead.items():
        lines.append(f"? nothing is known of {remote or 'the server'}: {error}")
    return "\n".join(lines) + "\n"


def _paragraphs(steps: t.Iterable[Step]) -> list[_Paragraph]:
    found: dict[tuple[t.Any, ...], _Paragraph] = {}
    for step in steps:
        entry = step.part.entry
        lines = tuple(_lines(step))
        key = (entry.path, step.action, entry.remote, entry.params.get("target"), lines)
        found.setdefault(key, _Paragraph([], lines)).steps.append(step)
    return list(found.values())


def _heading(steps: t.Sequence[Step]) -> str:
    first = steps[0].part
    names = [step.part.entry.name for step in steps]
    listed = ", ".join(names) if len(names) <= _FEW else f"{names[0]} ... {names[-1]} ({len(names)})"
    word = first.entry.kind.word + ("s" if len(names) > 1 else "")
    whole = f" {first.path[1]}:" if first.entry.kind.parents and " of " in word else ""
    project = f" in {first.project}" if first.entry.kind.feature and first.project != "default" else ""
    target = f" on {first.entry.params['target']}" if first.entry.params.get("target") else ""
    remote = f" on {first.entry.remote}" if first.entry.remote else ""
    return f"{word}{whole} {listed}{project}{target}{remote}"


def _lines(step: Step) -> t.Iterator[str]:
    if step.action == "remove":
        return
    before, after = _flat(step.before), _flat(step.after)
    if step.action == "create":
        image = step.params.get("image")
        yield from (f"{key}: {value}" for key, value in ({"image": image} if image else {}).items())
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if step.action == "create" and new not in (None, "", "[]", "{}"):
            yield f"{key}: {new}"
        elif step.action != "create" and old != new:
            yield f"{key}: {_NOTHING if old is None else old} -> {_NOTHING if new is None else new}"


def _flat(entity: Entity, above: str = "") -> dict[str, str]:
    """``{"config.limits.cpu": "2"}``, without its name and the mark, which differ and say nothing."""
    found: dict[str, str] = {}
    for key, value in entity.items():
        path = f"{above}{key}"
        if isinstance(value, dict) and value:
            found.update(_flat(value, f"{path}."))
        elif value is not None and path != "name" and not key.startswith(OWNER):
            found[path] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return found


def told(step: Step, **more: t.Any) -> dict[str, t.Any]:
    """A step in a result."""
    return {**place(step.part), "action": step.action, **more}


def place(part: Part) -> dict[str, t.Any]:
    """What a part is, and where, in a result."""
    given = {"remote": part.entry.remote, "target": part.entry.params.get("target")}
    project = {"project": part.project} if part.entry.kind.feature else {}
    return {"kind": part.entry.kind.key, "name": part.entry.name, **project, **{key: value for key, value in given.items() if value}}
