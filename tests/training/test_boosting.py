from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from coercion_detect.in_context.trees import DEPTH, Trees
from coercion_detect.training import boosting
from coercion_detect.training.boosting import FEWEST, fit_trees, taken_out

N_INPUTS = 6
N_TREES = 30


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosting, "N_TREES", N_TREES)
    monkeypatch.setattr(boosting, "SHARE", 0.5)


def data(n: int, *, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return rows of values with two places, and which are wanted: no single input says so."""
    rng = np.random.default_rng(seed)
    rows = rng.uniform(-6, 6, (n, N_INPUTS)).round(2)
    rows[rng.random(rows.shape) < 0.1] = -10.0
    return rows, np.asarray(rows[:, 0] * rows[:, 1] + rows[:, 2] + rng.normal(0, 2, n) > 0)


def fitted(n: int, *, seed: int, fewest: int) -> tuple[HistGradientBoostingClassifier, NDArray[np.float64]]:
    rows, wanted = data(n, seed=seed)
    model = HistGradientBoostingClassifier(
        learning_rate=0.3,
        max_iter=N_TREES,
        max_depth=DEPTH,
        max_leaf_nodes=None,
        min_samples_leaf=fewest,
        early_stopping=False,
        random_state=seed,
    )
    return model.fit(rows, wanted), rows


def n_ending_early(model: HistGradientBoostingClassifier) -> int:
    return sum(((one.nodes["is_leaf"] == 1) & (one.nodes["depth"] < DEPTH)).sum() for (one,) in model._predictors)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("n", "fewest"), [(2000, 20), (300, 20), (120, 40), (70, 40)])
def test_trees_taken_out_give_the_decision_values_of_scikit_learn(n: int, fewest: int, seed: int) -> None:
    model, rows = fitted(n, seed=seed, fewest=fewest)
    others = data(500, seed=seed + 100)[0] + 0.001  # none is where a threshold can be, half way between two rows
    for some in (rows, others):
        np.testing.assert_allclose(
            taken_out(model).log_odds(some), model.decision_function(some), atol=N_TREES * 0.5e-5 + 1e-6, rtol=0
        )


@pytest.mark.parametrize(("n", "fewest"), [(300, 20), (120, 40)])
def test_branches_that_end_early_are_completed(n: int, fewest: int) -> None:
    model, rows = fitted(n, seed=0, fewest=fewest)
    trees = taken_out(model)
    assert n_ending_early(model) > N_TREES
    assert len(trees.inputs) == N_TREES and (trees.thresholds > rows.max()).any(axis=1).all()


def test_trees_without_a_single_question_give_the_share_of_what_is_wanted() -> None:
    model, rows = fitted(70, seed=0, fewest=40)
    assert {len(one.nodes) for (one,) in model._predictors} == {1}
    share = data(70)[1].mean()
    assert taken_out(model).log_odds(rows) == pytest.approx(np.log(share / (1 - share)), abs=1e-3)


def test_fitted_trees_tell_rows_apart() -> None:
    rows, wanted = data(3000)
    others, of_others = data(1000, seed=1)
    found = fit_trees(rows, wanted).log_odds(others)
    assert ((found > 0) == of_others).mean() > 0.75


def test_fitted_trees_are_short_numbers_that_are_read_again_as_they_were() -> None:
    trees = fit_trees(*data(600))
    plain = json.loads(json.dumps(trees.to_dict()))
    assert Trees.of(plain, n_inputs=N_INPUTS).to_dict() == trees.to_dict()
    assert (trees.thresholds == trees.thresholds.round(4)).all() and (trees.values == trees.values.round(5)).all()
    assert len(trees.inputs) == N_TREES


def test_a_leaf_stands_for_no_fewer_rows_than_it_must() -> None:
    rows, wanted = data(2 * FEWEST - 1)
    assert len(np.unique(fit_trees(rows, wanted).log_odds(rows))) == 1
    rows, wanted = data(4 * FEWEST)
    assert len(np.unique(fit_trees(rows, wanted).log_odds(rows))) > 1


def test_the_same_rows_give_the_same_trees() -> None:
    rows, wanted = data(600)
    once, again = (json.dumps(fit_trees(rows.copy(), wanted.copy()).to_dict()) for _ in range(2))
    assert once == again
