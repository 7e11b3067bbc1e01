from __future__ import annotations

import numpy as np
import pytest

from coercion_detect.evaluation.metrics import any_tactic, calibration_error, reliability, worth


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
