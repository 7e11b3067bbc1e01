"""The process that is measured: load one way, then time it as told, one JSON line a task.

``python -m benchmarks.worker WAY FOLDER MESSAGES``; each line on standard input is a `Task`.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypedDict

from benchmarks.ways import Loaded, way

WARM_UP = 500


class Task(TypedDict):
    """Messages ``start``, ``start + step``, … before ``stop``; one list, or ``one_by_one``; the cores to run on."""

    start: int
    stop: int
    step: int
    one_by_one: bool
    threads: int
    cores: list[int]


class Timing(TypedDict):
    """``n`` messages in seconds on the clock and on the processor; microseconds where one by one, else 0."""

    n: int
    seconds: float
    processor: float
    median: float
    p99: float


def perform(task: Task, loaded: Loaded, messages: Sequence[str]) -> Timing:
    """Time one task."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, task["cores"])
    chosen = list(messages[task["start"] : task["stop"] : task["step"]])
    each: list[float] = []
    clock, processor = time.perf_counter(), time.process_time()
    if task["one_by_one"]:
        each = [_seconds(loaded.one, message) for message in chosen]
    else:
        loaded.many(chosen, task["threads"])
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    return {
        "n": len(chosen),
        "seconds": clock,
        "processor": processor,
        "median": statistics.median(each) * 1e6 if each else 0.0,
        "p99": sorted(each)[int(len(each) * 0.99)] * 1e6 if each else 0.0,
    }


def _seconds(run: Callable[[str], object], message: str) -> float:
    start = time.perf_counter()
    run(message)
    return time.perf_counter() - start


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(name: str, folder: str, messages_file: str) -> None:
    """Load, warm up on messages that are not measured, and serve tasks until standard input ends."""
    messages = json.loads(Path(messages_file).read_bytes())
    loaded = way(name).load(Path(folder))
    warm = messages[-max(WARM_UP // way(name).share, 1) :]
    loaded.many(warm, 1)
    for message in warm:
        loaded.one(message)
    _say("ready")
    for line in sys.stdin:
        _say(json.dumps(perform(json.loads(line), loaded, messages)))


if __name__ == "__main__":
    main(*sys.argv[1:])
