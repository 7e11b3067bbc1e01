"""``coercion-detect explain``: what each tactic means."""

from __future__ import annotations

import typer


def explain(
    tactic_id: str = typer.Argument(None, metavar="[TACTIC]", help="A tactic's id; without it, all are listed."),
    examples: bool = typer.Option(False, "--examples", help="Show the examples too; they may be hard to read."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Explain a tactic, or list the twelve."""
    import json
    import re

    from rich.console import Console

    from coercion_detect.taxonomy import TACTICS, note, tactic

    if tactic_id is not None:
        found = tactic(tactic_id)
        if as_json:
            page = {"tactic": found.id, "title": found.title, "summary": found.summary, "seed": found.seed}
            typer.echo(json.dumps(page | {"explanation": found.explanation, "note": note()}, ensure_ascii=False))
            return
        from rich.markdown import Markdown

        console = Console(highlight=False)
        body, _, folded = found.explanation.partition("## What it can sound like")
        if examples:
            lines = re.sub(r"</?details>|<summary>.*</summary>", "", folded)
            body += f"## What it can sound like\n\n{lines}"
        else:
            body += f"\nExamples: `coercion-detect explain {found.id} --examples` (they may be hard to read)."
        console.print(Markdown(f"# {found.title}\n\n{body}\n\n---\n\n*{note()}*"))
        return
    tactics = [tactic(name) for name in TACTICS]
    if as_json:
        listed = [{"tactic": t.id, "title": t.title, "summary": t.summary} for t in tactics]
        typer.echo(json.dumps({"tactics": listed, "note": note()}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    for t in tactics:
        console.print(f"[bold]{t.id}[/bold]  {t.title}\n  {t.summary}")
    console.print(f"\nRead one: coercion-detect explain {TACTICS[0]}\n\n[italic]{note()}[/italic]")
