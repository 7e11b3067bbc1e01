"""Show the seed thread's eight phrases with their likely tactics, the words they rest on, and the note."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from coercion_detect import Detector
from coercion_detect.taxonomy import note

DATA = Path(__file__).parents[1] / "data" / "examples.csv"


def main() -> int:
    """Print the demonstration; return 1 if a seed phrase misses one of its tactics."""
    console = Console(highlight=False)
    detector = Detector.load()
    with DATA.open(encoding="utf-8", newline="") as lines:
        phrases = [row for row in csv.DictReader(lines) if row["source"] == "seed"]
    missed = 0
    for row in phrases:
        analysis = detector.analyze(row["text"])
        console.print(Text(f"“{row['text']}”", style="bold"))
        for tag in analysis.tags:
            words = ", ".join(f"“{row['text'][e.start : e.end]}”" for e in tag.evidence)
            console.print(
                Text(f"  {tag.tactic.title}: {tag.decision}, score {tag.score:.2f} (from {tag.threshold:.2f})")
            )
            console.print(Text(f"    rests on {words}"), soft_wrap=True)
            console.print(Text(f"    read on: {tag.link}", style="dim"), soft_wrap=True)
        missed += not {tag.tactic.id for tag in analysis.tags} & set(row["tactics"].split(";"))
    console.print(
        Text(
            f"\n{len(phrases) - missed} of {len(phrases)} phrases carry the tactic that the seed thread names. They "
            "are in the training data: this shows what a result looks like, not how good the model is.",
        )
    )
    console.print(Text(note(), style="italic"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
