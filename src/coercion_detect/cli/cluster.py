"""``coercion-detect cluster``: a folder of files, over Dask."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from coercion_detect.cli.progress import cores, print_counts, progress_bar


def cluster(
    source: Path = typer.Argument(..., metavar="FOLDER", help="Its files are the parts: CSV, JSON lines or Parquet."),
    target: Path = typer.Option(..., "--output", "-o", help="A folder; each part gets its name there."),
    text: str = typer.Option("text", "--text", help="The column or field that holds the text."),
    scheduler: str = typer.Option(
        None, "--scheduler", help="A running cluster, as in tcp://host:8786, instead of this machine."
    ),
    workers: int = typer.Option(None, "--workers", min=1, help="On this machine: by default one a core."),
    delimiter: str = typer.Option(None, "--delimiter", help="What parts cells of CSV, in and out: ',' ';' or tab."),
    excel_safe: bool = typer.Option(False, "--excel-safe", help="As in tag."),
    strict: bool = typer.Option(False, "--strict", help="Stop at the first bad row instead of putting it aside."),
    keep_bad: bool = typer.Option(False, "--keep-bad", help="Keep what a bad row holds beside line number and reason."),
    model: Path = typer.Option(None, "--model", help="A model folder instead of the shipped one.", show_default=False),
) -> None:
    """Tag every file of a folder, many at once, on this machine or on a Dask cluster."""
    from rich.console import Console

    from coercion_detect.cluster import tag_parts
    from coercion_detect.tables import Counts, Progress
    from coercion_detect.taxonomy import note

    console = Console(stderr=True, highlight=False)
    start = time.perf_counter()
    with progress_bar(console) as tell:

        def on_part(done: int, parts: int, counts: Counts) -> None:
            tell(Progress(counts.rows, counts.rows / (time.perf_counter() - start), done / parts))

        counts = tag_parts(
            source,
            target,
            model=model,
            scheduler=scheduler,
            workers=workers or cores(),
            column=text,
            delimiter=delimiter,
            excel_safe=excel_safe,
            strict=strict,
            keep_bad=keep_bad,
            on_part=on_part,
        )
    print_counts(console, counts, seconds=time.perf_counter() - start)
    if counts.bad:
        console.print(f"{counts.bad:,} bad rows were put aside: see *.bad.jsonl beside the parts.", soft_wrap=True)
    console.print(note())
