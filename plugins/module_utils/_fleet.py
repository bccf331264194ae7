# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet made as its document says: read, planned, carried out, judged."""

from __future__ import annotations

import typing as t

from ._errors import InvalidOption, LxdError
from ._fleet_apply import Application, Outcome
from ._fleet_document import Entry, read, remotes
from ._fleet_plan import FleetPlan, plan
from ._fleet_servers import Servers
from ._fleet_text import place, text, told
from ._job import Context

# More errors than this are only in the result, not in its sentence.
_TOLD = 5


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """What was planned, done, failed and not tried; see lxd_fleet. :raises LxdError: with all that, if anything is not as wished."""
    if params["concurrency"] < 1:
        raise InvalidOption("concurrency", params["concurrency"], "expected 1 or more")
    if not params["name"].strip():
        raise InvalidOption("name", params["name"], "expected a name, by which the fleet knows what is its own")
    entries = read(params["document"], params["project"])
    with Servers(params, _projects(entries)) as servers:
        places = remotes(params["document"], entries)
        planned = plan(entries, places, servers, params["name"], params["prune"], context.check)
        for warning in planned.warnings:
            context.warn(warning)
        result = _planned(params["name"], planned)
        if context.check:
            # Ansible shows no diff of what has failed.
            return _judged(result, planned, Outcome(), f"\n{text(params['name'], planned)}")
        outcome = Application(servers, planned, params["concurrency"], context).run()
    return _judged({**result, **_made(outcome)}, planned, outcome)


def _projects(entries: t.Iterable[Entry]) -> dict[tuple[str | None, str], t.Mapping[str, t.Any]]:
    made = (entry for entry in entries if entry.kind.key == "projects" and entry.params["state"] != "absent")
    return {(entry.remote, entry.name): entry.params["config"] or {} for entry in made}


def _planned(name: str, planned: FleetPlan) -> dict[str, t.Any]:
    return {
        "changed": bool(planned.steps),
        "diff": {"prepared": text(name, planned)} if planned.steps or planned.dead else {},
        "plan": [told(step, before=step.before, after=step.after) for step in planned.steps],
        "unchanged": planned.same,
    }


def _made(outcome: Outcome) -> dict[str, t.Any]:
    return {
        "changed": bool(outcome.done) or any(error.facts["changed"] for _step, error in outcome.failed.values()),
        "done": [told(step) for step in outcome.done],
        "failed_parts": [told(step, msg=str(error), **error.facts) for step, error in outcome.failed.values()],
        "not_tried": [told(step, reason=reason) for step, reason in outcome.not_tried.values()],
        "restart_required": [part.entry.name for part in outcome.restart_required],
    }


def _judged(result: dict[str, t.Any], planned: FleetPlan, outcome: Outcome, more: str = "") -> dict[str, t.Any]:
    """:raises LxdError: with the whole result as its facts, if anything is not as wished; ``more`` is what else it says then."""
    faults = [f"{remote or 'the server'}: {error}" for remote, error in planned.dead.items()]
    faults += [f"{step.action} {step.part.label}: {error}" for step, error in outcome.failed.values()]
    if not faults:
        stopped = [reason for _step, reason in outcome.not_tried.values()]
        if not stopped:
            return result
        faults = stopped[:1]
    left = len(outcome.not_tried) + len(planned.skipped)
    counts = f"{len(outcome.done)} done, {len(outcome.failed)} failed, {left} not tried"
    skipped = [{**place(part), "action": "unknown", "reason": "its server could not be read"} for part in planned.skipped]
    result = {**result, "not_tried": [*result.get("not_tried", []), *skipped]}
    others = [f"and {len(faults) - _TOLD} more"] if len(faults) > _TOLD else []
    raise LxdError(f"The fleet is not as wished ({counts}): {'; '.join(faults[:_TOLD] + others)}{more}", **result)
