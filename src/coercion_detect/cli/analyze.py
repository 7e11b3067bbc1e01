"""``coercion-detect analyze``: one text, for people or as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import typer

from coercion_detect.errors import InputError


def analyze(
    text: str = typer.Argument(None, help="The text; '-' or nothing reads standard input.", show_default=False),
    as_json: bool = typer.Option(False, "--json", help="Print the analysis as one JSON object."),
    model: Path = typer.Option(None, "--model", help="A model folder instead of the shipped one.", show_default=False),
) -> None:
    """Show the likely tactics in one text, the words they rest on, and what each means."""
    from coercion_detect.detector import Detector

    if text is None or text == "-":
        text = _standard_input()
    analysis = Detector.load(model).analyze(text)
    if as_json:
        typer.echo(json.dumps(analysis.to_dict(), ensure_ascii=False))
        return
    from coercion_detect.cli.render import print_analysis

    print_analysis(text, analysis)


def _standard_input() -> str:
    if sys.stdin.isatty():
        typer.echo("Type or paste the text, then press Ctrl-D (Ctrl-Z and Enter on Windows).", err=True)
    try:
        text = sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        position = error.start
    else:
        return text.removesuffix("\n").removesuffix("\r")
    raise InputError(f"Standard input is not UTF-8 (byte {position}). Convert it to UTF-8 first.")
