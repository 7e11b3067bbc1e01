"""The command line: one file a command.

Exit codes: 0 done; 2 the command or its input cannot be used, with one line on standard error that says
what to do. What is found in a text never changes the exit code: a result is not a verdict.
"""

from __future__ import annotations

import io
import sys
from typing import Any

import typer

from coercion_detect.cli.analyze import analyze
from coercion_detect.cli.chat import chat
from coercion_detect.cli.check import check
from coercion_detect.cli.cluster import cluster
from coercion_detect.cli.evaluate import evaluate
from coercion_detect.cli.explain import explain
from coercion_detect.cli.help_lines import help_lines
from coercion_detect.cli.tag import tag
from coercion_detect.cli.train import train
from coercion_detect.errors import CoercionDetectError

_UsageError: Any = typer.BadParameter.__bases__[0]  # Typer exports only this subclass of it

app = typer.Typer(
    name="coercion-detect",
    help="Tag texts with likely tactics of sexual coercion, with evidence and explanation. A result is not a verdict.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks print local variables, and with them the user's text
)
app.command()(analyze)
app.command()(tag)
app.command()(chat)
app.command()(cluster)
app.command()(explain)
app.command(name="help-lines")(help_lines)
app.command()(train)
app.command()(check)
app.command()(evaluate)


def _version(wanted: bool) -> None:
    if wanted:
        from coercion_detect import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """Tag texts with likely tactics of sexual coercion. A result is not a verdict."""


def _speak_utf_8() -> None:
    """Write UTF-8 into files and pipes on every system, and replace what a terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def _run() -> int:
    """Run one command and return its exit code; Typer ends with 1 where the reader of our output has gone."""
    try:
        return app(prog_name="coercion-detect", standalone_mode=False) or 0
    except SystemExit:
        return 0


def main() -> None:
    """Run the command line; an error of ours is one line on standard error and exit code 2."""
    _speak_utf_8()
    try:
        sys.exit(_run())
    except CoercionDetectError as error:
        typer.echo(f"coercion-detect: {error}", err=True)
        sys.exit(2)
    except _UsageError as error:
        if not sys.argv[1:]:
            error.show()  # no arguments: the help
        else:  # the error itself repeats what it did not expect, which may be somebody's text
            where = error.ctx.command_path if error.ctx else "coercion-detect"
            said = f"These arguments do not fit; a text needs quotes around it. See: {where} --help"
            typer.echo(f"coercion-detect: {said}", err=True)
        sys.exit(2)
    except typer.Abort:
        sys.exit(130)
