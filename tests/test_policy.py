from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coercion_detect.model import Thresholds
from coercion_detect.policy import decide

share = st.floats(0.01, 0.99)


@pytest.mark.parametrize(
    ("score", "decision"), [(0.1, None), (0.4, "possible"), (0.79, "possible"), (0.8, "likely"), (1.0, "likely")]
)
def test_scores_meet_two_thresholds(score: float, decision: str | None) -> None:
    assert decide(score, Thresholds(possible=0.4, likely=0.8)) == decision


@given(share, share, share, st.floats(0, 0.5))
def test_raising_the_thresholds_never_adds_a_tag(score: float, a: float, b: float, more: float) -> None:
    low, high = sorted((a, b))
    strength = {None: 0, "possible": 1, "likely": 2}
    before = decide(score, Thresholds(low, high))
    after = decide(score, Thresholds(low + more, high + more))
    assert strength[after] <= strength[before]
