"""What the scores are worth, with intervals: per label, over all labels, and at the rates of real streams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coercion_detect.evaluation.bootstrap import (
    Estimate,
    GroupBootstrap,
    auroc,
    average_precision,
    ends_of_ties,
    f1_draws,
    ranking_draws,
)
from coercion_detect.evaluation.crossfit import Decisions
from coercion_detect.taxonomy import ACTS, TACTICS
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.heads import targets

PREVALENCES = (0.05, 0.01, 0.001)
BINS = 10


GRID = tuple(round(0.05 * i, 2) for i in range(1, 20))


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What tagging every text from ``threshold`` on would give; ``precision`` is no number where none is tagged."""

    threshold: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """One label's figures. ``precision`` and ``recall`` are at *possible*, ``*_likely`` at *likely*."""

    precision: Estimate
    recall: Estimate
    f1: Estimate
    precision_likely: Estimate
    recall_likely: Estimate
    average_precision: Estimate
    auroc: Estimate
    brier: Estimate
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Report:
    """Every figure of an evaluation."""

    labels: dict[str, LabelFigures]
    macro_f1: Estimate
    macro_average_precision: Estimate
    macro_calibration_error: float
    micro_precision_likely: Estimate
    micro_recall_likely: Estimate
    any_tactic_auroc: Estimate
    false_alarms_likely: Estimate
    false_alarms_possible: Estimate
    found_likely: Estimate
    found_possible: Estimate
    framing_accuracy: Estimate
    acts: dict[str, Estimate]
    reliability: list[tuple[float, float, int]]


def measure(dataset: Dataset, decisions: Decisions, *, resamples: int = 1000) -> Report:
    """Measure cross-fitted decisions; intervals resample groups."""
    rows = decisions.rows
    wanted = targets(dataset)[rows]
    tactics = wanted[:, : len(TACTICS)]
    draw = GroupBootstrap(dataset.groups[rows], resamples=resamples)
    labels = {
        name: _label(draw, decisions.scores[:, i], tactics[:, i], decisions.possible[:, i], decisions.likely[:, i])
        for i, name in enumerate(TACTICS)
    }
    some: NDArray[np.bool_] = np.asarray(tactics.any(axis=1))
    any_likely: NDArray[np.bool_] = np.asarray(decisions.likely.any(axis=1))
    any_possible: NDArray[np.bool_] = np.asarray(decisions.possible.any(axis=1))
    scores = decisions.scores[:, : len(TACTICS)]
    framing_right = decisions.framing == dataset.framing[rows]
    acts_given = decisions.scores[:, len(TACTICS) :] >= 0.5  # calibrated: the more probable answer
    return Report(
        labels=labels,
        macro_f1=draw.macro(
            [f1_draws(decisions.possible[:, i], tactics[:, i], draw.weights) for i in range(len(TACTICS))],
            float(np.mean([f.f1.value for f in labels.values()])),
            n=len(rows),
        ),
        macro_average_precision=_macro_ap(draw, scores, tactics, labels),
        macro_calibration_error=float(np.mean([f.calibration_error for f in labels.values()])),
        micro_precision_likely=_micro(draw, decisions.likely & tactics, decisions.likely),
        micro_recall_likely=_micro(draw, decisions.likely & tactics, tactics),
        any_tactic_auroc=draw.ranking(auroc, any_tactic(scores), some),
        false_alarms_likely=draw.ratio(any_likely, ~some),
        false_alarms_possible=draw.ratio(any_possible, ~some),
        found_likely=draw.ratio(any_likely, some),
        found_possible=draw.ratio(any_possible, some),
        framing_accuracy=draw.ratio(framing_right, some),
        acts={a: draw.f1(acts_given[:, i], wanted[:, len(TACTICS) + i]) for i, a in enumerate(ACTS)},
        reliability=reliability(scores.ravel(), tactics.ravel()),
    )


