"""Measure likely tactics against labels: score every text, compare, and give each figure with its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
from coercion_detect.evaluation.crossfit import Decisions
from coercion_detect.evaluation.labelled import Labelled
from coercion_detect.evaluation.metrics import (
    BINS,
    PREVALENCES,
    any_tactic,
    confusion,
    precision_recall,
    reliability,
    threshold_table,
)
from coercion_detect.evaluation.results import AnyTactic, Case, Confusion, Evaluation, TacticFigures, Tagging
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS

_Bools = NDArray[np.bool_]
_Floats = NDArray[np.float64]
_Weights = NDArray[np.float32]
_Draws = dict[str, NDArray[np.float64]]

WORST = 5  # wrong tags and misses that are named for each tactic
LEVELS = ("possible", "likely")
_AS_IT_IS = (
    "The model as it is, with its own thresholds, on every text of the file. A text that was not read (too few known "
    "words) counts as untagged; rankings use its scores all the same."
)
_OWN_DATA = " These are the texts that the model was trained on: the figures are far too good. Use --cross-validate."


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
        method=_AS_IT_IS + (_OWN_DATA if labelled.sha256 == detector.model.data_sha256 else ""),
        not_read=not_read,
        resamples=resamples,
        show_text=show_text,
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
    given = decisions.possible[:, labelled.known], decisions.likely[:, labelled.known]
    resamples = affordable(len(labelled), wanted=resamples)
    # the first row counts each text once: its figure is the value, the other rows are the draws
    weights = np.ones((resamples + 1, len(labelled)), dtype=np.float32)
    weights[1:] = GroupBootstrap(labelled.groups, resamples=resamples).weights
    occurs = _some(wanted, axis=0)
    found = {
        name: _tactic(scores[:, i], wanted[:, i], [level[:, i] for level in given], weights)
        for i, name in enumerate(names)
        if occurs[i]
    }
    framing, framing_of_tactics = _framing(labelled, decisions.framing, weights)
    return Evaluation(
        model=model,
        file=labelled.name,
        sha256=labelled.sha256,
        n=len(labelled),
        groups=len(np.unique(labelled.groups)),
        resamples=resamples,
        not_read=not_read,
        method=method,
        tactics={name: figures for name, (figures, _) in found.items()},
        absent={name: int(given[0][:, i].sum()) for i, name in enumerate(names) if not occurs[i]},
        unlabelled=tuple(t for t in TACTICS if t not in names),
        micro={level: _micro(tags, wanted, weights) for level, tags in zip(LEVELS, given, strict=True)},
        macro=_macro([draws for _, draws in found.values()], n=len(labelled)),
        any_tactic=_any_tactic(scores, wanted, given, weights),
        framing=framing,
        framing_of_tactics=framing_of_tactics,
        acts=_acts(labelled.acts, decisions.scores[:, len(TACTICS) :], weights),
        confusion=_confusion(names, wanted, given[0]),
        reliability=reliability(scores.ravel(), wanted.ravel()),
        wrong_tags={
            name: _cases(labelled, scores[:, i], given[0][:, i] & ~wanted[:, i], -1, show_text)
            for i, name in enumerate(names)
        },
        misses={
            name: _cases(labelled, scores[:, i], wanted[:, i] & ~given[0][:, i], 1, show_text)
            for i, name in enumerate(names)
        },
    )


def _tactic(
    scores: _Floats, wanted: _Bools, given: Sequence[_Bools], weights: _Weights
) -> tuple[TacticFigures, _Draws]:
    """Measure one tactic; beside its figures stand the draws that the means over tactics are made of."""
    n, all_texts = int(wanted.sum()), len(wanted)
    levels = dict(zip(LEVELS, (_tagging(tags, wanted, weights) for tags in given), strict=True))
    draws = {
        **{f"F1 at {name}": f1_draws(tags, wanted, weights) for name, tags in zip(LEVELS, given, strict=True)},
        "average precision": ranking_draws(average_precision, scores, wanted, weights),
        "AUROC": ranking_draws(auroc, scores, wanted, weights),
        "Brier score": divide(weights @ ((scores - wanted) ** 2), weights.sum(axis=1)),
        "expected calibration error": calibration_draws(scores, wanted, weights, bins=BINS),
    }
    figures = TacticFigures(
        n=n,
        levels=levels,
        average_precision=_estimate(draws["average precision"], n),
        auroc=_estimate(draws["AUROC"], n),
        brier=_estimate(draws["Brier score"], all_texts),
        calibration_error=_estimate(draws["expected calibration error"], all_texts),
        thresholds=threshold_table(scores, wanted),
        reliability=reliability(scores, wanted),
        curve=precision_recall(scores, wanted),
    )
    return figures, draws


def _tagging(tags: _Bools, wanted: _Bools, weights: _Weights) -> Tagging:
    right = weights @ (tags & wanted)
    return Tagging(
        precision=_estimate(divide(right, weights @ tags), int(tags.sum())),
        recall=_estimate(divide(right, weights @ wanted), int(wanted.sum())),
        f1=_estimate(f1_draws(tags, wanted, weights), int(wanted.sum())),
    )


def _micro(tags: _Bools, wanted: _Bools, weights: _Weights) -> Tagging:
    """Measure all tactics together: every pair of a text and a tactic counts once."""
    right, given, there = (weights @ table.sum(axis=1) for table in (tags & wanted, tags, wanted))
    n_given, n_there = int(tags.sum()), int(wanted.sum())
    return Tagging(
        precision=_estimate(divide(right, given), n_given),
        recall=_estimate(divide(right, there), n_there),
        f1=_estimate(divide(2 * right, given + there), n_there),
    )


def _macro(found: list[_Draws], *, n: int) -> dict[str, Estimate]:
    """Average over the tactics that occur; a draw without one of them averages over the others."""
    means = {}
    for name in found[0] if found else ():
        table = np.array([draws[name] for draws in found])
        means[name] = _estimate(divide(np.nansum(table, axis=0), (~np.isnan(table)).sum(axis=0)), n)
    return means


def _any_tactic(scores: _Floats, wanted: _Bools, given: Sequence[_Bools], weights: _Weights) -> AnyTactic:
    some = _some(wanted, axis=1)
    n_some, n_none = int(some.sum()), int((~some).sum())
    tagged = [_some(tags, axis=1) for tags in given]
    found = [divide(weights @ (t & some), weights @ some) for t in tagged]
    alarms = [divide(weights @ (t & ~some), weights @ ~some) for t in tagged]
    return AnyTactic(
        auroc=_estimate(ranking_draws(auroc, any_tactic(scores), some, weights), n_some),
        found={level: _estimate(draws, n_some) for level, draws in zip(LEVELS, found, strict=True)},
        false_alarms={level: _estimate(draws, n_none) for level, draws in zip(LEVELS, alarms, strict=True)},
        worth={
            level: {p: _estimate(divide(f * p, f * p + a * (1 - p)), len(some)) for p in PREVALENCES}
            for level, f, a in zip(LEVELS, found, alarms, strict=True)
        },
    )


def _framing(labelled: Labelled, framing: NDArray[np.intp], weights: _Weights) -> tuple[Estimate | None, ...]:
    """Return the share of framings that are right: on all texts that have one, and on those with a tactic."""
    if labelled.framing is None:
        return None, None
    told = labelled.framing >= 0
    right = framing == labelled.framing
    parts = (told, told & labelled.tactics.any(axis=1))
    return tuple(_estimate(divide(weights @ (right & p), weights @ p), int(p.sum())) for p in parts)


def _acts(wanted: _Bools | None, scores: _Floats, weights: _Weights) -> dict[str, Estimate]:
    """Return F1 of each act that occurs; an act is given from 0.5 on, where it is the more probable answer."""
    if wanted is None:
        return {}
    return {
        act: _estimate(f1_draws(scores[:, i] >= 0.5, wanted[:, i], weights), int(wanted[:, i].sum()))
        for i, act in enumerate(ACTS)
        if wanted[:, i].any()
    }


def _confusion(names: Sequence[str], wanted: _Bools, tags: _Bools) -> dict[str, Confusion]:
    alone = wanted[wanted.sum(axis=1) == 1].sum(axis=0)
    return {
        name: Confusion(int(n), dict(zip(names, row[:-1].tolist(), strict=True)), int(row[-1]))
        for name, n, row in zip(names, alone, confusion(wanted, tags), strict=True)
        if n
    }


def _cases(labelled: Labelled, scores: _Floats, wrong: _Bools, direction: int, show_text: bool) -> list[Case]:
    """Return the worst of the texts ``wrong``: highest scores first (-1), or lowest first (1)."""
    places = np.flatnonzero(wrong)
    worst = places[np.argsort(direction * scores[places], kind="stable")][:WORST]
    return [Case(labelled.ids[i], float(scores[i]), labelled.texts[i] if show_text else None) for i in worst]


def _some(table: _Bools, *, axis: int) -> _Bools:
    return np.asarray(table.any(axis=axis), dtype=bool)


def _estimate(draws: NDArray[np.float64], n: int) -> Estimate:
    return GroupBootstrap.estimate(float(draws[0]), draws[1:], n=n)
