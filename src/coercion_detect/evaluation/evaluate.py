"""Measure likely tactics against labels: a detector on any labelled file, or training anew fold by fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coercion_detect.detector import Detector
from coercion_detect.evaluation.bootstrap import (
    RESAMPLES,
    Estimate,
    GroupBootstrap,
    affordable,
    auroc,
    average_precision,
    calibration_draws,
    divide,
    f1_draws,
    ranking_draws,
)
from coercion_detect.evaluation.crossfit import Decisions, cross_fit
from coercion_detect.evaluation.labelled import Labelled
from coercion_detect.evaluation.metrics import (
    BINS,
    PREVALENCES,
    AtThreshold,
    any_tactic,
    confusion,
    precision_recall,
    reliability,
    threshold_table,
    worth,
)
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS
from coercion_detect.text import fold
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.features import Counts
from coercion_detect.training.splits import check_folds, split_groups
from coercion_detect.training.train import NAME, Settings, out_of_fold, split_voices
from coercion_detect.training.vectors import WordVectors
from coercion_detect.windows import spread

WORST = 5  # wrong tags and misses that are named for each tactic
LEVELS = ("possible", "likely")


@dataclass(frozen=True, slots=True)
class Tagging:
    """How good the tags of one level are; *possible* includes *likely*."""

    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, slots=True)
class TacticFigures:
    """One tactic's figures; ``n`` texts carry it. ``curve`` holds recall and precision, ``reliability`` tenths."""

    n: int
    levels: dict[str, Tagging]
    average_precision: Estimate
    auroc: Estimate
    brier: Estimate
    calibration_error: Estimate
    thresholds: list[AtThreshold]
    reliability: list[tuple[float, float, int]]
    curve: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class AnyTactic:
    """Texts with some tactic against texts with none: how many get any tag, and what a tag is worth.

    ``worth`` gives, for each share of texts that carry a tactic, the share of tagged texts that do.
    """

    auroc: Estimate
    found: dict[str, Estimate]
    false_alarms: dict[str, Estimate]
    worth: dict[str, dict[float, Estimate]]


@dataclass(frozen=True, slots=True)
class Case:
    """A text that was tagged wrongly or missed; ``text`` is ``None`` unless it was asked for."""

    id: str
    score: float
    text: str | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """The ``n`` texts whose only tactic is this one, and how many of them got each tag, or none."""

    n: int
    tagged: dict[str, int]
    untagged: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every figure of an evaluation.

    ``tactics`` has the tactics that occur; ``absent`` those that were looked for and never occur, with the
    number of tags they got all the same; ``unlabelled`` those that the file has no labels for.
    """

    model: str
    file: str
    sha256: str
    n: int
    groups: int
    resamples: int
    not_read: int | None
    method: str
    tactics: dict[str, TacticFigures]
    absent: dict[str, int]
    unlabelled: tuple[str, ...]
    micro: dict[str, Tagging]
    macro: dict[str, Estimate]
    any_tactic: AnyTactic
    framing: Estimate | None
    framing_of_tactics: Estimate | None
    acts: dict[str, Estimate]
    confusion: dict[str, Confusion]
    reliability: list[tuple[float, float, int]]
    wrong_tags: dict[str, list[Case]]
    misses: dict[str, list[Case]]


def evaluate(
    labelled: Labelled,
    detector: Detector,
    *,
    resamples: int = RESAMPLES,
    show_text: bool = False,
    on_text: Callable[[int], None] = lambda _: None,
    progress: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Score every text with ``detector`` and measure; ``on_text`` is told how many texts are scored."""
    n = len(labelled)
    scores, tags = np.zeros((n, len(TACTICS) + len(ACTS))), np.zeros((len(LEVELS), n, len(TACTICS)), dtype=bool)
    framing, not_read = np.zeros(n, dtype=np.intp), 0
    for i, analysis in enumerate(detector.analyze_many(labelled.texts)):
        scores[i] = [*(analysis.scores[t] for t in TACTICS), *(analysis.acts[a] for a in ACTS)]
        for tag in analysis.tags:
            tags[: LEVELS.index(tag.decision) + 1, i, TACTICS.index(tag.tactic.id)] = True
        framing[i] = FRAMINGS.index(analysis.framing)
        not_read += not analysis.read
        on_text(i + 1)
    progress(f"measuring {n:,} texts")
    return measure_decisions(
        labelled,
        Decisions(np.arange(n), scores, tags[0], tags[1], framing),
        model=detector.model.title,
        method="The model as it is, with its own thresholds, on every text of the file.",
        not_read=not_read,
        resamples=resamples,
        show_text=show_text,
    )


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidated:
    """A cross-validation: its figures, and what a baseline needs to be measured on the same folds."""

    evaluation: Evaluation
    labelled: Labelled
    decisions: Decisions
    fold_of: NDArray[np.intp]


