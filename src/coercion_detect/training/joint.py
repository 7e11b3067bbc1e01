"""Fit the second stage on log-odds that the heads gave to texts they had not seen."""

from __future__ import annotations

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from coercion_detect.joint import MOST, Joint, inputs
from coercion_detect.taxonomy import FRAMINGS

C = 0.03
_GENERAL = FRAMINGS.index("general")
_NEVER = -10.0  # log-odds
_Weights = tuple[NDArray[np.float64], NDArray[np.float64]]


def fit_joint(
    heads: NDArray[np.float64],
    wanted: NDArray[np.bool_],
    framing: NDArray[np.intp],
    *,
    has_tactic: NDArray[np.bool_],
    known: NDArray[np.bool_],
    c: float = C,
    jobs: int = 1,
) -> Joint:
    """Fit on out-of-fold log-odds of the heads (n, 16), labels (n, 14) and framings (n,).

    ``known`` (n, 15) says which labels, and last whether the framing, to learn from which text.
    """
    center, spread = heads.clip(-MOST, MOST).mean(axis=0), heads.clip(-MOST, MOST).std(axis=0) + 1e-9
    matrix = inputs(heads, center, spread)
    mean, size = matrix.mean(axis=0), matrix.std(axis=0) + 1e-9
    standard = (matrix - mean) / size
    with threadpool_limits(1):  # many small products: threads of the linear algebra would get in one another's way
        single = Parallel(n_jobs=jobs, prefer="threads")(
            delayed(_fit_one)(standard[known[:, i]], wanted[known[:, i], i], c) for i in range(wanted.shape[1])
        )
        parts = (known[:, -1], known[:, -1] & has_tactic)
        framings = [_fit_framing(standard[part], framing[part], c) for part in parts]
    fits = [*single, *(column for both in framings for column in both)]
    weights = np.array([coef for coef, _ in fits]).T / size[:, None]
    bias = np.array([intercept for _, intercept in fits]) - mean @ weights
    return Joint(center, spread, weights, bias)


def _fit_one(matrix: NDArray[np.float64], wanted: NDArray[np.bool_], c: float) -> _Weights:
    # few columns, many rows: Newton's method needs a handful of steps
    model = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-6).fit(matrix, wanted)
    return model.coef_[0], model.intercept_[0]


def _fit_framing(matrix: NDArray[np.float64], framing: NDArray[np.intp], c: float) -> list[_Weights]:
    """Return weights of "addressed" and "reported" relative to "general"; a framing never seen is never found."""
    there = np.unique(framing)
    coef, intercept = np.zeros((len(FRAMINGS), matrix.shape[1])), np.full(len(FRAMINGS), _NEVER)
    intercept[there] = 0.0
    if len(there) > 1:
        model = LogisticRegression(C=c, solver="lbfgs", tol=1e-5, max_iter=1000).fit(matrix, framing)
        learned = there[1:] if len(there) == 2 else there  # with two classes scikit-learn gives the second alone
        coef[learned], intercept[learned] = model.coef_, model.intercept_
    others = [k for k in range(len(FRAMINGS)) if k != _GENERAL]
    return [(coef[k] - coef[_GENERAL], intercept[k] - intercept[_GENERAL]) for k in others]
