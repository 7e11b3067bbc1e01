"""``coercion-detect help-lines``: people who listen, by country."""

from __future__ import annotations

import typer


def help_lines(
    country: str = typer.Argument(None, metavar="[COUNTRY]", help="A country's code or name; without it, all."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """List help lines. Check a number before you rely on it."""
    import json

    from coercion_detect.help_lines import INTERNATIONAL, advice, countries
    from coercion_detect.help_lines import help_lines as lines_of
    from coercion_detect.taxonomy import note

    found = lines_of(country)
    if as_json:
        listed = [line.to_dict() for line in found]
        typer.echo(json.dumps({"help_lines": listed, "advice": advice(), "note": note()}, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    if country is not None and all(line.country == INTERNATIONAL for line in found):
        known = ", ".join(countries().values())
        console.print(Text("No lines of that country are on file here, but these directories list them. "))
        console.print(Text(f"On file: {known}.\n", style="dim"))
    console.print(Text(advice()))
    previous = None
    for line in found:
        if line.country != previous:
            console.print(Text(f"\n{line.country_name} ({line.country})", style="bold"))
            previous = line.country
        ways = [("call", line.phone), ("text", line.text), ("web", line.url), ("open", line.hours)]
        console.print(Text(f"  {line.name}"))
        console.print(Text("    " + " · ".join(f"{kind} {value}" for kind, value in ways if value)), soft_wrap=True)
        more = [
            ("serves", ", ".join(line.serves)),
            ("languages", line.languages),
            ("source looked up", line.date_checked),
        ]
        console.print(Text("    " + " · ".join(f"{k}: {v}" for k, v in more if v), style="dim"), soft_wrap=True)
    console.print(Text(f"\n{note()}", style="italic"))
