"""What is shown while a file is being tagged, and what is said at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from coercion_detect.tables import Counts, Progress


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def progress_bar(console: Console) -> Iterator[Callable[[Progress], None]]:
    """Show rows, rate and time left while the block runs, where somebody is looking."""
    from rich import progress as shown

    columns = (
        shown.SpinnerColumn(),
        shown.TextColumn("{task.fields[rows]}"),
        shown.BarColumn(),
        shown.TaskProgressColumn(),
        shown.TimeElapsedColumn(),
        shown.TextColumn("left:"),
        shown.TimeRemainingColumn(),
    )
    with shown.Progress(*columns, console=console, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("tag", total=None, rows="0 rows")

        def tell(now: Progress) -> None:
            rows = f"{now.rows:,} rows, {now.rate:,.0f} a second"
            total = None if now.share is None else 1.0
            bar.update(task, completed=now.share or 0.0, total=total, rows=rows)

        yield tell


def print_counts(console: Console, counts: Counts, *, seconds: float) -> None:
    """Say what was done, and how fast where the speed means something."""
    rate = f" ({counts.rows / seconds:,.0f} rows a second)" if seconds > 1 else ""
    console.print(
        f"{counts.rows:,} rows; {counts.without_text:,} without text; "
        f"{counts.not_read:,} not read (too few known words).{rate}"
    )
