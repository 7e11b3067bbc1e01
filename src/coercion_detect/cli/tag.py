"""``coercion-detect tag``: a whole file."""

from __future__ import annotations

import sys
from pathlib import Path

import typer


def tag(
    source: Path = typer.Argument(..., metavar="FILE|-", help="CSV, JSON lines or text lines; '-' is standard input."),
    target: Path = typer.Option(Path("-"), "--output", "-o", help="CSV or JSON lines; '-' is standard output."),
    text: str = typer.Option("text", "--text", help="The column or field that holds the text."),
    source_format: str = typer.Option(None, "--from", help="csv, jsonl or text; by default from the file's name."),
    target_format: str = typer.Option(None, "--to", help="csv or jsonl; by default from the file's name."),
    model: Path = typer.Option(None, "--model", help="A model folder instead of the shipped one.", show_default=False),
) -> None:
    """Tag every row of a file; all its columns stay, scores and likely tactics are added."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from coercion_detect.detector import Detector
    from coercion_detect.tables import tag_file
    from coercion_detect.taxonomy import note

    if str(target) == "-" and target_format is None:
        target_format = "jsonl"
    if str(source) == "-" and source_format is None:
        source_format = "text"
    detector = Detector.load(model)
    console = Console(stderr=True, highlight=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.completed:,} rows"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("tag", total=None, rate="")

        def on_row(done: int) -> None:
            if done % 500 == 0:
                speed = progress.tasks[0].speed or 0
                progress.update(task, completed=done, rate=f"{speed:,.0f} a second")

        counts = tag_file(
            source,
            target,
            detector=detector,
            column=text,
            source_format=source_format,
            target_format=target_format,
            on_row=on_row,
        )
        progress.update(task, completed=counts.rows)
    console.print(
        f"{counts.rows:,} rows; {counts.without_text:,} without text; "
        f"{counts.not_read:,} not read (too few known words)."
    )
    console.print(note())
