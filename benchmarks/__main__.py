"""Measure speed, memory, size and quality of this project beside its peers.

Prints one table and writes JSON with ``--json FILE``. Medians over the rounds, with the spread.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import table
from benchmarks.run import Options, benchmark
from benchmarks.ways import WAYS

WIDTH = 190  # of the table, whatever the terminal


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    usual = Options()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--messages", type=int, default=usual.messages, help="how many messages")
    parser.add_argument("--bytes", type=float, default=usual.mean_bytes, help="their mean length")
    parser.add_argument("--mistyped", type=float, default=usual.odd, help="share of words that are mistyped")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--rounds", type=int, default=usual.rounds)
    parser.add_argument("--texts", type=int, help="train on the first so many labelled texts only")
    parser.add_argument("--only", action="append", default=[], choices=[w.name for w in WAYS], help="may be repeated")
    parser.add_argument("--no-quality", action="store_true", help="leave average precision out")
    parser.add_argument("--json", type=Path, help="write every round's figures here")
    given = parser.parse_args(arguments)
    options = Options(
        messages=given.messages,
        rounds=given.rounds,
        mean_bytes=given.bytes,
        odd=given.mistyped,
        seed=given.seed,
        texts=given.texts,
        only=given.only,
        with_quality=not given.no_quality,
    )
    console = Console(highlight=False, width=WIDTH)
    report = benchmark(options, progress=Console(stderr=True, highlight=False).print)
    if given.json:
        given.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    shown = Table(title=table.head(report), title_justify="left")
    for i, column in enumerate(table.HEADER):
        shown.add_column(column, justify="right" if i else "left")
    for row in table.rows(report):
        shown.add_row(*row)
    console.print(shown)
    console.print(table.command(report))
    console.print(table.calm(report))


if __name__ == "__main__":
    main()
