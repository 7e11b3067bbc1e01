"""Measure `tag_parts` with one and with two workers on the same parts; with ``--kill``, kill one in the middle."""

from __future__ import annotations

import argparse
import os
import signal
import time
from pathlib import Path

import distributed
import pyarrow.parquet as pq
from files import generate
from rich.console import Console

from coercion_detect.cluster import tag_parts
from coercion_detect.tables import Counts, load_once


def run(source: Path, target: Path, *, workers: int, kill: bool = False) -> float:
    """Return the seconds that the parts took on workers that are up and have loaded the model."""
    with distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        with distributed.Client(cluster) as client:
            client.run(lambda: load_once() and None)
            victims = list(client.run(os.getpid).values())

        def on_part(done: int, parts: int, counts: Counts) -> None:
            if kill and done == parts // 2:
                os.kill(victims[0], signal.SIGKILL)

        start = time.perf_counter()
        tag_parts(source, target, scheduler=cluster.scheduler_address, on_part=on_part)
        return time.perf_counter() - start


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where files are generated (and kept)")
    parser.add_argument("--parts", type=int, default=16)
    parser.add_argument("--rows", type=int, default=100_000, help="rows of a part")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    source = options.folder / "parts"
    source.mkdir(parents=True, exist_ok=True)
    for part in range(options.parts):
        if not (source / f"part-{part:03}.parquet").exists():
            generate(source / f"part-{part:03}.parquet", rows=options.rows)
    console = Console()
    for _ in range(options.rounds):
        one, two = (run(source, options.folder / f"by-{n}", workers=n) for n in (1, 2))
        load = os.getloadavg()[0]
        console.print(f"1 worker {one:.1f} s, 2 workers {two:.1f} s: {one / two:.2f} times (load {load:.1f})")
    seconds = run(source, options.folder / "by-killed", workers=2, kill=True)
    pairs = [
        (options.folder / "by-1" / part.name, options.folder / "by-killed" / part.name) for part in source.iterdir()
    ]
    same = all(pq.read_table(a).equals(pq.read_table(b)) for a, b in pairs)
    console.print(f"one of 2 killed in the middle: {seconds:.1f} s, {'equal' if same else 'DIFFERENT'}")


if __name__ == "__main__":
    main()
