"""Intervals by resampling whole groups, so that paraphrases of one text never count as independent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
_LEVEL = 0.95


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
            _divide(self.weights @ (hits & out_of), self.weights @ out_of),
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
        figure: Callable[[NDArray[np.bool_], NDArray[np.float32]], NDArray[np.float64]],
        scores: NDArray[np.float64],
        wanted: NDArray[np.bool_],
    ) -> Estimate:
        """Estimate a figure of the ranking; ``figure`` takes labels by falling score, and draws of weights."""
        order = np.argsort(-scores, kind="stable")
        once = np.ones((1, len(order)), dtype=np.float32)
        return self.estimate(
            float(figure(wanted[order], once)[0]),
            np.concatenate([figure(wanted[order], part[:, order]) for part in np.array_split(self.weights, 20)]),
            n=int(wanted.sum()),
        )

    def mean(self, values: NDArray[np.float64]) -> Estimate:
        """Estimate the mean of a value that each text has."""
        return self.estimate(
            float(values.mean()), _divide(self.weights @ values, self.weights.sum(axis=1)), n=len(values)
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
    return _divide(2 * (weights @ (predicted & wanted)), weights @ predicted + weights @ wanted)


def average_precision(wanted: NDArray[np.bool_], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return average precision for labels sorted by falling score, under each draw of weights."""
    right = np.cumsum(weights * wanted, axis=1)
    given = np.cumsum(weights, axis=1)
    precision = _divide(right, given)
    return _divide(np.nansum(precision * weights * wanted, axis=1), right[:, -1])


def auroc(wanted: NDArray[np.bool_], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the area under the ROC curve for labels sorted by falling score, under each draw of weights."""
    above = np.cumsum(weights * wanted, axis=1)
    negatives = weights * ~wanted
    return _divide((above * negatives).sum(axis=1), above[:, -1] * negatives.sum(axis=1))


def _divide(top: NDArray[np.generic], bottom: NDArray[np.generic]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(top, dtype=np.float64) / np.asarray(bottom, dtype=np.float64)


def _round(value: float) -> float:
    return float("nan") if np.isnan(value) else round(value, 4)