def any_tactic(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank texts by how much speaks for any tactic at all: one minus the chance that all are absent."""
    ranked: NDArray[np.float64] = -np.log1p(-np.minimum(scores, 1 - 1e-12)).sum(axis=1)
    return ranked


def reliability(scores: NDArray[np.float64], wanted: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Return mean score, share that carries the label, and n for each tenth of the score range."""
    place = np.minimum((scores * BINS).astype(int), BINS - 1)
    return [
        (float(scores[place == b].mean()), float(wanted[place == b].mean()), int((place == b).sum()))
        for b in range(BINS)
        if (place == b).any()
    ]


def calibration_error(scores: NDArray[np.float64], wanted: NDArray[np.bool_]) -> float:
    """Return the expected calibration error over ten equal bins of the score."""
    return sum(abs(mean - share) * n for mean, share, n in reliability(scores, wanted)) / len(scores)


def worth(found: float, false_alarms: float, prevalence: float) -> float:
    """Return the share of given tags that are right where ``prevalence`` of all texts carry a tactic."""
    right, wrong = found * prevalence, false_alarms * (1 - prevalence)
    return right / (right + wrong) if right + wrong else float("nan")


def threshold_table(scores: NDArray[np.float64], wanted: NDArray[np.bool_]) -> list[AtThreshold]:
    """Return precision, recall and F1 of one label at each threshold of the grid."""
    return [_at(threshold, scores >= threshold, wanted) for threshold in GRID]


def precision_recall(
    scores: NDArray[np.float64], wanted: NDArray[np.bool_], *, points: int = 200
) -> list[tuple[float, float]]:
    """Return recall and precision along the falling ranking, at no more than about ``points`` places."""
    order = np.argsort(-scores, kind="stable")
    ends = np.unique(ends_of_ties(scores[order]))
    right = np.cumsum(wanted[order])[ends]
    recall, precision = right / max(int(wanted.sum()), 1), right / (ends + 1)
    # equal steps of recall: the curve's shape lies there, its long tail of wrong tags does not
    kept = np.unique(np.searchsorted(recall, np.linspace(recall[0], recall[-1], points)))
    return list(zip(recall[kept].tolist(), precision[kept].tolist(), strict=True))


def confusion(wanted: NDArray[np.bool_], tagged: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Count which labels the texts with exactly one label were tagged with, shape (labels, labels + 1).

    The last column counts texts without a tag; a text with several tags counts in several columns.
    """
    alone = wanted.sum(axis=1) == 1
    given = np.column_stack([tagged, ~tagged.any(axis=1)])[alone]
    counts: NDArray[np.intp] = wanted[alone].T.astype(np.intp) @ given.astype(np.intp)
    return counts


def _at(threshold: float, tagged: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> AtThreshold:
    right, given, there = int((tagged & wanted).sum()), int(tagged.sum()), int(wanted.sum())
    missing = float("nan")
    return AtThreshold(
        threshold=threshold,
        precision=right / given if given else missing,
        recall=right / there if there else missing,
        f1=2 * right / (given + there) if given + there else missing,
    )


def _label(
    draw: GroupBootstrap,
    scores: NDArray[np.float64],
    wanted: NDArray[np.bool_],
    possible: NDArray[np.bool_],
    likely: NDArray[np.bool_],
) -> LabelFigures:
    return LabelFigures(
        precision=draw.ratio(wanted, possible),
        recall=draw.ratio(possible, wanted),
        f1=draw.f1(possible, wanted),
        precision_likely=draw.ratio(wanted, likely),
        recall_likely=draw.ratio(likely, wanted),
        average_precision=draw.ranking(average_precision, scores, wanted),
        auroc=draw.ranking(auroc, scores, wanted),
        brier=draw.mean((scores - wanted) ** 2),
        calibration_error=calibration_error(scores, wanted),
    )


def _macro_ap(
    draw: GroupBootstrap,
    scores: NDArray[np.float64],
    tactics: NDArray[np.bool_],
    labels: dict[str, LabelFigures],
) -> Estimate:
    draws = [
        ranking_draws(average_precision, scores[:, i], tactics[:, i], draw.weights) for i in range(tactics.shape[1])
    ]
    value = float(np.mean([f.average_precision.value for f in labels.values()]))
    return draw.macro(draws, value, n=len(scores))


def _micro(draw: GroupBootstrap, hits: NDArray[np.bool_], out_of: NDArray[np.bool_]) -> Estimate:
    """Estimate a share over all labels at once, shape (n, 12) each."""
    top, bottom = hits.sum(axis=1), out_of.sum(axis=1)
    draws = (draw.weights @ top) / np.maximum(draw.weights @ bottom, 1)
    return draw.estimate(float(top.sum() / max(bottom.sum(), 1)), draws.astype(np.float64), n=int(bottom.sum()))
