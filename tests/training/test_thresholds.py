from __future__ import annotations

import numpy as np
import pytest

from coercion_detect.taxonomy import TACTICS
from coercion_detect.training.thresholds import LIKELY_PRECISION, choose_thresholds


@pytest.mark.parametrize("seed", range(5))
def test_likely_reaches_the_stated_precision(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wanted = rng.random((4000, len(TACTICS))) < 0.1
    scores = 1 / (1 + np.exp(-(rng.normal(size=wanted.shape) + 4 * wanted - 3)))
    for i, thresholds in enumerate(choose_thresholds(scores, wanted).values()):
        given = scores[:, i] >= thresholds.likely
        assert wanted[given, i].mean() >= LIKELY_PRECISION
        assert thresholds.possible <= thresholds.likely


def test_without_a_clear_score_likely_is_hardly_ever_said() -> None:
    rng = np.random.default_rng(0)
    wanted = rng.random((500, len(TACTICS))) < 0.1
    scores = rng.random(wanted.shape)
    for i, thresholds in enumerate(choose_thresholds(scores, wanted).values()):
        assert (scores[:, i] >= thresholds.likely).sum() <= 1
