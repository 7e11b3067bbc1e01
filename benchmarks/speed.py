"""Measure messages a second: the readable scorer beside the scikit-learn pipeline it equals, interleaved.

Prints one table and writes JSON with ``--json FILE``. Medians over the rounds, with the spread.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from coercion_detect import Detector
from coercion_detect.training.dataset import load_examples
from coercion_detect.training.pipeline import pipeline_of

DATA = Path(__file__).parents[1] / "data" / "examples.csv"


def measure(rounds: int, texts: list[str]) -> dict[str, list[float]]:
    """Return seconds a text for each way of scoring, one figure a round, the ways taken in turn."""
    detector = Detector.load()
    pipeline = pipeline_of(detector.model)
    ways: dict[str, Callable[[], object]] = {
        "Detector.scores": lambda: detector.scores(texts),
        "Detector.analyze_many": lambda: list(detector.analyze_many(texts)),
        "Detector.analyze, one by one": lambda: [detector.analyze(text) for text in texts],
        "scikit-learn pipeline": lambda: pipeline.predict_proba(texts),
    }
    for run in ways.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            start = time.perf_counter()
            run()
            seconds[name].append((time.perf_counter() - start) / len(texts))
    return seconds


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    texts = load_examples(DATA).texts[: options.texts]
    seconds = measure(options.rounds, texts)
    size = sum(len(t.encode()) for t in texts) / len(texts)
    table = Table(title=f"{len(texts):,} texts of {size:.0f} bytes on average, {options.rounds} rounds")
    for column in ("way", "texts a second", "slowest to fastest", "microseconds a text"):
        table.add_column(column, justify="left" if column == "way" else "right")
    for name, figures in seconds.items():
        rates = sorted(1 / s for s in figures)
        table.add_row(
            name,
            f"{statistics.median(rates):,.0f}",
            f"{rates[0]:,.0f} to {rates[-1]:,.0f}",
            f"{statistics.median(figures) * 1e6:,.0f}",
        )
    Console().print(table)
    if options.json:
        report = {"texts": len(texts), "mean_bytes": round(size, 1), "seconds_per_text": seconds}
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
