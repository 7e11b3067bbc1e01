"""Measure ways: fresh processes for each way and round, pinned to their cores, told what to time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from benchmarks.ways import Way
from benchmarks.worker import Task, Timing

ROOT = Path(__file__).parents[1]
SINGLES = 2000  # messages timed one by one, fewer where a way is slow
_ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")
} | {"TOKENIZERS_PARALLELISM": "false", "TQDM_DISABLE": "1"}


class Figures(NamedTuple):
    """One round of one way: messages a second on one core and on two, microseconds for one message."""

    messages: int
    one_core: float
    one_core_processor: float
    two_cores: float | None
    median: float
    p99: float


class Worker:
    """A measured process."""

    def __init__(self, way: Way, folder: Path, messages: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.worker", way.name, str(folder), str(messages)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment(way), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.__exit__(kind, error, at)  # closes its pipes, so that it ends

    def ready(self) -> None:
        """Wait until the way is loaded and warm."""
        self._line()

    def begin(self, task: Task) -> None:
        """Send a task."""
        assert self._process.stdin is not None  # noqa: S101 it is a pipe
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()

    def end(self) -> Timing:
        """Wait for the task's timing."""
        timing: Timing = json.loads(self._line())
        return timing

    def _line(self) -> str:
        assert self._process.stdout is not None  # noqa: S101 it is a pipe
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a measured process ended: {self._process.args!r}")
        return line


def environment(way: Way | None = None) -> dict[str, str]:
    """Return the environment of a measured process: one thread in every numeric library, no warnings."""
    return {**os.environ, **_ONE_THREAD, "PYTHONWARNINGS": "ignore", **(way.environment if way else {})}


def cores() -> list[int]:
    """Return the cores that may be used."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def measure(way: Way, folder: Path, messages: Path, *, n: int, turn: int) -> Figures:
    """Measure one round of one way; ``turn`` chooses the core."""
    free = cores()
    core = free[turn % len(free)]
    other = free[(turn + 1) % len(free)]
    task: Task = {"start": 0, "stop": n, "step": way.share, "one_by_one": False, "threads": 1, "cores": [core]}
    with Worker(way, folder, messages) as worker:
        worker.ready()
        worker.begin(task)
        one = worker.end()
        worker.begin({**task, "step": max(way.share, n // SINGLES, 1), "one_by_one": True})
        single = worker.end()
        two = None
        if len(free) > 1:
            if way.threads:
                worker.begin({**task, "threads": 2, "cores": [core, other]})
                two = _rate([worker.end()])
            else:
                with Worker(way, folder, messages) as second:
                    second.ready()
                    half = n // 2
                    worker.begin({**task, "stop": half})
                    second.begin({**task, "start": half, "cores": [other]})
                    two = _rate([worker.end(), second.end()])
    return Figures(one["n"], _rate([one]), one["n"] / one["processor"], two, single["median"], single["p99"])


def _rate(timings: Sequence[Timing]) -> float:
    """Return messages a second of processes that began together."""
    return sum(t["n"] for t in timings) / max(t["seconds"] for t in timings)
