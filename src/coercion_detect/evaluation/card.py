"""The model card and the report, written beside the weights by the training run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from coercion_detect.evaluation.bootstrap import Estimate
from coercion_detect.evaluation.crossfit import Decisions, cross_fit
from coercion_detect.evaluation.metrics import PREVALENCES, Report, measure, worth
from coercion_detect.taxonomy import note
from coercion_detect.training.thresholds import LIKELY_PRECISION
from coercion_detect.training.train import Trained

RESAMPLES = 500  # enough for intervals to two digits, few enough for a training run

_USES = """\
## Uses to avoid

- **Deciding about a person.** No score says what happened or who somebody is. Do not use results as evidence
  in a court, a disciplinary procedure, a custody or visa matter, an insurance or a hiring decision.
- **Acting without a human reader.** Do not block, report, expel or expose anybody on a tag alone.
- **Reading somebody's messages behind their back.** Watching a partner's or an employee's messages is itself
  a means of control.
- **Calling an empty result harmless.** Much pressure is in what is not written, and much wording is unknown to
  this model.
- **Any language but English**, and any text about or by minors: the model has never been made for either.

## Intended use

- A person who wants to name what a message does, with the words it rests on and an explanation to read.
- Researchers who evaluate such models, or need a transparent baseline.
- Teams who prototype moderation and put results in front of trained people.
"""

_LIMITS = """\
## Limits

- Every training text was composed with language models working from a codebook, not collected from people who
  lived it. Figures on such texts say how well the model reads unseen writers of that kind; on real messages
  they will differ, and most likely be lower.
- The model counts words and pieces of words. It does not know who speaks, what was said before, or what a
  silence meant. Irony, hints without any telling word, and in-jokes are often missed.
- About half of these texts carry a tactic. Where tactics are rare, more of the tags are wrong: see "What a tag
  is worth" above.
- Identity words (orientation, gender, religion, origin) stand on both sides in the data so that they predict
  nothing; that is an aim to be measured, not a guarantee.
