"""``coercion-detect evaluate``: how well the tags fit a labelled file, or training anew fold by fold."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID


class By(StrEnum):
    """What is left out whole in each fold."""

    voice = "voice"
    group = "group"


def evaluate(
    source: Path = typer.Argument(..., metavar="FILE", help="CSV, JSON lines or Parquet, with texts and labels."),
    output: Path = typer.Option(Path("evaluation"), "--output", "-o", help="The folder for report.md, .html, .json."),
    text: str = typer.Option("text", "--text", help="The column that holds the text."),
    tactics: str = typer.Option(None, "--tactics", help="The column of tactics: ids with ';' between, or a JSON list."),
    acts: str = typer.Option(None, "--acts", help="The column of acts; '' takes none."),
    framing: str = typer.Option(None, "--framing", help="The column of framings; '' takes none."),
    group: str = typer.Option(None, "--group", help="The column of groups that belong together; '' takes none."),
    own_id: str = typer.Option(None, "--id", help="The column of ids; '' takes row numbers."),
    source_format: str = typer.Option(None, "--from", help="csv, jsonl or parquet; by default from the file's name."),
    pairs: list[str] = typer.Option([], "--map", help="A label or column of theirs as ours: theirs=ours; repeat it."),
    map_file: Path = typer.Option(None, "--map-file", help="Such pairs as a JSON object or as CSV lines theirs,ours."),
    show_text: bool = typer.Option(False, "--show-text", help="Put the worst wrong texts themselves into the report."),
    model: Path = typer.Option(None, "--model", help="A model folder instead of the shipped one.", show_default=False),
    cross_validate: bool = typer.Option(
        False, "--cross-validate", help="Train anew in each fold; FILE has the shape of data/examples.csv."
    ),
    by: By = typer.Option(By.voice, "--by", help="With --cross-validate: what is left out whole in each fold."),
    baselines: bool = typer.Option(False, "--baselines", help="With --cross-validate: simpler ways beside it."),
    folds: int = typer.Option(5, "--folds", min=2, help="With --cross-validate: how many folds."),
    jobs: int = typer.Option(2, "--jobs", min=1, help="With --cross-validate: processes to use."),
    resamples: int = typer.Option(1000, "--resamples", min=100, help="How often groups are drawn for the intervals."),
) -> None:
    """Measure how well the likely tactics fit labels of your own. Needs the extra 'research'."""
    from rich.console import Console

    from coercion_detect.errors import InputError, require
    from coercion_detect.taxonomy import note

    for module in ("sklearn", "joblib", "scipy", "matplotlib"):
        require(module, extra="research")
    from coercion_detect.evaluation.labelled import Columns, load_labelled, read_mapping
    from coercion_detect.evaluation.report import write_report

    given = (tactics, acts, framing, group, own_id, source_format, map_file, model)
    if cross_validate and (any(x is not None for x in given) or pairs or text != "text"):
        raise InputError("--cross-validate reads the columns of data/examples.csv; leave columns, maps and model out.")
    if baselines and not cross_validate:
        raise InputError("--baselines are trained on folds; add --cross-validate.")
    if output.exists() and not output.is_dir():
        raise InputError(f"{output} is no folder; give another with --output.")
    console = Console(stderr=True, highlight=False)
    with _progress(console) as (progress, task):
        if cross_validate:
            from coercion_detect.evaluation.baselines import compare
            from coercion_detect.evaluation.crossvalidate import cross_validate as run
            from coercion_detect.training.dataset import load_examples
            from coercion_detect.training.messages import load_beside
            from coercion_detect.training.train import Settings
            from coercion_detect.training.vectors import load_vectors

            def tell(words: str) -> None:
                progress.update(task, description=words)

            dataset = load_examples(source)
            found = run(
                dataset,
                by=by.value,
                name=source.name,
                conversations=[*chain(*load_beside(source.parent))],
                vectors=load_vectors(source.parent),
                settings=Settings(folds=folds, jobs=jobs),
                resamples=resamples,
                show_text=show_text,
                progress=tell,
            )
            evaluation = found.evaluation
            comparison = compare(dataset, found, resamples=resamples, progress=tell) if baselines else None
        else:
            from coercion_detect.detector import Detector
            from coercion_detect.evaluation.evaluate import evaluate as run_once

            mapping = read_mapping(pairs, file=map_file)
            columns = Columns(text, tactics=tactics, acts=acts, framing=framing, group=group, id=own_id)
            labelled = load_labelled(source, columns=columns, mapping=mapping, file_format=source_format)
            progress.update(task, description="scoring", total=len(labelled))
            evaluation = run_once(
                labelled,
                Detector.load(model),
                resamples=resamples,
                show_text=show_text,
                on_text=lambda done: progress.update(task, completed=done),
                progress=lambda words: progress.update(task, description=words, total=None),
            )
            comparison = None
        progress.update(task, description="writing the report")
        paths = write_report(output, evaluation, comparison=comparison)
    console.print(f"{evaluation.n:,} texts in {evaluation.groups:,} groups; {evaluation.model}.")
    if evaluation.absent or evaluation.unlabelled:
        missing = ", ".join((*evaluation.absent, *evaluation.unlabelled))
        console.print(f"No figure for {missing}: no text here carries that label.")
    for name, figure in evaluation.macro.items():
        console.print(f"{name}, mean over the tactics that occur: {figure}")
    console.print(f"Read {paths[0]}, or {paths[1].name} and {paths[2].name} beside it.")
    console.print(note())


@contextmanager
def _progress(console: Console) -> Iterator[tuple[Progress, TaskID]]:
    """Show what is being done, on a terminal only."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not sys.stderr.isatty(), transient=True) as progress:
        yield progress, progress.add_task("reading", total=None)
