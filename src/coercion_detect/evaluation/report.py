"""The report of an evaluation: one list of sections, written as Markdown, as HTML with plots, and as JSON."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from coercion_detect.errors import InputError
from coercion_detect.evaluation.bootstrap import Estimate
from coercion_detect.evaluation.plots import precision_recall_plot, reliability_plot
from coercion_detect.evaluation.results import Case, Evaluation
from coercion_detect.taxonomy import note

FILES = ("report.md", "report.html", "report.json")
_STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
blockquote { border-left: .25rem solid #1b4965; margin: 1rem 0; padding: .25rem 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: .85rem; margin: 1rem 0; }
th, td { border: 1px solid #ccc; padding: .25rem .5rem; text-align: left; vertical-align: top; }
svg { max-width: 100%; height: auto; }"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of plain words, escaped by whoever writes it."""

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a paragraph, a table and, in HTML, a plot (an SVG element)."""

    title: str
    words: str = ""
    table: Table | None = None
    plot: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The model and other ways of scoring on the same texts; ``left_out`` says why one is not there."""

    systems: dict[str, dict[str, Estimate]]
    notes: dict[str, str]
    left_out: dict[str, str]


def write_report(folder: Path, evaluation: Evaluation, *, comparison: Comparison | None = None) -> tuple[Path, ...]:
    """Write ``report.md``, ``report.html`` and ``report.json`` into ``folder`` and return their paths.

    Raises `MissingExtraError` without matplotlib and `InputError` where the folder cannot be written.
    """
    parts = sections(evaluation, comparison=comparison)
    contents = (
        to_markdown(evaluation, parts),
        to_html(evaluation, parts),
        json.dumps(to_dict(evaluation, comparison=comparison), indent=1, ensure_ascii=False) + "\n",
    )
    paths = tuple(folder / name for name in FILES)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in zip(paths, contents, strict=True):
            # backslashreplace: an id with a lone surrogate must not cost the whole report
            path.write_text(content, encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise InputError(f"The report cannot be written into {folder} ({error.strerror}). Check --output.") from None
    return paths


def to_dict(evaluation: Evaluation, *, comparison: Comparison | None = None) -> dict[str, Any]:
    """Return the report as strict JSON data: missing figures are ``None``, others have four digits."""
    plain: dict[str, Any] = _plain(asdict(evaluation))
    return {"note": note(), **plain, "comparison": None if comparison is None else _plain(asdict(comparison))}


def to_markdown(evaluation: Evaluation, parts: Sequence[Section]) -> str:
    """Return the report as Markdown."""
    lines = [f"# Evaluation of {_markdown(evaluation.model)}", "", f"> {note()}", ""]
    for part in parts:
        lines += [f"## {part.title}", ""]
        if part.words:
            lines += [part.words, ""]
        if part.table is not None:
            lines += ["| " + " | ".join(part.table.head) + " |", "|" + " --- |" * len(part.table.head)]
            lines += ["| " + " | ".join(map(_markdown, row)) + " |" for row in part.table.rows]
            lines.append("")
    return "\n".join(lines)


def to_html(evaluation: Evaluation, parts: Sequence[Section]) -> str:
    """Return the report as one HTML page that loads nothing from anywhere."""
    title = f"Evaluation of {html.escape(evaluation.model)}"
    body = [f"<h1>{title}</h1>", f"<blockquote>{html.escape(note())}</blockquote>"]
    for part in parts:
        body.append(f"<h2>{html.escape(part.title)}</h2>")
        if part.words:
            body.append(f"<p>{html.escape(part.words)}</p>")
        body.append(part.plot)
        if part.table is not None:
            cells = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in part.table.head)
            rows = "".join(
                "<tr>" + "".join(f"<td>{html.escape(_visible(cell))}</td>" for cell in row) + "</tr>\n"
                for row in part.table.rows
            )
            body.append(f"<table><thead><tr>{cells}</tr></thead>\n<tbody>\n{rows}</tbody></table>")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}\n</style></head>\n<body>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def sections(evaluation: Evaluation, *, comparison: Comparison | None = None) -> list[Section]:
    """Return what the report says, part by part."""
    e = evaluation
    parts = [_data(e), _overall(e), _worth(e)]
    if comparison is not None:
        parts.append(_comparison(comparison))
    if e.tactics:
        parts += [_per_tactic(e), _ranking(e), _confusion(e)]
        parts.append(Section("Precision and recall", _PR, _thresholds(e), precision_recall_plot(e)))
    tenths = [(f"{mean:.2f}", f"{share:.2f}", f"{n:,}") for mean, share, n in e.reliability]
    table = Table(("mean score", "share that carries the label", "n"), tenths)
    parts.append(Section("Reliability", "All scores of all texts, in tenths of the score.", table, reliability_plot(e)))
    asked = any(case.text is not None for cases in (*e.wrong_tags.values(), *e.misses.values()) for case in cases)
    parts.append(_worst("Worst wrong tags", "Tagged without the label, highest scores first.", e.wrong_tags, asked))
    parts.append(_worst("Worst misses", "Labelled but not tagged, lowest scores first.", e.misses, asked))
    return parts


_PR = (
    "What tagging from a given score on would give. Thresholds chosen from this table and then measured on the same "
    "texts look better than they are."
)


