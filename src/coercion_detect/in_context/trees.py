"""Sums of small decision trees (gradient boosting; Friedman 2001), read in NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTH = 4
INNER, LEAVES = 2**DEPTH - 1, 2**DEPTH
_AT_ONCE = 64  # rows whose places in all trees stay in the processor's memory


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Complete trees: ``inputs`` and ``thresholds`` (n_trees, 15) of their questions, level by level, and ``values``.

    Where an input is above the threshold, the right branch is taken. ``values`` (n_trees, 16) are those of the leaves.
    """

    inputs: NDArray[np.intp]
    thresholds: NDArray[np.float64]
    values: NDArray[np.float64]
    bias: float

    def log_odds(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of each row of inputs."""
        found = np.empty(len(rows))
        for first in range(0, len(rows), _AT_ONCE):
            found[first : first + _AT_ONCE] = self._log_odds(rows[first : first + _AT_ONCE])
        return found

    def _log_odds(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        numbers, first_of_row = rows.ravel(), np.arange(len(rows))[:, None] * rows.shape[1]
        first_of_tree = np.arange(len(self.inputs)) * INNER
        place = np.zeros((len(rows), len(self.inputs)), dtype=np.intp)
        for _ in range(DEPTH):
            question = first_of_tree + place
            asked = first_of_row + self.inputs.take(question)
            place = 2 * place + 1 + (numbers.take(asked) > self.thresholds.take(question))
        leaf = np.arange(len(self.inputs)) * LEAVES + place - INNER
        return np.asarray(self.values.take(leaf).sum(axis=1) + self.bias)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        rows = {name: getattr(self, name).tolist() for name in ("inputs", "thresholds", "values")}
        return {**rows, "bias": self.bias}

    @classmethod
    def of(cls, plain: Mapping[str, Any], *, n_inputs: int) -> Trees:
        """Return the trees that `to_dict` gave; raise `ValueError` where they do not fit or ask for other inputs."""
        inputs = np.array(plain["inputs"], dtype=np.intp).reshape(-1, INNER)
        thresholds = np.array(plain["thresholds"], dtype=np.float64).reshape(-1, INNER)
        values = np.array(plain["values"], dtype=np.float64).reshape(-1, LEAVES)
        numbers = np.concatenate([thresholds.ravel(), values.ravel(), [float(plain["bias"])]])
        if not len(inputs) == len(thresholds) == len(values) or not np.isfinite(numbers).all():
            raise ValueError("numbers that do not fit")
        if (inputs < 0).any() or (inputs >= n_inputs).any():
            raise ValueError("inputs that are not there")
        return cls(inputs, thresholds, values, float(plain["bias"]))
