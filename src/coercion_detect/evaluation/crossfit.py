"""Decisions on texts that nothing was fitted to: not the weights, not the second stage, not the thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coercion_detect.joint import COLUMNS, FRAMING, FRAMING_OF_TAGGED, N_SCORES, sigmoid
from coercion_detect.taxonomy import TACTICS
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.heads import targets
from coercion_detect.training.joint import fit_joint
from coercion_detect.training.thresholds import choose_thresholds
from coercion_detect.windows import Spread


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """Cross-fitted scores and decisions of the texts ``rows`` of a data set.

    ``scores`` (n, 14) of tactics and acts; ``possible`` and ``likely`` (n, 12), the former including the
    latter; ``framing`` (n,) as a number in `FRAMINGS`. Messages of conversations are not among the rows; ``log_odds``
    (n_texts, 18) has every text of the data set, where it was kept.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.float64]
    possible: NDArray[np.bool_]
    likely: NDArray[np.bool_]
    framing: NDArray[np.intp]
    log_odds: NDArray[np.float64] | None = None


def cross_fit(dataset: Dataset, log_odds: NDArray[np.float64], cut: Spread, fold_of: NDArray[np.intp]) -> Decisions:
    """Decide each fold with a second stage and thresholds chosen on the other folds' out-of-fold scores."""
    measured = (fold_of >= 0) & ~dataset.is_message
    rows = np.flatnonzero(measured)
    wholes = log_odds[cut.firsts]
    strongest = np.full((len(dataset), len(COLUMNS)), np.nan)
    framing = np.full(len(dataset), -1, dtype=np.intp)
    possible = np.zeros((len(dataset), len(TACTICS)), dtype=bool)
    likely = possible.copy()
    wanted = targets(dataset)
    for number in np.unique(fold_of[rows]):
        inside = np.flatnonzero(fold_of == number)
        others = np.flatnonzero((fold_of >= 0) & (fold_of != number))
        joint = fit_joint(
            wholes[others],
            wanted[others],
            dataset.framing[others],
            has_tactic=dataset.has_tactic[others],
            known=dataset.known_together[others],
            jobs=2,
        )
        together = joint.log_odds(np.nan_to_num(log_odds))  # the seed phrases have none
        highest = cut.strongest(together, parts=len(TACTICS))
        of_texts = others[measured[others]]
        chosen = choose_thresholds(sigmoid(highest[of_texts, : len(TACTICS)]), wanted[of_texts, : len(TACTICS)])
        scores = sigmoid(highest[inside, : len(TACTICS)])
        possible[inside] = scores >= np.array([chosen[t].possible for t in TACTICS])
        likely[inside] = scores >= np.array([chosen[t].likely for t in TACTICS])
        strongest[inside] = highest[inside]
        shares = together[cut.firsts[inside]]
        tagged = np.asarray(possible[inside].any(axis=1))[:, None]
        shares = np.where(tagged, shares[:, FRAMING_OF_TAGGED], shares[:, FRAMING])
        framing[inside] = np.column_stack([shares, np.zeros(len(inside))]).argmax(axis=1)
    scores = sigmoid(strongest[rows, :N_SCORES])
    return Decisions(rows, scores, possible[rows], likely[rows], framing[rows], strongest)
