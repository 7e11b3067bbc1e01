from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from coercion_detect.evaluation.bootstrap import (
    GroupBootstrap,
    affordable,
    auroc,
    average_precision,
    calibration_draws,
    ends_of_ties,
)
from coercion_detect.evaluation.metrics import calibration_error

RNG = np.random.default_rng(0)
WANTED = RNG.random(400) < 0.2
SCORES = RNG.random(400) + 0.5 * WANTED
GROUPS = np.arange(400) // 2


def test_figures_are_those_of_scikit_learn() -> None:
    draw = GroupBootstrap(GROUPS, resamples=50)
    assert np.isclose(draw.ranking(average_precision, SCORES, WANTED).value, average_precision_score(WANTED, SCORES))
    assert np.isclose(draw.ranking(auroc, SCORES, WANTED).value, roc_auc_score(WANTED, SCORES))
    assert np.isclose(draw.f1(SCORES > 0.8, WANTED).value, f1_score(WANTED, SCORES > 0.8))


def test_an_interval_holds_its_value() -> None:
    draw = GroupBootstrap(GROUPS, resamples=200)
    for figure in (draw.f1(SCORES > 0.8, WANTED), draw.ranking(auroc, SCORES, WANTED), draw.mean(SCORES)):
        assert figure.low < figure.value < figure.high


def test_groups_are_drawn_whole() -> None:
    weights = GroupBootstrap(GROUPS, resamples=20).weights
    assert (weights[:, ::2] == weights[:, 1::2]).all()


def test_fewer_groups_give_wider_intervals() -> None:
    values = np.repeat(RNG.random(8), 50)
    few = GroupBootstrap(np.arange(400) // 50, resamples=300).mean(values)
    many = GroupBootstrap(np.arange(400), resamples=300).mean(values)
    assert few.value == many.value
    assert few.high - few.low > 2 * (many.high - many.low)


@pytest.mark.parametrize("resamples", [10, 100])
def test_a_figure_without_cases_is_no_number(resamples: int) -> None:
    nothing = np.zeros(400, dtype=bool)
    assert str(GroupBootstrap(GROUPS, resamples=resamples).ratio(WANTED, nothing)) == "–"


@pytest.mark.parametrize("digits", [0, 1, 2])
def test_texts_of_one_score_have_no_order(digits: int) -> None:
    draw, scores = GroupBootstrap(GROUPS, resamples=50), np.asarray(np.round(SCORES, digits), dtype=np.float64)
    for order in (np.arange(400), np.arange(400)[::-1]):
        tied, wanted = scores[order], WANTED[order]
        assert np.isclose(draw.ranking(average_precision, tied, wanted).value, average_precision_score(WANTED, scores))
        assert np.isclose(draw.ranking(auroc, tied, wanted).value, roc_auc_score(WANTED, scores))


def test_ties_end_where_the_score_changes() -> None:
    assert ends_of_ties(np.array([3.0, 3.0, 2.0, 1.0, 1.0])).tolist() == [1, 1, 2, 4, 4]
    assert ends_of_ties(np.empty(0)).tolist() == []


def test_calibration_error_is_the_same_with_and_without_draws() -> None:
    scores = np.clip(SCORES, 0, 1)
    once = calibration_draws(scores, WANTED, np.ones((1, 400), dtype=np.float32), bins=10)
    assert np.isclose(once[0], calibration_error(scores, WANTED), rtol=1e-5)


def test_large_files_get_fewer_resamples_but_never_few() -> None:
    assert [affordable(n) for n in (0, 1_000, 50_000, 100_000, 10_000_000)] == [1000, 1000, 1000, 500, 100]
