from __future__ import annotations

import numpy as np
import pytest

from coercion_detect.model import HEADS
from coercion_detect.taxonomy import FRAMINGS
from coercion_detect.training.calibration import SINGLE, fit_calibration


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (2.0, -1.0), (0.5, 1.5)])
def test_calibration_finds_the_slope_it_was_given(slope: float, intercept: float) -> None:
    rng = np.random.default_rng(1)
    log_odds = rng.normal(size=(40000, len(HEADS)))
    chance = 1 / (1 + np.exp(-(slope * log_odds[:, :SINGLE] + intercept)))
    wanted = rng.random(chance.shape) < chance
    values = np.column_stack([slope * log_odds[:, SINGLE:] + intercept, np.zeros(len(log_odds))])
    shares = np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)
    framing = (rng.random((len(shares), 1)) > shares.cumsum(axis=1)).sum(axis=1).clip(max=len(FRAMINGS) - 1)
    found = fit_calibration(log_odds, wanted, framing)
    assert np.allclose(found.slope, slope, rtol=0.2)
    assert np.allclose(found.intercept, intercept, atol=0.1)
