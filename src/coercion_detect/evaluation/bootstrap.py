"""Intervals by resampling whole groups, so that paraphrases of one text never count as independent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
_LEVEL = 0.95
_FEWEST_RESAMPLES = 100
_MOST_WEIGHTS = 50_000_000  # resamples times texts that are held in memory at once

# a figure of a ranking: labels by falling score, draws of weights, ends of ties -> one value a draw
RankingFigure = Callable[[NDArray[np.bool_], NDArray[np.float32], NDArray[np.intp]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval and the number of texts behind it."""

    value: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, float | int]:
        """Return the estimate as plain data, rounded to four digits."""
        return {"value": _round(self.value), "low": _round(self.low), "high": _round(self.high), "n": self.n}

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "–"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def affordable(n_texts: int, *, wanted: int = RESAMPLES) -> int:
    """Return how many resamples of so many texts fit in memory: ``wanted``, or fewer but at least 100."""
    return min(wanted, max(_FEWEST_RESAMPLES, _MOST_WEIGHTS // max(n_texts, 1)))


class GroupBootstrap:
    """Draws of whole groups with replacement; the same draws serve every figure.

    ``weights`` says how often each text stands in each draw, shape (resamples, n_texts).
    """

    def __init__(self, groups: NDArray[np.intp], *, resamples: int = RESAMPLES, seed: int = 0) -> None:
        _, number = np.unique(groups, return_inverse=True)
        total = int(number.max()) + 1 if len(number) else 0
        drawn = np.random.default_rng(seed).multinomial(total, np.full(total, 1 / max(total, 1)), size=resamples)
        self.weights: NDArray[np.float32] = drawn[:, number].astype(np.float32)

    def ratio(self, hits: NDArray[np.bool_], out_of: NDArray[np.bool_]) -> Estimate:
        """Estimate the share of ``hits`` among the texts ``out_of``."""
        return self.estimate(
            float(hits[out_of].mean()) if out_of.any() else np.nan,
            divide(self.weights @ (hits & out_of), self.weights @ out_of),
            n=int(out_of.sum()),
        )

    def f1(self, predicted: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> Estimate:
        """Estimate the F1 of a yes-or-no prediction; ``n`` counts the texts that carry the label."""
        return self.estimate(
            float(f1_draws(predicted, wanted, np.ones((1, len(wanted)), dtype=np.float32))[0]),
            f1_draws(predicted, wanted, self.weights),
            n=int(wanted.sum()),
        )

    def ranking(
        self,
        figure: RankingFigure,
        scores: NDArray[np.float64],
        wanted: NDArray[np.bool_],
    ) -> Estimate:
        """Estimate a figure of the ranking, such as `average_precision`; ``n`` counts the texts with the label."""
        once = np.ones((1, len(wanted)), dtype=np.float32)
        return self.estimate(
            float(ranking_draws(figure, scores, wanted, once)[0]),
            ranking_draws(figure, scores, wanted, self.weights),
            n=int(wanted.sum()),
        )

    def mean(self, values: NDArray[np.float64]) -> Estimate:
        """Estimate the mean of a value that each text has."""
        return self.estimate(
            float(values.mean()), divide(self.weights @ values, self.weights.sum(axis=1)), n=len(values)
        )

    def macro(self, estimates: list[NDArray[np.float64]], value: float, n: int) -> Estimate:
        """Estimate the mean over labels from each label's draws."""
        return self.estimate(value, np.mean(estimates, axis=0), n=n)

    @staticmethod
    def estimate(value: float, draws: NDArray[np.float64], *, n: int) -> Estimate:
        """Put a value and its draws together; draws without a figure are left out."""
        kept = draws[~np.isnan(draws)]
        if not len(kept):
            return Estimate(value, np.nan, np.nan, n)
        low, high = np.quantile(kept, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
        return Estimate(value, float(low), float(high), n)


def f1_draws(
    predicted: NDArray[np.bool_], wanted: NDArray[np.bool_], weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return F1 under each draw of weights, shape (resamples,)."""
    return divide(2 * (weights @ (predicted & wanted)), weights @ predicted + weights @ wanted)


def ranking_draws(
    figure: RankingFigure, scores: NDArray[np.float64], wanted: NDArray[np.bool_], weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return a figure of the ranking under each draw of weights, shape (resamples,)."""
    order = np.argsort(-scores, kind="stable")
    ends = ends_of_ties(scores[order])
    parts = np.array_split(weights, min(len(weights), max(20, weights.size // 1_000_000)))
    return np.concatenate([figure(wanted[order], part[:, order], ends) for part in parts])


def ends_of_ties(ranked: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return, for each place of a falling ranking, the last place with the same score."""
    last = np.flatnonzero(np.append(ranked[:-1] != ranked[1:], True)) if len(ranked) else np.empty(0, dtype=np.intp)
    return np.repeat(last, np.diff(last, prepend=-1))


def average_precision(
    wanted: NDArray[np.bool_], weights: NDArray[np.float32], ends: NDArray[np.intp] | None = None
) -> NDArray[np.float64]:
    """Return average precision for labels sorted by falling score, under each draw of weights.

    ``ends`` is that of `ends_of_ties`: texts of one score are taken in together, as no order among them is known.
    """
    right = np.cumsum(weights * wanted, axis=1)
    given = np.cumsum(weights, axis=1)
    precision = divide(right, given)
    if ends is not None:
        precision = precision[:, ends]
    return divide(np.nansum(precision * weights * wanted, axis=1), right[:, -1])


def auroc(
    wanted: NDArray[np.bool_], weights: NDArray[np.float32], ends: NDArray[np.intp] | None = None
) -> NDArray[np.float64]:
    """Return the area under the ROC curve for labels sorted by falling score, under each draw of weights.

    Texts of one score count half, where ``ends`` (that of `ends_of_ties`) tells them.
    """
    above = np.cumsum(weights * wanted, axis=1)
    negatives = weights * ~wanted
    if ends is None:
        reached = np.asarray(above, dtype=np.float64)
    else:
        # what stands strictly above a block of ties is what was reached at the end of the block before it
        before = np.append(0, np.flatnonzero(np.diff(ends)) + 1)[np.cumsum(np.append(0, np.diff(ends) > 0))]
        strictly = np.where(before > 0, above[:, before - 1], 0)
        reached = (strictly + above[:, ends].astype(np.float64)) / 2
    return divide((reached * negatives).sum(axis=1), above[:, -1] * negatives.sum(axis=1))


def calibration_draws(
    scores: NDArray[np.float64], wanted: NDArray[np.bool_], weights: NDArray[np.float32], *, bins: int
) -> NDArray[np.float64]:
    """Return the expected calibration error over equal bins of the score under each draw, shape (resamples,)."""
    place = np.minimum((scores * bins).astype(int), bins - 1)
    off = np.zeros((len(scores), bins))
    off[np.arange(len(scores)), place] = scores - wanted
    return divide(np.abs(weights @ off.astype(np.float32)).sum(axis=1), weights.sum(axis=1))


def divide(top: NDArray[np.generic], bottom: NDArray[np.generic]) -> NDArray[np.float64]:
    """Divide, with "not a number" where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(top, dtype=np.float64) / np.asarray(bottom, dtype=np.float64)


def _round(value: float) -> float:
    return float("nan") if np.isnan(value) else round(value, 4)
