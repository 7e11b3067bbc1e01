from __future__ import annotations

import numpy as np

from coercion_detect.joint import COLUMNS, MOST, Joint, inputs

RNG = np.random.default_rng(0)
HEADS = RNG.normal(size=(5, 16)) * 3


def _joint() -> Joint:
    n_inputs = inputs(HEADS, np.zeros(16), np.ones(16)).shape[1]
    weights = RNG.normal(size=(n_inputs, len(COLUMNS)))
    return Joint(np.zeros(16), np.ones(16), weights, RNG.normal(size=len(COLUMNS)))


def test_inputs_are_log_odds_their_products_and_their_sigmoids() -> None:
    made = inputs(HEADS, np.full(16, 0.5), np.full(16, 2.0))
    standard = (np.clip(HEADS, -MOST, MOST) - 0.5) / 2.0
    assert made.shape == (5, 16 + 136 + 16)
    assert np.allclose(made[:, :16], standard)
    assert np.allclose(made[:, 16], standard[:, 0] ** 2) and np.allclose(made[:, 17], standard[:, 0] * standard[:, 1])
    assert ((made[:, -16:] > 0) & (made[:, -16:] < 1)).all()


def test_a_head_that_is_sure_need_not_be_surer() -> None:
    joint = _joint()
    assert np.array_equal(joint.log_odds(np.full((1, 16), MOST)), joint.log_odds(np.full((1, 16), 50.0)))


def test_what_is_stored_is_everything() -> None:
    joint = _joint()
    assert len(joint.stored) == 16 + 16 + 18 + 168 * 18
    assert np.array_equal(joint.stored[50 : 50 + 18], joint.weights[0])
