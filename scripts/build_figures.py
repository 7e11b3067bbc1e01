"""Write the figures of README.md and data/DATASHEET.md from the report and the data, between their markers."""

from __future__ import annotations

import csv
import json
import re
import statistics
from collections import Counter
from pathlib import Path

from coercion_detect.features import tokens, word_ngrams
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS
from coercion_detect.text import fold
from coercion_detect.training.dataset import Dataset, load_examples

ROOT = Path(__file__).parents[1]
README, DATASHEET = ROOT / "README.md", ROOT / "data" / "DATASHEET.md"


def figures() -> str:
    """Return the README's table of figures."""
    report = json.loads((ROOT / "models" / "tactics-en" / "report.json").read_text(encoding="utf-8"))
    rows = [
        ("macro F1 over the twelve tactics", "macro_f1"),
        ("precision of *likely*, all tactics together", "micro_precision_likely"),
        ("any tactic against none, AUROC", "any_tactic_auroc"),
        ("texts without a tactic that get a *likely* tag", "false_alarms_likely"),
        ("framing right, on texts with a tactic", "framing_accuracy"),
    ]
    lines = [
        f"Measured on {report['measured']:,} texts in whole voices that the model had never seen "
        f"({report['folds']} folds; brackets: 95 % intervals over groups):",
        "",
        "| figure | value | n |",
        "| --- | --- | --- |",
        *(f"| {title} | {_estimate(report[key])} | {report[key]['n']:,} |" for title, key in rows),
        f"| expected calibration error, mean over tactics | {report['macro_calibration_error']:.3f} | |",
    ]
    return "\n".join(lines)


def _estimate(figure: dict[str, float]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def counts(dataset: Dataset) -> str:
    """Return the datasheet's tables of counts."""
    examples = dataset.examples
    with_tactic = [e for e in examples if e.tactics]
    lengths = sorted(len(e.text.split()) for e in examples)
    groups = Counter(e.group for e in examples)
    members: dict[str, set[tuple[frozenset[str], frozenset[str]]]] = {}
    for e in examples:
        members.setdefault(e.group, set()).add((e.tactics, e.acts))
    contrasts = sum(len(labels) > 1 for labels in members.values())
    voices = {e.voice for e in examples if e.source == "authored"}
    tenths = statistics.quantiles(lengths, n=20)
    lines = [
        f"{len(examples):,} texts, {len(voices)} voices, {len(groups):,} groups, of which {contrasts:,} hold a "
        "contrast (labels differ within the group).",
        f"{1 - len(with_tactic) / len(examples):.1%} carry no tactic; of those that carry one, "
        f"{sum(e.framing == 'reported' for e in with_tactic) / len(with_tactic):.1%} are `reported` and "
        f"{sum(e.note.split(';')[0] in ('veiled', 'elliptical') for e in with_tactic) / len(with_tactic):.1%} are "
        "veiled or elliptical.",
        f"Length: {lengths[0]} to {lengths[-1]} words, median {statistics.median(lengths):.0f}, nine of ten between "
        f"{tenths[0]:.0f} and {tenths[-1]:.0f}.",
        "",
        "| label | texts | voices |",
        "| --- | --- | --- |",
    ]
    for name in TACTICS:
        carrying = [e for e in examples if name in e.tactics]
        lines.append(f"| `{name}` | {len(carrying):,} | {len({e.voice for e in carrying})} |")
    for name in ACTS:
        carrying = [e for e in examples if name in e.acts]
        lines.append(f"| `{name}` (act) | {len(carrying):,} | {len({e.voice for e in carrying})} |")
    for name in FRAMINGS:
        carrying = [e for e in examples if e.framing == name]
        lines.append(f"| `{name}` (framing) | {len(carrying):,} | {len({e.voice for e in carrying})} |")
    return "\n".join(lines)


def variety(dataset: Dataset) -> str:
    """Return how varied the texts are: distinct pairs of words, and what each voice adds to the words before it."""
    pairs: Counter[str] = Counter()
    known: set[str] = set()
    by_voice: dict[str, list[str]] = {}
    for e in dataset.examples:
        if e.source == "authored":
            by_voice.setdefault(e.voice, []).append(fold(e.text))
    new_words, new_pairs, within = [], [], []
    for texts in by_voice.values():
        own_words = {word for text in texts for word in tokens(text)}
        own_pairs = Counter(name for text in texts for name in word_ngrams(tokens(text)) if " " in name)
        new_words.append(len(own_words - known) / len(own_words))
        new_pairs.append(len(own_pairs.keys() - pairs.keys()) / len(own_pairs))
        within.append(len(own_pairs) / own_pairs.total())
        known |= own_words
        pairs += own_pairs
    tail = max(len(by_voice) // 10, 1)
    return (
        f"Variety, on folded texts: {len(known):,} different words; {len(pairs) / pairs.total():.1%} of all pairs of "
        f"neighbouring words are distinct over the whole set, {statistics.median(within):.1%} within the median voice. "
        f"The last {tail} voices still brought {statistics.mean(new_words[-tail:]):.1%} new words and "
        f"{statistics.mean(new_pairs[-tail:]):.1%} new pairs each."
    )


def agreement() -> str:
    """Return how well a blind second labelling agrees with the first: F1 and kappa for each label."""
    with (ROOT / "data" / "second_labels.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    table = ["| label | first | second | F1 | kappa |", "| --- | --- | --- | --- | --- |"]
    figures_of: list[tuple[float, float]] = []
    for kind, names in (("tactics", TACTICS), ("acts", ACTS)):
        for name in names:
            one = [name in row[f"first_{kind}"].split(";") for row in rows]
            two = [name in row[f"second_{kind}"].split(";") for row in rows]
            f1 = 2 * sum(a and b for a, b in zip(one, two, strict=True)) / (sum(one) + sum(two))
            chance = (sum(one) * sum(two) + (len(rows) - sum(one)) * (len(rows) - sum(two))) / len(rows) ** 2
            kappa = (sum(a == b for a, b in zip(one, two, strict=True)) / len(rows) - chance) / (1 - chance)
            table.append(f"| `{name}` | {sum(one)} | {sum(two)} | {f1:.3f} | {kappa:.3f} |")
            if kind == "tactics":
                figures_of.append((f1, kappa))
    framing = sum(row["first_framing"] == row["second_framing"] for row in rows) / len(rows)
    f1s, kappas = zip(*figures_of, strict=True)
    head = (
        f"{len(rows):,} texts, drawn at random over the voices. Over the tactics: F1 {statistics.mean(f1s):.3f}, "
        f"kappa {statistics.mean(kappas):.3f} (macro). Framing: {framing:.1%} the same."
    )
    return "\n".join([head, "", *table])


def fill(text: str, name: str, content: str) -> str:
    """Replace what stands between the markers called ``name``."""
    pattern = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(\n<!-- end of {name} -->)", re.DOTALL)
    return pattern.sub(lambda m: m.group(1) + content + m.group(2), text)


def build() -> dict[Path, str]:
    """Return both documents as they should stand."""
    dataset = load_examples(ROOT / "data" / "examples.csv")
    return {
        README: fill(README.read_text(encoding="utf-8"), "figures", figures()),
        DATASHEET: fill(
            fill(DATASHEET.read_text(encoding="utf-8"), "counts", counts(dataset) + "\n\n" + variety(dataset)),
            "agreement",
            agreement(),
        ),
    }


if __name__ == "__main__":
    for path, text in build().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {path}")
