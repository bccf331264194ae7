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
from ._fleet_plan import Part, Step
from ._fleet_servers import Servers
from ._job import Context

# What a group with ``rolling`` holds back.
_ROLLED = ("change", "recreate")
_STATES: t.Mapping[t.Any, str] = {"Running": "started", "Ready": "started", "Frozen": "frozen"}


@dataclasses.dataclass
class Outcome:
    """What became of the steps: ``failed`` with their errors, ``not_tried`` with the reason."""

    done: list[Step] = dataclasses.field(default_factory=list)
    failed: dict[int, tuple[Step, LxdError]] = dataclasses.field(default_factory=dict)
    not_tried: dict[int, tuple[Step, str]] = dataclasses.field(default_factory=dict)
    restart_required: list[Part] = dataclasses.field(default_factory=list)


class _Rolling:
    """The updates of the instances of one entry, a batch at a time; the next one begins when all of the last are healthy."""

    def __init__(self, steps: t.Sequence[Step], down: set[str]) -> None:
        rolling = steps[0].part.entry.extra["rolling"]
        self.most = rolling["max_unavailable"]
        self.batch = min(rolling["batch"] or self.most, self.most)
        self.down = down
        self.waiting = collections.deque(sorted(steps, key=lambda step: step.part.entry.name not in down))
        self.running: set[int] = set()
        self.stopped = False

    def next_batch(self) -> list[Step]:
        """Those that may be updated now: one that is down anyway makes nothing less available."""
        batch: list[Step] = []
        while not (self.running or self.stopped) and self.waiting and len(batch) < self.batch:
            name = self.waiting[0].part.entry.name
            if name not in self.down and len(self.down | {step.part.entry.name for step in batch}) >= self.most:
                break
            batch.append(self.waiting.popleft())
        self.running.update(step.number for step in batch)
        return batch

    def ended(self, step: Step, well: bool) -> None:
        self.running.discard(step.number)
        if well:
            self.down.discard(step.part.entry.name)
        else:
            self.down.add(step.part.entry.name)
            self.stopped = True


class Application:
    """Carries out ``steps``; ``bound`` is how many at once on one server."""

    def __init__(self, servers: Servers, steps: t.Sequence[Step], bound: int, context: Context) -> None:
        self.servers, self.bound, self.context = servers, bound, context
        self.steps = {step.number: step for step in steps}
        self.left = {step.number: set(step.needs) for step in steps}
        self.dependents: dict[int, list[int]] = collections.defaultdict(list)
        for step in steps:
            for need in step.needs:
                self.dependents[need].append(step.number)
        self.rolling = self._rolling()
        self.ready: dict[str | None, collections.deque[int]] = collections.defaultdict(collections.deque)
        self.busy: collections.Counter[str | None] = collections.Counter()
        self.outcome = Outcome()

    def run(self) -> Outcome:
        for step in self.steps.values():
            self._offer(step)
        remotes = {step.part.entry.remote for step in self.steps.values()}
        with concurrent.futures.ThreadPoolExecutor(max(1, self.bound * len(remotes))) as pool:
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

    def _rolling(self) -> dict[int, _Rolling]:
        groups: dict[str, list[Step]] = collections.defaultdict(list)
        for step in self.steps.values():
            if step.action in _ROLLED and step.part.entry.extra.get("rolling"):
                groups[step.part.entry.path].append(step)
        found = {}
        for steps in groups.values():
            down = {step.part.entry.name for step in steps if step.before.get("status") not in ("Running", "Ready")}
            rolling = _Rolling(steps, down)
            found.update({step.number: rolling for step in steps})
        return found

    def _offer(self, step: Step) -> None:
        if not self.left[step.number] and step.number not in self.rolling:
            self.ready[step.part.entry.remote].append(step.number)

    def _submit(self, pool: concurrent.futures.Executor) -> dict[concurrent.futures.Future[t.Any], Step]:
        for group in set(self.rolling.values()):
            if all(not self.left[step.number] for step in group.waiting):
                for step in group.next_batch():
                    self.ready[step.part.entry.remote].append(step.number)
        started = {}
        for remote, numbers in self.ready.items():
            while numbers and self.busy[remote] < self.bound:
                step = self.steps[numbers.popleft()]
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
        if step.number in self.rolling and step in self.rolling[step.number].waiting:
            self.rolling[step.number].waiting.remove(step)
        for number in self.dependents[step.number]:
            self._give_up(self.steps[number], f"it needs {step.part.label}, which was not tried")

    def _do(self, step: Step) -> t.Mapping[str, t.Any]:
        entry, project = step.part.entry, step.part.project
        params = _with_health(step) if step.number in self.rolling else step.params
        with self.servers.lent(entry.remote, project) as client:
            context = Context(client, False, self.context.warn, functools.partial(self._tell, step))
            if step.action == "recreate":
                client.begin(entry.kind, None)
                entry.kind.job.run({**params, "state": "absent", "wait_for": None}, context)
                params = {**params, "state": _power(step)}
            new = step.action in ("create", "recreate") and entry.kind.mark == "config" and not _copied(params)
            mark = {key: value for key, value in (params.get("config") or {}).items() if key.startswith(OWNER)}
            client.begin(entry.kind, step.part.path if new else None, mark)
            return entry.kind.job.run(params, context)

    def _tell(self, step: Step, text: str, fraction: float | None = None) -> None:
        """What a long step says of itself, such as the import of an image."""
        done = f" {fraction:.0%}" if fraction is not None else ""
        self.context.progress(f"{step.part.label}: {text}{done}", None)


def _copied(params: Params) -> bool:
    """Whether it is a copy, which is looked at again: it has keys of its own beside those of its source."""
    return isinstance(params.get("source"), dict) and params["source"].get("type") != "image"


def _power(step: Step) -> str:
    """The state that an instance made anew has to get."""
    state = step.params["state"]
    return _STATES.get(step.before.get("status"), "stopped") if state == "present" else state


def _with_health(step: Step) -> Params:
    """The options, with the conditions of the group for what runs afterwards."""
    rolling = step.part.entry.extra["rolling"]
    if _power(step) != "started":
        return step.params
    wanted = [*(step.params["wait_for"] or []), *(rolling["health"] or [])]
    return {**step.params, "wait_for": wanted, "timeout": max(step.params["timeout"], rolling["timeout"])}