def _data(e: Evaluation) -> Section:
    rows = [
        ("model", e.model),
        ("file", e.file),
        ("SHA-256 of the file", e.sha256),
        ("texts (n)", f"{e.n:,}"),
        ("groups", f"{e.groups:,}"),
        ("intervals", f"95 %, from {e.resamples:,} resamples of whole groups"),
    ]
    if e.not_read is not None:
        rows.append(("not read (too few known words)", f"{e.not_read:,}"))
    if e.absent:
        told = ", ".join(f"{name} ({tags:,} tags)" for name, tags in e.absent.items())
        rows.append(("labels that never occur: no figure of their own, their tags count as wrong", told))
    if e.unlabelled:
        rows.append(("labels the file says nothing about: left out", ", ".join(e.unlabelled)))
    return Section("Data and method", e.method, Table(("what", "value"), rows))


def _overall(e: Evaluation) -> Section:
    figures = [("texts with a tactic against texts without, AUROC", e.any_tactic.auroc)]
    for level, tagging in e.micro.items():
        figures += [
            (f"precision, tags {level}, all tactics together (micro)", tagging.precision),
            (f"recall, tags {level}, all tactics together (micro)", tagging.recall),
            (f"F1, tags {level}, all tactics together (micro)", tagging.f1),
            (f"texts with a tactic that get any tag {level}", e.any_tactic.found[level]),
            (f"texts without a tactic that get any tag {level} (false alarms)", e.any_tactic.false_alarms[level]),
        ]
    figures += [(f"{name}, mean over the tactics that occur (macro)", found) for name, found in e.macro.items()]
    if e.framing is not None:
        figures.append(("framing right, all texts that have one", e.framing))
    if e.framing_of_tactics is not None:
        figures.append(("framing right, texts with a tactic", e.framing_of_tactics))
    figures += [(f"F1 of the act {name}", found) for name, found in e.acts.items()]
    rows = [(name, str(found), f"{found.n:,}") for name, found in figures]
    return Section("Figures", "Tags possible include tags likely.", Table(("figure", "value (95 %)", "n"), rows))


def _worth(e: Evaluation) -> Section:
    levels = list(e.any_tactic.worth)
    shares = e.any_tactic.worth[levels[0]]
    rows = [(f"{share:.1%}", *(str(e.any_tactic.worth[level][share]) for level in levels)) for share in shares]
    words = (
        "The share of tagged texts that carry some tactic, where that share of all texts does, if texts with and "
        "without a tactic are like those in this file."
    )
    return Section("What a tag is worth", words, Table(("texts with a tactic", *(f"right, {x}" for x in levels)), rows))


def _comparison(comparison: Comparison) -> Section:
    names = list(next(iter(comparison.systems.values())))
    rows = [(system, *(str(found[name]) for name in names)) for system, found in comparison.systems.items()]
    told = [f"{system}: {words}" for system, words in (comparison.notes | comparison.left_out).items()]
    return Section("Beside simpler ways", " ".join(told), Table(("system", *names), rows))


def _per_tactic(e: Evaluation) -> Section:
    figures = ("tags", "precision", "recall", "F1")
    levels = list(e.micro)
    rows = []
    for name, found in e.tactics.items():
        cells = [name, f"{found.n:,}"]
        for tagging in (found.levels[level] for level in levels):
            cells += [f"{tagging.precision.n:,}", str(tagging.precision), str(tagging.recall), str(tagging.f1)]
        rows.append(tuple(cells))
    head = ("tactic", "n", *(f"{figure}, {level}" for level in levels for figure in figures))
    words = (
        "n texts carry the tactic. Where every case is right, no resample can show otherwise: an interval from "
        "1.000 to 1.000 on few tags says little."
    )
    return Section("Tags, per tactic", words, Table(head, rows))


def _ranking(e: Evaluation) -> Section:
    head = ("tactic", "n", "average precision", "AUROC", "Brier score", "expected calibration error")
    rows = [
        (name, f"{f.n:,}", *map(str, (f.average_precision, f.auroc, f.brier, f.calibration_error)))
        for name, f in e.tactics.items()
    ]
    words = f"n texts carry the tactic; Brier score and calibration error are over all {e.n:,} texts."
    return Section("Scores, per tactic", words, Table(head, rows))


def _confusion(e: Evaluation) -> Section:
    columns = list(next(iter(e.confusion.values())).tagged) if e.confusion else []
    rows = [
        (name, f"{c.n:,}", *(f"{c.tagged[column]:,}" for column in columns), f"{c.untagged:,}")
        for name, c in e.confusion.items()
    ]
    words = "Texts with exactly one tactic (rows), and how many of them got each tag, possible or likely (columns)."
    return Section("Which tactic is taken for which", words, Table(("only tactic", "n", *columns, "no tag"), rows))


def _thresholds(e: Evaluation) -> Table:
    rows = [
        (name, f"{at.threshold:.2f}", *(_number(x) for x in (at.precision, at.recall, at.f1)))
        for name, figures in e.tactics.items()
        for at in figures.thresholds
    ]
    return Table(("tactic", "score from", "precision", "recall", "F1"), rows)


def _worst(title: str, words: str, cases: dict[str, list[Case]], show_text: bool) -> Section:
    rows = [
        (name, case.id, f"{case.score:.3f}", *([case.text or ""] if show_text else []))
        for name, found in cases.items()
        for case in found
    ]
    head = ("tactic", "id", "score", *(["text"] if show_text else []))
    return Section(title, words if rows else f"{words} There are none.", Table(head, rows) if rows else None)


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"


def _visible(cell: str) -> str:
    """Replace what is no printable character, line ends among them."""
    return "".join(c if c.isprintable() else " " for c in cell)


def _markdown(cell: str) -> str:
    """Escape whatever Markdown or HTML could be made of a cell."""
    escaped = html.escape(_visible(cell), quote=False)
    return re.sub(r"([\\`*\[\]|~]|(?<!\w)_|_(?!\w))", r"\\\1", escaped)


def _plain(value: Any) -> Any:  # noqa: ANN401 any JSON value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 4)
    return value
