"""Measure whole processes: seconds from start to end and peak memory, as the operating system counts them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import ROOT, environment
from benchmarks.ways import Way

TEXT = "If you like me, you would do this for me!"
BARE = (sys.executable, "-c", "pass")
COMMAND = (sys.executable, "-m", "coercion_detect", "analyze", TEXT)

# A small process starts the measured one: a large one would be counted as its child's peak memory.
_LAUNCHER = """
import json, os, sys, time
start = time.perf_counter()
null = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=null)
_, status, usage = os.wait4(pid, 0)
took = time.perf_counter() - start
print(json.dumps([took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status)]))
"""


class Process(NamedTuple):
    """What one process took: seconds on the clock and on the processor, and megabytes at its peak."""

    seconds: float
    processor: float
    megabytes: float


def run(command: Sequence[str], variables: Mapping[str, str]) -> Process:
    """Run a command once in a fresh process; raise `RuntimeError` where it fails."""
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command]
    said = subprocess.run(launcher, cwd=ROOT, env=dict(variables), text=True, capture_output=True, check=True)
    seconds, processor, peak, code = json.loads(said.stdout)
    if code:
        raise RuntimeError(f"{' '.join(command)} ended with {code}: {said.stderr}")
    return Process(seconds, processor, peak * (1 if sys.platform == "darwin" else 1024) / 1e6)


def first_answer(way: Way, folder: Path) -> Process:
    """Start Python, load the way, and score one message."""
    code = f"from pathlib import Path; from benchmarks.ways import way; way({way.name!r}).load(Path({str(folder)!r}))"
    return run((sys.executable, "-c", f"{code}.one({TEXT!r})"), environment(way))