def cross_validate(
    dataset: Dataset,
    *,
    by: Literal["voice", "group"] = "voice",
    name: str = "examples.csv",
    vectors: WordVectors | None = None,
    settings: Settings = Settings(),
    resamples: int = RESAMPLES,
    show_text: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> CrossValidated:
    """Train anew in each fold of whole voices or groups, and measure each text by heads that never saw its fold."""
    split = split_voices if by == "voice" else split_groups
    fold_of = split(dataset, folds=settings.folds, seed=settings.seed)
    check_folds(dataset, fold_of, folds=settings.folds, path=name)
    progress(f"training {settings.folds} times, each without one fold of whole {by}s")
    cut = spread(dataset.texts)
    counts = Counts(
        [fold(dataset.texts[i][w.start : w.end]) for i, w in zip(cut.owners, cut.windows, strict=True)],
        extra_words=vectors.words if vectors else (),
    )
    log_odds = out_of_fold(dataset, counts, cut, fold_of, vectors=vectors, settings=settings)
    decisions = cross_fit(dataset, log_odds, cut, fold_of)
    labelled = labelled_rows(dataset, decisions.rows, name=name)
    progress(f"measuring {len(labelled):,} texts")
    evaluation = measure_decisions(
        labelled,
        decisions,
        model=f"{NAME}, trained anew in each fold",
        method=(
            f"Out of fold, {settings.folds} folds of whole {by}s: weights, calibration and thresholds were each "
            "chosen without the texts they are measured on. Seed phrases are in every training part and not measured."
        ),
        resamples=resamples,
        show_text=show_text,
    )
    return CrossValidated(evaluation, labelled, decisions, fold_of)


def labelled_rows(dataset: Dataset, rows: NDArray[np.intp], *, name: str) -> Labelled:
    """Return the texts ``rows`` of a data set as labelled texts."""
    return Labelled(
        name=name,
        sha256=dataset.sha256,
        texts=[dataset.texts[i] for i in rows],
        ids=tuple(dataset.examples[i].id for i in rows),
        tactics=dataset.tactics[rows],
        known=np.ones(len(TACTICS), dtype=bool),
        acts=dataset.acts[rows],
        framing=dataset.framing[rows],
        groups=dataset.groups[rows],
    )


def measure_decisions(
    labelled: Labelled,
    decisions: Decisions,
    *,
    model: str,
    method: str,
    not_read: int | None = None,
    resamples: int = RESAMPLES,
    show_text: bool = False,
) -> Evaluation:
    """Measure decisions on labelled texts; a label that never occurs has no figure, and is named."""
    names = [t for t, known in zip(TACTICS, labelled.known, strict=True) if known]
    wanted, scores = labelled.tactics[:, labelled.known], decisions.scores[:, : len(TACTICS)][:, labelled.known]
    tags = dict(zip(LEVELS, (decisions.possible[:, labelled.known], decisions.likely[:, labelled.known]), strict=True))
    resamples = affordable(len(labelled), wanted=resamples)
    draws = GroupBootstrap(labelled.groups, resamples=resamples).weights
    # the first row counts each text once: its figure is the value, the others are the draws
    weights = np.vstack([np.ones((1, len(labelled)), dtype=np.float32), draws])
    occurs = wanted.any(axis=0)
    raw = {
        name: _tactic_draws(scores[:, i], wanted[:, i], {k: v[:, i] for k, v in tags.items()}, weights)
        for i, name in enumerate(names)
        if occurs[i]
    }
    return Evaluation(
        model=model,
        file=labelled.name,
        sha256=labelled.sha256,
        n=len(labelled),
        groups=len(np.unique(labelled.groups)),
        resamples=resamples,
        not_read=not_read,
        method=method,
        tactics={
            name: _figures(found, scores[:, names.index(name)], wanted[:, names.index(name)], tags, names.index(name))
            for name, found in raw.items()
        },
        absent={name: int(tags["possible"][:, i].sum()) for i, name in enumerate(names) if not occurs[i]},
        unlabelled=tuple(t for t in TACTICS if t not in names),
        micro={level: _micro(given, wanted, weights) for level, given in tags.items()},
        macro=_macro(raw, len(labelled)),
        any_tactic=_any_tactic(scores, wanted, tags, weights),
        **_others(labelled, decisions, wanted, weights),
        confusion=_confusion(names, wanted, tags["possible"]),
        reliability=reliability(scores.ravel(), wanted.ravel()),
        wrong_tags=_cases(labelled, names, scores, tags["possible"] & ~wanted, highest=True, show_text=show_text),
        misses=_cases(labelled, names, scores, wanted & ~tags["possible"], highest=False, show_text=show_text),
    )
