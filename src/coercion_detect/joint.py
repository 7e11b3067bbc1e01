"""The second stage: what the heads say together.

Each head reads a window on its own; the second stage is a logistic regression over their log-odds, the products of
every two of them, and their shares of certainty. So a strong *refusal* takes away from every tactic, and two weak
hints of one another's kind count for more than either. It is also the calibration: its log-odds are those of scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coercion_detect.taxonomy import ACTS, TACTICS

MOST = 8.0  # log-odds beyond this are cut: a head that is sure need not be surer
N_TACTICS, N_SCORES = len(TACTICS), len(TACTICS) + len(ACTS)
# framing is relative to "general", which scores 0; once for any text, once for texts with a tactic
COLUMNS = (*TACTICS, *ACTS, "addressed", "reported", "addressed, with a tactic", "reported, with a tactic")
FRAMING, FRAMING_OF_TAGGED = slice(N_SCORES, N_SCORES + 2), slice(N_SCORES + 2, N_SCORES + 4)


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """``weights`` (n_inputs, 18) and ``bias`` (18,) over what `inputs` makes of the heads' log-odds."""

    center: NDArray[np.float64]
    spread: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    @property
    def stored(self) -> NDArray[np.float64]:
        """Everything in one row: center, spread, bias, weights."""
        return np.concatenate([self.center, self.spread, self.bias, *self.weights])

    def log_odds(self, heads: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return calibrated log-odds, shape (n, 18), columns as in `COLUMNS`, from those of the heads (n, 16)."""
        return np.asarray(inputs(heads, self.center, self.spread) @ self.weights + self.bias)


def sigmoid(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the scores, between 0 and 1, of log-odds."""
    return 1.0 / (1.0 + np.exp(-log_odds))


def inputs(heads: NDArray[np.float64], center: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return standardised log-odds, the products of every two of them, and sigmoids: for 16 heads, 168 columns."""
    within = np.clip(heads, -MOST, MOST)
    standard = (within - center) / spread
    first, second = np.triu_indices(heads.shape[1])
    return np.hstack([standard, standard[:, first] * standard[:, second], sigmoid(within)])
