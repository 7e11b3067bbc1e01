"""Fit small trees with scikit-learn's histogram gradient boosting, and take them out as plain numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from coercion_detect.in_context.trees import DEPTH, INNER, LEAVES, Trees

N_TREES = 250
RATE = 0.06
FEWEST = 40  # rows in a leaf
SHRINK = 5.0
SHARE = 0.15  # of the inputs, looked at for each question: trees that differ say more together
_ALWAYS_LEFT = 1e9  # above every input


def fit_trees(rows: NDArray[np.float64], wanted: NDArray[np.bool_]) -> Trees:
    """Fit trees that tell the rows that are ``wanted`` from the others; the same rows give the same trees."""
    model = HistGradientBoostingClassifier(
        learning_rate=RATE,
        max_iter=N_TREES,
        max_depth=DEPTH,
        max_leaf_nodes=None,
        min_samples_leaf=FEWEST,
        l2_regularization=SHRINK,
        max_features=SHARE,
        early_stopping=False,
        random_state=0,
    ).fit(rows, wanted)
    return taken_out(model)


def taken_out(model: HistGradientBoostingClassifier) -> Trees:
    """Return the trees of a fitted model, completed where a branch ends early.

    scikit-learn has no public way to them; ``tests/training/test_boosting.py`` holds the two to the same numbers.
    """
    n = len(model._predictors)
    inputs = np.zeros((n, INNER), dtype=np.intp)
    thresholds = np.full((n, INNER), _ALWAYS_LEFT)
    values = np.zeros((n, LEAVES))
    for number, (predictor,) in enumerate(model._predictors):
        _take(predictor.nodes, 0, 0, inputs[number], thresholds[number], values[number])
    bias = round(float(model._baseline_prediction.item()), 6)
    return Trees(inputs, thresholds.round(4), values.round(5), bias)


def _take(
    nodes: NDArray[np.void],
    node: int,
    place: int,
    inputs: NDArray[np.intp],
    thresholds: NDArray[np.float64],
    values: NDArray[np.float64],
) -> None:
    one = nodes[node]
    if place >= INNER:
        values[place - INNER] = one["value"]
    elif one["is_leaf"]:  # what stands to the left is always taken
        _take(nodes, node, 2 * place + 1, inputs, thresholds, values)
    else:
        inputs[place], thresholds[place] = one["feature_idx"], one["num_threshold"]
        _take(nodes, one["left"], 2 * place + 1, inputs, thresholds, values)
        _take(nodes, one["right"], 2 * place + 2, inputs, thresholds, values)
