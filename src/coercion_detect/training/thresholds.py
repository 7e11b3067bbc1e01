"""Two thresholds per tactic, chosen on out-of-fold scores: never on the texts the weights were fitted to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coercion_detect.model import Thresholds
from coercion_detect.taxonomy import TACTICS

LIKELY_PRECISION = 0.95  # "likely" is right this often, out of fold; thresholds on other voices reach a little less
FEWEST = 10  # texts that must reach a threshold before its precision is believed


def choose_thresholds(scores: NDArray[np.float64], wanted: NDArray[np.bool_]) -> dict[str, Thresholds]:
    """Choose both thresholds of each tactic from scores and labels of shape (n_texts, 12)."""
    return {name: _choose(scores[:, i], wanted[:, i]) for i, name in enumerate(TACTICS)}


def _choose(scores: NDArray[np.float64], wanted: NDArray[np.bool_]) -> Thresholds:
    """*Possible* is where F1 is highest; *likely* the lowest score whose precision reaches the target."""
    order = np.argsort(-scores, kind="stable")
    ranked, right = scores[order], np.cumsum(wanted[order])
    given = np.arange(1, len(ranked) + 1)
    last_of_ties = np.append(ranked[:-1] != ranked[1:], True)
    precision = right / given
    f1 = np.where(last_of_ties, 2 * right / (given + max(right[-1], 1)), -1.0)
    possible = float(ranked[np.argmax(f1)])
    reached = np.flatnonzero(last_of_ties & (precision >= LIKELY_PRECISION) & (given >= FEWEST))
    likely = float(ranked[reached[-1]]) if len(reached) else float(ranked[0])
    return Thresholds(possible=min(possible, likely), likely=likely)
