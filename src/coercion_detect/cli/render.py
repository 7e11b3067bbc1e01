"""An analysis as a person reads it in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from coercion_detect.analysis import Analysis, Tag

_FRAMING = {
    "addressed": "It reads as something said to the person it is aimed at.",
    "reported": "It reads as someone telling of what was said or done.",
    "general": "It reads as general talk.",
}


def print_analysis(text: str, analysis: Analysis, *, console: Console | None = None) -> None:
    """Print the text with its evidence underlined, each tag with summary and page, and the note."""
    out = console or Console(highlight=False, soft_wrap=False)
    out.print(_marked(text, analysis), soft_wrap=True)
    out.print()
    if not text.strip():
        out.print("There was no text to read.")
    elif not analysis.read:
        out.print(
            f"Not read: the model knows {analysis.coverage:.0%} of the words. It reads English only, and this says "
            "nothing about what the text means."
        )
    elif not analysis.tags:
        out.print("No wording often seen in the twelve tactics was found. That does not mean that nothing is wrong.")
        out.print("If something happened to you, it counts, whatever a program finds. You can talk to somebody:")
        out.print("coercion-detect help-lines")
    for tag in analysis.tags:
        _print_tag(out, text, tag)
    if analysis.tags:
        out.print(_FRAMING[analysis.framing])
    out.print()
    out.print(Text(analysis.note, style="italic"))
    out.print(Text("People who listen, by country: coercion-detect help-lines", style="dim"))


def _print_tag(out: Console, text: str, tag: Tag) -> None:
    line = Text()
    line.append(tag.tactic.title, style="bold")
    line.append(f"  {tag.decision}, score {tag.score:.2f} ({tag.decision} from {tag.threshold:.2f} on)")
    out.print(line)
    out.print(Text("  " + tag.tactic.summary[0].upper() + tag.tactic.summary[1:]))
    if tag.evidence:
        quoted = ", ".join(f"“{plain(text[e.start : e.end])}” (+{e.weight:.1f})" for e in tag.evidence)
        out.print(Text(f"  It rests on: {quoted}"), soft_wrap=True)
    out.print(Text(f"  Read on: coercion-detect explain {tag.tactic.id}"), style="dim")
    out.print(Text("  " + tag.link, style=f"dim link {tag.link}"), soft_wrap=True)
    out.print()


# one character for one: offsets stay right, and a text cannot steer the terminal
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # one left open would turn what follows around
_UNSEEN = dict.fromkeys((*range(32), *range(127, 160), 0x2028, 0x2029, *_DIRECTIONS), "\ufffd")
_SHOWN = _UNSEEN | {ord("\n"): "\n", ord("\t"): "\t", ord("\r"): " "}


def plain(text: str) -> str:
    """Return the text as a terminal may show it, with every character in its place."""
    return text.translate(_SHOWN)


def plain_line(text: str) -> str:
    """Return a name as `plain` does, in one line: it cannot pass for lines of ours."""
    return text.translate(_UNSEEN)


def _marked(text: str, analysis: Analysis) -> Text:
    marked = Text(plain(text))
    for tag in analysis.tags:
        for evidence in tag.evidence:
            marked.stylize("underline bold" if tag.decision == "likely" else "underline", evidence.start, evidence.end)
    return marked
