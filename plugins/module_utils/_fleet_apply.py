# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a fleet carried out: side by side, in the order of dependencies, and in batches where that is wished."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import functools
import typing as t

from ._errors import LxdError
from ._fleet_kinds import OWNER, Params
from ._fleet_plan import ROLLED, FleetPlan, Part, Step, rolling_entries
from ._fleet_servers import Servers
from ._fleet_view import Known
from ._job import Context

# States in which nobody expects it to run.
_IDLE = ("stopped", "frozen")
_STATES: t.Mapping[t.Any, str] = {"Running": "started", "Ready": "started", "Frozen": "frozen"}


@dataclasses.dataclass
class Outcome:
    """What became of the steps: ``failed`` with their errors, ``not_tried`` with the reason.

    Each of the errors has in its facts, as ``changed``, whether something was done nevertheless.
    """

    done: list[Step] = dataclasses.field(default_factory=list)
    failed: dict[int, tuple[Step, LxdError]] = dataclasses.field(default_factory=dict)
    not_tried: dict[int, tuple[Step, str]] = dataclasses.field(default_factory=dict)
    restart_required: list[Part] = dataclasses.field(default_factory=list)


class _Rolling:
    """The updates of the instances of one entry, a batch at a time; the next one begins when all of the last are healthy.

    The first one begins when those that are missing are made, which nothing holds back, and all others are looked at.
    """

    def __init__(self, steps: t.Sequence[Step], checks: t.Sequence[Step] = ()) -> None:
        rolling = steps[0].part.entry.extra["rolling"]
        self.most = rolling["max_unavailable"]
        self.batch = min(rolling["batch"] or self.most, self.most)
        self.down = {step.part.entry.name for step in (*steps, *checks) if _is_down(step)}
        updates = (step for step in steps if step.action in ROLLED)
        self.waiting = collections.deque(sorted(updates, key=lambda step: step.part.entry.name not in self.down))
        self.checks = [step for step in checks if rolling["health"] and _power(step) == "started"]
        self.running = {step.number for step in steps if step.action == "create"}
        self.stopped = False

    def next_batch(self) -> list[Step]:
        """Those that may be looked at or updated now."""
        if self.running or self.stopped or not self.waiting:
            return []
        batch, self.checks = self.checks or self._updates(), []
        self.running.update(step.number for step in batch)
        return batch

    def _updates(self) -> list[Step]:
        """One that is down anyway makes nothing less available."""
        batch: list[Step] = []
        while self.waiting and len(batch) < self.batch:
            name = self.waiting[0].part.entry.name
            if name not in self.down and len(self.down | {step.part.entry.name for step in batch}) >= self.most:
                break
            batch.append(self.waiting.popleft())
        return batch

    def ended(self, step: Step, well: bool) -> None:
        self.running.discard(step.number)
        if not well:
            self.down.add(step.part.entry.name)
            self.stopped = self.stopped or step.action != "check"
        elif _power(step) == "started" or step.params["state"] in _IDLE:
            self.down.discard(step.part.entry.name)

    def give_up(self, step: Step) -> None:
        if step in self.waiting:
            self.waiting.remove(step)
        elif step.number in self.running:
            self.ended(step, False)


