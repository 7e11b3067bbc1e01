"""``coercion-detect tag``: a whole file."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from coercion_detect.cli.progress import cores, print_counts, progress_bar


def tag(
    source: Path = typer.Argument(
        ..., metavar="FILE|-", help="CSV, JSON lines, Parquet or text lines; '-' is standard input."
    ),
    target: Path = typer.Option(
        Path("-"), "--output", "-o", help="CSV, JSON lines or Parquet; '-' is standard output."
    ),
    text: str = typer.Option("text", "--text", help="The column or field that holds the text."),
    source_format: str = typer.Option(
        None, "--from", help="csv, jsonl, parquet or text; by default from the file's name (.gz and .zst are unpacked)."
    ),
    target_format: str = typer.Option(None, "--to", help="csv, jsonl or parquet; by default from the file's name."),
    delimiter: str = typer.Option(None, "--delimiter", help="What parts cells of CSV, in and out: ',' ';' or tab."),
    excel_safe: bool = typer.Option(
        False, "--excel-safe", help="Put an apostrophe before cells of CSV that a spreadsheet would run as a formula."
    ),
    resume: bool = typer.Option(False, "--resume", help="Go on where a run that was stopped had come to."),
    strict: bool = typer.Option(False, "--strict", help="Stop at the first bad row instead of putting it aside."),
    keep_bad: bool = typer.Option(False, "--keep-bad", help="Keep what a bad row holds beside line number and reason."),
    threads: int = typer.Option(None, "--threads", min=1, help="By default one a core.", show_default=False),
    model: Path = typer.Option(None, "--model", help="A model folder instead of the shipped one.", show_default=False),
) -> None:
    """Tag every row of a file; all its columns stay, scores and likely tactics are added."""
    from rich.console import Console

    from coercion_detect.detector import Detector
    from coercion_detect.tables import tag_file
    from coercion_detect.taxonomy import note

    if str(target) == "-" and target_format is None:
        target_format = "jsonl"
    if str(source) == "-" and source_format is None:
        source_format = "text"
    console = Console(stderr=True, highlight=False)
    start = time.perf_counter()
    with progress_bar(console) as on_progress:
        counts = tag_file(
            source,
            target,
            detector=Detector.load(model),
            column=text,
            source_format=source_format,
            target_format=target_format,
            delimiter=delimiter,
            excel_safe=excel_safe,
            resume=resume,
            strict=strict,
            keep_bad=keep_bad,
            threads=threads or cores(),
            on_progress=on_progress,
        )
    print_counts(console, counts, seconds=time.perf_counter() - start)
    if counts.bad:
        beside = target.with_name(f"{target.name}.bad.jsonl")
        console.print(f"{counts.bad:,} bad rows were put aside: {beside} has line numbers and reasons.", soft_wrap=True)
    console.print(note())
