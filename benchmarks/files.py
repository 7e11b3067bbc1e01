"""Measure `coercion-detect tag` on a generated file: rows a second and peak memory, reading and writing included.

Each size runs in a process of its own; the figures are those of the operating system. ``--kills N`` stops a run with
SIGKILL at N random moments, takes it up again each time, and compares the result with an undisturbed run.
Prints one table and writes JSON with ``--json FILE``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from coercion_detect.cli.progress import cores
from coercion_detect.training.dataset import load_examples

DATA = Path(__file__).parents[1] / "data" / "examples.csv"
BATCH = 65_536


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run took."""

    rows: int
    file: str
    seconds: float
    processor_seconds: float
    rows_a_second: float
    peak_megabytes: float


def texts(rows: int, *, seed: int = 0) -> Iterator[list[str]]:
    """Yield batches of texts: sentences of the data set, most with some words changed, so that few are equal."""
    random_ = random.Random(seed)  # noqa: S311 a benchmark, not a secret
    pool = load_examples(DATA).texts
    words = sorted({word for text in pool for word in text.split()})
    for start in range(0, rows, BATCH):
        batch = []
        for text in random_.choices(pool, k=min(BATCH, rows - start)):
            parts = text.split(" ")
            parts[random_.randrange(len(parts))] = random_.choice(words)
            parts[random_.randrange(len(parts))] = random_.choice(words)
            batch.append(" ".join(parts))
        yield batch


def generate(path: Path, *, rows: int) -> None:
    """Write a file of an id, a text and a number; one text in a thousand is missing."""
    schema = pa.schema([("id", pa.int64()), ("text", pa.string()), ("weight", pa.float64())])
    done = 0
    with (pq.ParquetWriter if path.suffix == ".parquet" else pacsv.CSVWriter)(path, schema) as writer:
        for batch in texts(rows):
            ids = range(done, done + len(batch))
            found = [None if i % 1000 == 0 else text for i, text in zip(ids, batch, strict=True)]
            writer.write_table(pa.table([pa.array(ids), found, [i / 7 for i in ids]], schema=schema))
            done += len(batch)


def command(source: Path, target: Path, threads: int, *more: str) -> list[str]:
    """Return the command that is measured."""
    program = [sys.executable, "-m", "coercion_detect", "tag", str(source), "--output", str(target)]
    return [*program, "--threads", str(threads), *more]


def measure(source: Path, target: Path, *, rows: int, threads: int) -> Figures:
    """Tag a file in a process of its own."""
    start = time.perf_counter()
    process = subprocess.Popen(command(source, target, threads), stderr=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the run failed with exit code {process.returncode}")
    return Figures(
        rows=rows,
        file=source.suffix.removeprefix("."),
        seconds=round(seconds, 2),
        processor_seconds=round(usage.ru_utime + usage.ru_stime, 2),
        rows_a_second=round(rows / seconds),
        peak_megabytes=round(usage.ru_maxrss / 1024, 1),
    )


def kill_and_resume(source: Path, target: Path, *, kills: int, size: int, threads: int) -> int:
    """Kill a run at random sizes of what it has written, and take it up again; return how often it was killed."""
    random_ = random.Random(1)  # noqa: S311 a benchmark, not a secret
    part = target.with_name(f".{target.name}.part")
    killed = 0
    for moment in sorted(random_.uniform(0, size) for _ in range(kills)):
        process = subprocess.Popen(command(source, target, threads, "--resume"), stderr=subprocess.DEVNULL)  # noqa: S603
        while process.poll() is None and not (part.exists() and part.stat().st_size >= moment):
            time.sleep(0.01)
        time.sleep(random_.uniform(0, 0.3))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    subprocess.run(command(source, target, threads, "--resume"), stderr=subprocess.DEVNULL, check=True)  # noqa: S603
    return killed


def equal(a: Path, b: Path) -> bool:
    """Say whether two outputs hold the same values, in the same order and of the same types."""
    if a.suffix != ".parquet":
        return a.read_bytes() == b.read_bytes()
    with pq.ParquetFile(a) as left, pq.ParquetFile(b) as right:
        if left.schema_arrow != right.schema_arrow or left.metadata.num_rows != right.metadata.num_rows:
            return False
        pairs = zip(left.iter_batches(10_000), right.iter_batches(10_000), strict=True)
        return all(x.equals(y) for x, y in pairs)


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--formats", nargs="+", default=["parquet", "csv"], choices=["parquet", "csv"])
    parser.add_argument("--folder", type=Path, required=True, help="where files are generated (and kept)")
    parser.add_argument("--threads", type=int, default=cores())
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(exist_ok=True, parents=True)
    console = Console()
    table = Table(title=f"coercion-detect tag, {options.threads} threads; load before: {os.getloadavg()[0]:.1f}")
    for column in ("rows", "file", "seconds", "processor seconds", "rows a second", "peak memory, MB"):
        table.add_column(column, justify="left" if column == "file" else "right")
    found = []
    for kind in options.formats:
        for rows in options.rows:
            source = options.folder / f"in-{rows}.{kind}"
            target = options.folder / f"out-{rows}.{kind}"
            if not source.exists():
                generate(source, rows=rows)
            figures = measure(source, target, rows=rows, threads=options.threads)
            found.append(figures)
            table.add_row(
                f"{rows:,}",
                kind,
                f"{figures.seconds:,.1f}",
                f"{figures.processor_seconds:,.1f}",
                f"{figures.rows_a_second:,.0f}",
                f"{figures.peak_megabytes:,.0f}",
            )
            if options.kills:
                again = options.folder / f"resumed-{rows}.{kind}"
                killed = kill_and_resume(
                    source, again, kills=options.kills, size=target.stat().st_size, threads=options.threads
                )
                same = "equal to" if equal(target, again) else "DIFFERENT from"
                console.print(f"{kind}, {rows:,} rows: killed {killed} times and resumed, {same} the undisturbed run")
    console.print(table)
    if options.json:
        options.json.write_text(json.dumps([asdict(f) for f in found], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