"""


def decide_out_of_fold(trained: Trained) -> Decisions:
    """Return what a training run decides on each of its texts without having seen it."""
    return cross_fit(trained.dataset, trained.log_odds, trained.cut, trained.fold_of)


def write_card(folder: Path, trained: Trained, decisions: Decisions) -> Report:
    """Measure a training run out of fold and write ``CARD.md`` and ``report.json`` into ``folder``."""
    dataset = trained.dataset
    report = measure(dataset, decisions, resamples=RESAMPLES)
    plain = _plain(asdict(report)) | {
        "model": trained.model.title,
        "data_sha256": dataset.sha256,
        "texts": int((~dataset.is_message).sum()),
        "messages": int(dataset.is_message.sum()),
        "measured": len(decisions.rows),
        "folds": int(trained.fold_of.max()) + 1,
    }
    _write(folder / "report.json", json.dumps(plain, indent=1, ensure_ascii=False) + "\n")
    _write(folder / "CARD.md", card(report, trained, measured=len(decisions.rows)))
    return report


def card(report: Report, trained: Trained, *, measured: int) -> str:
    """Return the card as Markdown."""
    model, dataset = trained.model, trained.dataset
    voices = len({e.voice for e in dataset.examples if e.source == "authored"})
    folds = int(trained.fold_of.max()) + 1
    messages = int(dataset.is_message.sum())
    parts = [
        f"# {model.title}\n\n> {note()}\n",
        "TF-IDF of words, word pairs, character pieces and patterns of word classes, with one logistic regression\n"
        "per label, and a second one that reads the labels together. It gives twelve tactics, two acts and three\n"
        "framings, each with a calibrated score; it contains no code and no texts.\n",
        _USES,
        "## Data\n\n"
        f"{len(dataset) - messages:,} texts in {voices} voices (`data/examples.csv`, SHA-256 `{dataset.sha256}`),\n"
        "the eight phrases of the seed thread among them"
        + (
            f", and {messages:,} messages of labelled\nconversations, from which the heads of tactics "
            "(but *persistence*) and of acts learned as well. "
            if messages
            else ". "
        )
        + "See `data/DATASHEET.md`. "
        + (
            "Weights of words also draw on word\nvectors distilled from the sentence encoder all-MiniLM-L6-v2 "
            "(Apache-2.0); training without them works.\n"
            if trained.with_vectors
            else "No word vectors were used.\n"
        ),
        "## How it was measured\n\n"
        f"Out of fold, {folds} folds of whole voices: weights, second stage and thresholds were each chosen without\n"
        f"the texts they are measured on (n = {measured:,}; the seed phrases are in every training part and are\n"
        "not measured). A group of paraphrases or contrasts lies within one voice, so none is split. Brackets give\n"
        f"95 % intervals from {RESAMPLES} resamples of whole groups.\n",
        _overall(report),
        "## Per tactic\n\n*Possible* includes *likely*.\n\n" + _per_label(report),
        _worth(report),
        _reliability(report),
        _thresholds(trained),
        _LIMITS,
        "## Licence\n\nThe weights and the data are under CC BY 4.0, the code under Apache-2.0.\n",
    ]
    return "\n".join(parts)


def _overall(report: Report) -> str:
    rows: list[tuple[str, Estimate]] = [
        ("macro F1 over twelve tactics, *possible* or *likely*", report.macro_f1),
        ("macro average precision", report.macro_average_precision),
        ("precision of *likely*, all tactics together", report.micro_precision_likely),
        ("recall of *likely*, all tactics together", report.micro_recall_likely),
        ("any tactic against none, AUROC", report.any_tactic_auroc),
        ("texts with a tactic that get any *likely* tag", report.found_likely),
        ("texts without a tactic that get any *likely* tag", report.false_alarms_likely),
        ("texts with a tactic that get any tag", report.found_possible),
        ("texts without a tactic that get any tag", report.false_alarms_possible),
        ("framing right, on texts with a tactic", report.framing_accuracy),
        *((f"F1 of the act *{name}*", figure) for name, figure in report.acts.items()),
    ]
    lines = "\n".join(f"| {name} | {figure} | {figure.n:,} |" for name, figure in rows)
    return (
        f"## Figures\n\n| figure | value (95 % interval) | n |\n| --- | --- | --- |\n{lines}\n"
        f"| expected calibration error, mean over tactics | {report.macro_calibration_error:.3f} | |\n"
    )


def _per_label(report: Report) -> str:
    head = (
        "| tactic | n | F1 | precision | recall | precision of *likely* | recall of *likely* | average precision |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
    )
    return head + "".join(
        f"| {name} | {f.f1.n:,} | {f.f1} | {f.precision} | {f.recall} | {f.precision_likely} | {f.recall_likely} "
        f"| {f.average_precision} |\n"
        for name, f in report.labels.items()
    )


def _worth(report: Report) -> str:
    lines = "".join(
        f"| {share:.1%} | {worth(report.found_likely.value, report.false_alarms_likely.value, share):.0%} "
        f"| {worth(report.found_possible.value, report.false_alarms_possible.value, share):.0%} |\n"
        for share in PREVALENCES
    )
    return (
        "## What a tag is worth\n\nThe share of tagged texts that carry some tactic, where that share of all\n"
        "texts does. The texts without a tactic in this data set are mostly hard ones, which makes these figures\n"
        "pessimistic for ordinary talk.\n\n"
        "| texts with a tactic | right among *likely* | right among all tagged |\n"
        f"| --- | --- | --- |\n{lines}"
    )


def _reliability(report: Report) -> str:
    lines = "".join(f"| {mean:.2f} | {share:.2f} | {n:,} |\n" for mean, share, n in report.reliability)
    return (
        "## Reliability\n\nAll twelve scores of all texts, in tenths of the score.\n\n"
        f"| mean score | share that carries the label | n |\n| --- | --- | --- |\n{lines}"
    )


def _thresholds(trained: Trained) -> str:
    lines = "".join(
        f"| {name} | {limits.possible:.2f} | {limits.likely:.2f} |\n"
        for name, limits in trained.model.thresholds.items()
    )
    return (
        "## Thresholds\n\nChosen on out-of-fold scores: *possible* where F1 is highest, *likely* from where "
        f"{LIKELY_PRECISION:.0%} are right.\n\n| tactic | possible from | likely from |\n| --- | --- | --- |\n{lines}"
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 any JSON value
    """Return ``value`` with figures rounded and missing ones as ``None``, so that it is strict JSON."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 4)
    return value


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
