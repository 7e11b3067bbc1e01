from __future__ import annotations

import numpy as np
import pytest

from coercion_detect.evaluation.metrics import (
    any_tactic,
    calibration_error,
    confusion,
    precision_recall,
    reliability,
    threshold_table,
    worth,
)


@pytest.mark.parametrize(
    ("found", "false_alarms", "prevalence", "expected"),
    [(1.0, 0.0, 0.001, 1.0), (0.5, 0.5, 0.1, 0.1), (0.8, 0.01, 0.01, 0.008 / (0.008 + 0.0099)), (0.0, 0.1, 0.5, 0.0)],
)
def test_a_tag_is_worth_less_where_tactics_are_rare(
    found: float, false_alarms: float, prevalence: float, expected: float
) -> None:
    assert np.isclose(worth(found, false_alarms, prevalence), expected)


def test_perfect_scores_have_no_calibration_error() -> None:
    wanted = np.array([True, False, True, False])
    assert calibration_error(wanted.astype(float), wanted) == 0


def test_confident_mistakes_have_all_of_it() -> None:
    wanted = np.array([True, False, True, False])
    assert calibration_error((~wanted).astype(float), wanted) == 1


def test_reliability_counts_every_score_once() -> None:
    scores = np.linspace(0, 1, 101)
    assert sum(n for *_, n in reliability(scores, scores > 0.5)) == 101


def test_more_of_any_tactic_ranks_higher() -> None:
    scores = np.array([[0.1, 0.1], [0.5, 0.1], [0.5, 0.5], [1.0, 0.0]])
    ranked = any_tactic(scores)
    assert list(np.argsort(ranked)) == [0, 1, 2, 3] and np.isfinite(ranked).all()


def test_the_threshold_table_counts_what_reaches_a_score() -> None:
    at = threshold_table(np.array([0.1, 0.4, 0.6, 0.9]), np.array([False, True, False, True]))
    by_threshold = {row.threshold: row for row in at}
    assert (by_threshold[0.5].precision, by_threshold[0.5].recall, by_threshold[0.5].f1) == (0.5, 0.5, 0.5)
    assert np.isnan(by_threshold[0.95].precision) and by_threshold[0.95].recall == 0.0


@pytest.mark.parametrize("points", [5, 200])
def test_the_curve_ends_where_everything_is_found(points: int) -> None:
    rng = np.random.default_rng(3)
    wanted = rng.random(500) < 0.3
    scores = np.asarray(np.round(rng.random(500) + 0.5 * wanted, 2), dtype=np.float64)
    curve = precision_recall(scores, wanted, points=points)
    recalls = [recall for recall, _ in curve]
    assert recalls == sorted(recalls) and recalls[-1] == 1.0 and len(curve) <= points


def test_confusion_leaves_texts_with_several_labels_out() -> None:
    wanted = np.array([[1, 0], [1, 0], [0, 1], [1, 1], [0, 0]], dtype=bool)
    tagged = np.array([[1, 1], [0, 0], [0, 1], [1, 0], [1, 0]], dtype=bool)
    assert confusion(wanted, tagged).tolist() == [[1, 1, 1], [0, 1, 0]]
