"""``coercion-detect check``: the behaviour checks, as a report card."""

from __future__ import annotations

from pathlib import Path

import typer


def check(
    cases: Path = typer.Option(Path("data/checks.csv"), "--cases", help="The written cases."),
    output: Path = typer.Option(None, "--output", "-o", help="A folder for checks.md and checks.json."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
    model: Path = typer.Option(None, "--model", help="A model folder instead of the shipped one.", show_default=False),
) -> None:
    """Run the behaviour checks: what should be tagged, what should not, and what must not move a score."""
    import json

    from rich.console import Console
    from rich.markdown import Markdown

    from coercion_detect.detector import Detector
    from coercion_detect.evaluation.checks import load_cases, run_checks
    from coercion_detect.evaluation.report_card import as_markdown, as_plain

    detector = Detector.load(model)
    loaded = load_cases(cases)
    with Console(stderr=True).status(f"running {len(loaded):,} cases and their changes"):
        results = run_checks(loaded, detector=detector)
    markdown = as_markdown(results, model=detector.model.title)
    plain = json.dumps(as_plain(results, model=detector.model.title), ensure_ascii=False, indent=1)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        (output / "checks.md").write_text(markdown + "\n", encoding="utf-8", newline="\n")
        (output / "checks.json").write_text(plain + "\n", encoding="utf-8", newline="\n")
    if as_json:
        typer.echo(plain)
    else:
        Console(highlight=False).print(Markdown(markdown))
