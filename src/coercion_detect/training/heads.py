"""One logistic regression per head: twelve tactics, two acts, and one with three classes for framing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from coercion_detect.taxonomy import FRAMINGS
from coercion_detect.training.dataset import Dataset

_GENERAL = FRAMINGS.index("general")
SEED_WEIGHT = 20.0  # each of the eight phrases that everything began with counts as this many texts
Weights = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Heads:
    """Weights (n_features, 16) and bias (16,); framing columns are relative to ``general``."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def log_odds(self, matrix: sparse.csr_matrix) -> NDArray[np.float64]:
        """Return log-odds, shape (n_texts, 16)."""
        return np.asarray(matrix @ self.weights + self.bias)


def targets(dataset: Dataset) -> NDArray[np.bool_]:
    """Return what each tactic and act head learns, shape (n_texts, 14)."""
    return np.column_stack([dataset.tactics, dataset.acts])


def fit_heads(
    matrix: sparse.csr_matrix,
    dataset: Dataset,
    rows: NDArray[np.intp],
    *,
    c: float,
    framing_c: float,
    jobs: int = 1,
) -> Heads:
    """Fit every head on the texts ``rows`` of the data set; ``matrix`` holds just those rows."""
    wanted, known = targets(dataset)[rows], dataset.known[rows]
    weights_of_texts = np.where(dataset.is_seed[rows], SEED_WEIGHT, 1.0)
    # framing takes longest, so it goes first; processes, because threads would share the solver's random numbers,
    # and nothing by shared memory, because the solver asks for arrays it may write to
    framing, *single = Parallel(n_jobs=jobs, max_nbytes=None)(
        [delayed(_fit_framing)(matrix, dataset.framing[rows], weights_of_texts * known[:, -1], framing_c)]
        + [delayed(_fit_one)(matrix, wanted[:, i], weights_of_texts * known[:, i], c) for i in range(wanted.shape[1])]
    )
    weights = [coef[0] for coef, _ in single]
    bias = [intercept[0] for _, intercept in single]
    for k in range(len(FRAMINGS)):
        if k != _GENERAL:
            weights.append(framing[0][k] - framing[0][_GENERAL])
            bias.append(framing[1][k] - framing[1][_GENERAL])
    return Heads(np.array(weights).T, np.array(bias))


def _fit_one(matrix: sparse.csr_matrix, wanted: NDArray[np.bool_], of_texts: NDArray[np.float64], c: float) -> Weights:
    # dual coordinate descent: the fastest here, and the same weights for the same data, as its order is seeded
    model = LogisticRegression(C=c, solver="liblinear", dual=True, tol=0.1, max_iter=1000, random_state=0)
    with threadpool_limits(1):  # a worker process begins with its own limits
        model.fit(matrix, wanted, sample_weight=of_texts)
    return model.coef_, model.intercept_


def _fit_framing(
    matrix: sparse.csr_matrix, wanted: NDArray[np.intp], of_texts: NDArray[np.float64], c: float
) -> Weights:
    model = LogisticRegression(C=c, solver="lbfgs", tol=1e-5, max_iter=1000)
    with threadpool_limits(1):
        model.fit(matrix, wanted, sample_weight=of_texts)
    return model.coef_, model.intercept_
