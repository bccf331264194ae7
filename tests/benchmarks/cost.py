# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One command, measured: wall clock, CPU of it and all its children, and the peak memory of the largest of them."""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import time
import typing as t

# No command of a benchmark takes longer.
LIMIT = 600


@dataclasses.dataclass(frozen=True)
class Cost:
    """Seconds of the clock and of the CPU, and KiB of memory: 0 where it was not measured."""

    seconds: float
    cpu: float
    memory: int


# Run in a process of its own, so that RUSAGE_CHILDREN is of this command alone.
_CHILD = """
import json, resource, subprocess, sys, time
begun = time.monotonic()
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
seconds = time.monotonic() - begun
used = resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stderr.buffer.write(done.stderr)
print(json.dumps([done.returncode, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


def cost(argv: t.Sequence[str], environment: t.Mapping[str, str]) -> Cost:
    """:raises RuntimeError: when the command fails; a benchmark of failures says nothing."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, *argv], env={**os.environ, **environment}, capture_output=True, text=True, timeout=LIMIT, check=True
    )
    code, seconds, cpu, memory = json.loads(done.stdout)
    if code != 0:
        raise RuntimeError(f"{' '.join(argv)} returned {code}: {done.stderr[-2000:]}")
    return Cost(seconds, cpu, memory)


def call(function: t.Callable[[], None]) -> Cost:
    """The same for something that runs in this process, such as a bare REST client."""
    begun, cpu = time.monotonic(), time.process_time()
    function()
    return Cost(time.monotonic() - begun, time.process_time() - cpu, 0)


def median(found: t.Sequence[Cost]) -> Cost:
    """Of seconds, and the most memory."""
    seconds, cpu = (statistics.median(getattr(each, part) for each in found) for part in ("seconds", "cpu"))
    return Cost(seconds, cpu, max(each.memory for each in found))
