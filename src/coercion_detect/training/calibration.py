"""Calibration: one slope and one intercept per head, fitted on out-of-fold log-odds (Platt 1999)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from coercion_detect.model import HEADS
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS

SINGLE = len(TACTICS) + len(ACTS)  # heads with a score of their own; the framing heads share one


@dataclass(frozen=True, slots=True)
class Calibration:
    """``slope * log_odds + intercept`` for each head, both of shape (16,)."""

    slope: NDArray[np.float64]
    intercept: NDArray[np.float64]

    def apply(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return calibrated log-odds of the same shape (n_texts, 16)."""
        return log_odds * self.slope + self.intercept


def fit_calibration(log_odds: NDArray[np.float64], wanted: NDArray[np.bool_], framing: NDArray[np.intp]) -> Calibration:
    """Fit slopes and intercepts by maximum likelihood on out-of-fold log-odds (n_texts, 16)."""
    slope, intercept = np.ones(len(HEADS)), np.zeros(len(HEADS))
    for i in range(SINGLE):
        slope[i], intercept[i] = _fit_single(log_odds[:, i], wanted[:, i])
    slope[SINGLE:], intercept[SINGLE:] = _fit_framing(log_odds[:, SINGLE:], framing)
    return Calibration(slope, intercept)


def _fit_single(log_odds: NDArray[np.float64], wanted: NDArray[np.bool_]) -> tuple[float, float]:
    sign = np.where(wanted, 1.0, -1.0)

    def loss(p: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (p[0] * log_odds + p[1])
        pull = -sign / (1.0 + np.exp(margin))
        return float(np.logaddexp(0, -margin).mean()), np.array([(pull * log_odds).mean(), pull.mean()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.05, 20), (-20, 20)])
    return float(found.x[0]), float(found.x[1])


def _fit_framing(
    log_odds: NDArray[np.float64], framing: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    width = len(FRAMINGS) - 1

    def loss(p: NDArray[np.float64]) -> float:
        values = np.column_stack([log_odds * p[:width] + p[width:], np.zeros(len(log_odds))])
        picked = values[np.arange(len(values)), framing]
        return float((np.logaddexp.reduce(values, axis=1) - picked).mean())

    start = np.concatenate([np.ones(width), np.zeros(width)])
    bounds = [(0.05, 20)] * width + [(-20, 20)] * width
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    return found.x[:width], found.x[width:]
