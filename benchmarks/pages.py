"""Write the figures of speed into README.md and docs/benchmarks.md from the results, between their markers."""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.measure import ROOT

RESULTS = ROOT / "benchmarks" / "results.json"
README, PAGE = ROOT / "README.md", ROOT / "docs" / "benchmarks.md"


def build() -> dict[Path, str]:
    """Return both documents as they should stand."""
    report = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {
        README: _fill(README.read_text(encoding="utf-8"), short(report)),
        PAGE: _fill(PAGE.read_text(encoding="utf-8"), full(report)),
    }


def short(report: dict[str, Any]) -> str:
    """Return the README's few figures: medians only."""
    header = ("way", "messages a second, one core", "one message, µs", "model, MB", "average precision")
    lines = [
        (
            name,
            f"{statistics.median(way['one_core_processor']):,.0f}",
            f"{statistics.median(way['median']):,.0f}",
            f"{way['size']:,.1f}",
            "" if way["average_precision"] is None else f"{way['average_precision']:.2f}",
        )
        for name, way in report["ways"].items()
        if "missing" not in way
    ]
    return f"{table.head(report)}:\n\n{table.markdown(header, lines)}\n\n{table.command(report)}"


def full(report: dict[str, Any]) -> str:
    """Return the whole table."""
    lines = table.markdown(table.HEADER, table.rows(report))
    return f"{table.head(report)}.\n\n{lines}\n\n{table.command(report)}\n\n{table.calm(report)}"


def _fill(text: str, content: str) -> str:
    pattern = re.compile(r"(<!-- speed: [^\n]*-->\n).*?(<!-- end of speed -->)", re.DOTALL)
    return pattern.sub(lambda m: m.group(1) + content + "\n" + m.group(2), text)


def main() -> None:
    """Write both documents."""
    for path, text in build().items():
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
