"""The command line: one file a command.

Exit codes: 0 done; 2 the command or its input cannot be used, with one line on standard error that says
what to do. What is found in a text never changes the exit code: a result is not a verdict.
"""

from __future__ import annotations

import sys

import typer

from coercion_detect.cli.analyze import analyze
from coercion_detect.cli.explain import explain
from coercion_detect.cli.help_lines import help_lines
from coercion_detect.cli.tag import tag
from coercion_detect.cli.train import train
from coercion_detect.errors import CoercionDetectError

app = typer.Typer(
    name="coercion-detect",
    help="Tag texts with likely tactics of sexual coercion, with evidence and explanation. A result is not a verdict.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks print local variables, and with them the user's text
)
app.command()(analyze)
app.command()(tag)
app.command()(explain)
app.command(name="help-lines")(help_lines)
app.command()(train)


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


def main() -> None:
    """Run the command line; an error of ours is one line on standard error and exit code 2."""
    try:
        app()
    except CoercionDetectError as error:
        typer.echo(f"coercion-detect: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nothing more to say
        sys.exit(0)
