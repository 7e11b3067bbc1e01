from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coercion_detect.in_context.trees import DEPTH, INNER, LEAVES, Trees
from tests.in_context.contexts import one_question, random_trees

N_INPUTS = 7


def random_rows(n: int, *, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng(seed).uniform(-6, 6, (n, N_INPUTS))


def climbed(trees: Trees, row: list[float]) -> float:
    """Return the log-odds of a row, question by question."""
    total = trees.bias
    for inputs, thresholds, values in zip(trees.inputs, trees.thresholds, trees.values, strict=True):
        leaf, first, width = 0, 0, 1
        for _ in range(DEPTH):
            question = first + leaf
            leaf = 2 * leaf + int(row[inputs[question]] > thresholds[question])
            first, width = first + width, 2 * width
        total += float(values[leaf])
    return total


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(0, 12))
def test_trees_are_climbed_question_by_question(seed: int, n: int, n_rows: int) -> None:
    trees, rows = random_trees(N_INPUTS, seed=seed, n=n), random_rows(n_rows, seed=seed)
    found = trees.log_odds(rows)
    assert found.shape == (n_rows,)
    assert found.tolist() == pytest.approx([climbed(trees, row) for row in rows.tolist()], abs=1e-12)


def test_what_equals_a_threshold_goes_left() -> None:
    trees = one_question(2, no=-1.0, yes=1.0)
    rows = np.zeros((4, N_INPUTS))
    rows[:, 2] = -1.0, 0.0, 1e-9, 5.0
    assert trees.log_odds(rows).tolist() == [-1.0, -1.0, 1.0, 1.0]


@pytest.mark.parametrize("n_trees", [1, 7, 8, 250])
@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_rows_are_read_the_same_alone_and_in_lots(n_trees: int, size: int) -> None:
    trees, rows = random_trees(N_INPUTS, n=n_trees), random_rows(600)
    in_lots = [trees.log_odds(rows[first : first + size]) for first in range(0, len(rows), size)]
    assert np.concatenate(in_lots).tolist() == trees.log_odds(rows).tolist()


def test_no_rows_and_no_trees_are_read_too() -> None:
    assert random_trees(N_INPUTS).log_odds(np.empty((0, N_INPUTS))).tolist() == []
    assert random_trees(N_INPUTS, n=0).log_odds(random_rows(3)).tolist() == [0.1] * 3


def test_plain_data_give_the_same_again() -> None:
    trees, rows = random_trees(N_INPUTS), random_rows(50)
    text = json.dumps(trees.to_dict())
    again = Trees.of(json.loads(text), n_inputs=N_INPUTS)
    assert json.dumps(again.to_dict()) == text
    assert again.log_odds(rows).tolist() == trees.log_odds(rows).tolist()


def plain(**other: object) -> dict[str, Any]:
    return random_trees(N_INPUTS, n=2).to_dict() | other


BAD: dict[str, dict[str, Any]] = {
    "an input too many": plain(inputs=[[N_INPUTS] * INNER] * 2),
    "an input below the first": plain(inputs=[[-1] * INNER] * 2),
    "a question too few": plain(thresholds=[[0.0] * (INNER - 1)] * 2),
    "a tree without thresholds": plain(thresholds=[[0.0] * INNER]),
    "a leaf too many": plain(values=[[0.0] * (LEAVES + 1)] * 2),
    "a tree without leaves": plain(values=[[0.0] * LEAVES]),
    "trees of several sizes": plain(values=[[0.0] * LEAVES, [0.0]]),
    "a threshold that is not finite": plain(thresholds=[[float("inf")] * INNER] * 2),
    "a value that is not finite": plain(values=[[float("nan")] * LEAVES] * 2),
    "a bias that is not finite": plain(bias=float("nan")),
    "values that are words": plain(values=[["a"] * LEAVES] * 2),
}


@pytest.mark.parametrize("kind", BAD)
def test_numbers_that_do_not_fit_are_refused(kind: str) -> None:
    with pytest.raises(ValueError):
        Trees.of(BAD[kind], n_inputs=N_INPUTS)