class Application:
    """Carries out a plan; ``bound`` is how many steps at once on one server."""

    def __init__(self, servers: Servers, plan: FleetPlan, bound: int, context: Context) -> None:
        self.servers, self.bound, self.context = servers, bound, context
        self.steps = {step.number: step for step in plan.steps}
        self.left = {step.number: set(step.needs) for step in plan.steps}
        self.dependents: dict[int, list[int]] = collections.defaultdict(list)
        for step in plan.steps:
            for need in step.needs:
                self.dependents[need].append(step.number)
        self.rolling = _rolling(plan)
        self.remotes = {step.part.entry.remote for step in (*plan.steps, *plan.checks)}
        self.ready: dict[str | None, collections.deque[Step]] = collections.defaultdict(collections.deque)
        self.busy: collections.Counter[str | None] = collections.Counter()
        self.outcome = Outcome()

    def run(self) -> Outcome:
        for step in self.steps.values():
            self._offer(step)
        with concurrent.futures.ThreadPoolExecutor(max(1, self.bound * len(self.remotes))) as pool:
            running = self._submit(pool)
            while running:
                ended, _rest = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in ended:
                    self._settle(running.pop(future), future)
                running.update(self._submit(pool))
        for group in set(self.rolling.values()):
            down = ", ".join(sorted(group.down))
            while group.waiting:
                step = group.waiting.popleft()
                self._give_up(step, f"the rolling update of {step.part.entry.path} has stopped: not available are {down}")
        return self.outcome

    def _offer(self, step: Step) -> None:
        if not self.left[step.number] and (step.action not in ROLLED or step.number not in self.rolling):
            self.ready[step.part.entry.remote].append(step)

    def _submit(self, pool: concurrent.futures.Executor) -> dict[concurrent.futures.Future[t.Any], Step]:
        for group in set(self.rolling.values()):
            if all(not self.left[step.number] for step in group.waiting):
                for step in group.next_batch():
                    self.ready[step.part.entry.remote].append(step)
        started = {}
        for remote, steps in self.ready.items():
            while steps and self.busy[remote] < self.bound:
                step = steps.popleft()
                self.busy[remote] += 1
                started[pool.submit(self._do, step)] = step
        return started

    def _settle(self, step: Step, future: concurrent.futures.Future[t.Any]) -> None:
        self.busy[step.part.entry.remote] -= 1
        error = future.exception()
        if error is not None and not isinstance(error, LxdError):
            raise error
        if step.number in self.rolling:
            self.rolling[step.number].ended(step, error is None)
        if step.action == "check":
            if error:
                self.context.warn(f"{step.part.label}: {error}")
            return
        if error is None:
            self._succeed(step, future.result())
        else:
            self.outcome.failed[step.number] = (step, error)
            self._abandon(step)
        ended = len(self.outcome.done) + len(self.outcome.failed)
        lost = f", {len(self.outcome.failed)} failed" if self.outcome.failed else ""
        self.context.progress(f"{step.action} {step.part.label}; {ended} of {len(self.steps)} done{lost}", ended / len(self.steps))

    def _succeed(self, step: Step, result: t.Mapping[str, t.Any]) -> None:
        self.outcome.done.append(step)
        if result.get("restart_required"):
            self.outcome.restart_required.append(step.part)
        for number in self.dependents[step.number]:
            self.left[number].discard(step.number)
            self._offer(self.steps[number])

    def _abandon(self, step: Step) -> None:
        """All that needs it is not tried."""
        for number in self.dependents[step.number]:
            self._give_up(self.steps[number], f"it needs {step.part.label}, which failed")

    def _give_up(self, step: Step, reason: str) -> None:
        if step.number in self.outcome.not_tried:
            return
        self.outcome.not_tried[step.number] = (step, reason)
        if step.number in self.rolling:
            self.rolling[step.number].give_up(step)
        for number in self.dependents[step.number]:
            self._give_up(self.steps[number], f"it needs {step.part.label}, which was not tried")

    def _do(self, step: Step) -> t.Mapping[str, t.Any]:
        with self.servers.lent(step.part.entry.remote, step.part.project) as client:
            client.changed = False
            context = Context(client, False, self.context.warn, functools.partial(self._tell, step))
            try:
                result = _make(step, client, context) if step.action != "check" else {}
                if step.number in self.rolling and _power(step) == "started":
                    _check(step, client, context)
            except LxdError as error:
                error.facts["changed"] = client.changed
                raise
            return result

    def _tell(self, step: Step, text: str, fraction: float | None = None) -> None:
        """What a long step says of itself, such as the import of an image."""
        done = f" {fraction:.0%}" if fraction is not None else ""
        self.context.progress(f"{step.part.label}: {text}{done}", None)


def _rolling(plan: FleetPlan) -> dict[int, _Rolling]:
    """The group of each step that is in one: of each entry with ``rolling`` of which something is to be changed."""
    steps, checks = _by_entry(plan.steps), _by_entry(plan.checks)
    found = {}
    for path in rolling_entries(plan.steps):
        group = _Rolling(steps[path], checks[path])
        found.update({step.number: group for step in (*steps[path], *checks[path])})
    return found


def _by_entry(steps: t.Iterable[Step]) -> t.Mapping[str, list[Step]]:
    groups: dict[str, list[Step]] = collections.defaultdict(list)
    for step in steps:
        groups[step.part.entry.path].append(step)
    return groups


def _make(step: Step, client: Known, context: Context) -> t.Mapping[str, t.Any]:
    kind, params = step.part.entry.kind, step.params
    if step.action == "recreate":
        client.begin(kind, None)
        kind.job.run({**params, "state": "absent", "wait_for": None}, context)
        params = {**params, "state": _power(step)}
    new = step.action in ("create", "recreate") and kind.mark == "config" and not _copied(params)
    mark = {key: value for key, value in (params.get("config") or {}).items() if key.startswith(OWNER)}
    client.begin(kind, step.part.path if new else None, mark)
    return kind.job.run(params, context)


def _check(step: Step, client: Known, context: Context) -> None:
    """:raises LxdError: for an instance that is not as healthy as its group has to be."""
    entry, rolling = step.part.entry, step.part.entry.extra["rolling"]
    wished = {"name": entry.name, "state": "present", "wait_for": rolling["health"], "timeout": rolling["timeout"]}
    client.begin(entry.kind, None)
    try:
        entry.kind.job.run({**dict.fromkeys(step.params), **wished}, context)
    except LxdError as error:
        raise LxdError(f"it is as wished, but not healthy: {error}", **error.facts) from error


def _copied(params: Params) -> bool:
    """Whether it is a copy, which is looked at again: it has keys of its own beside those of its source."""
    return isinstance(params.get("source"), dict) and params["source"].get("type") != "image"


def _power(step: Step) -> str:
    """The state that an instance made anew has to get."""
    state = step.params["state"]
    return _STATES.get(step.before.get("status"), "stopped") if state == "present" else state


def _is_down(step: Step) -> bool:
    """Whether it does not run before the step: one that is missing, or as it is by somebody's hand, only if it should."""
    runs = step.before.get("status") in ("Running", "Ready")
    return not runs and (step.action in ROLLED or step.params["state"] not in _IDLE)
