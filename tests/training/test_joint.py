from __future__ import annotations

import numpy as np

from coercion_detect.joint import FRAMING_OF_TAGGED
from coercion_detect.training.joint import fit_joint

KNOWN = np.ones((3000, 15), dtype=bool)


def _texts(n: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Heads that are noisy, and a refusal that takes a tactic away: no head sees that alone."""
    rng = np.random.default_rng(0)
    heads = rng.normal(size=(n, 16)) * 2
    wanted = rng.random((n, 14)) < 0.1
    wanted[:, 12] = heads[:, 12] > 0
    wanted[:, 0] = (heads[:, 0] > 0) & ~wanted[:, 12]
    framing = np.where(heads[:, 14] > 0, 0, np.where(heads[:, 15] > 0, 1, 2))
    return heads, wanted, framing, np.asarray(wanted[:, :12].any(axis=1))


def test_the_second_stage_reads_heads_together() -> None:
    heads, wanted, framing, has_tactic = _texts()
    joint = fit_joint(
        heads[:2000], wanted[:2000], framing[:2000], has_tactic=has_tactic[:2000], known=KNOWN[:2000], c=1.0
    )
    found = joint.log_odds(heads[2000:])[:, 0] > 0
    assert (found == wanted[2000:, 0]).mean() > 0.95
    assert ((heads[2000:, 0] > 0) == wanted[2000:, 0]).mean() < 0.8


def test_scores_are_calibrated() -> None:
    heads, wanted, framing, has_tactic = _texts()
    joint = fit_joint(heads[:2000], wanted[:2000], framing[:2000], has_tactic=has_tactic[:2000], known=KNOWN[:2000])
    scores = 1 / (1 + np.exp(-joint.log_odds(heads[2000:])[:, :14]))
    assert np.abs(scores.mean(axis=0) - wanted[2000:].mean(axis=0)).max() < 0.05


def test_framing_of_texts_with_a_tactic_is_learned_from_them_alone() -> None:
    heads, wanted, framing, has_tactic = _texts()
    framing[has_tactic] = 1
    framing[np.flatnonzero(has_tactic)[:20]] = 0
    framing[np.flatnonzero(has_tactic)[20:40]] = 2
    shares = fit_joint(heads, wanted, framing, has_tactic=has_tactic, known=KNOWN).log_odds(heads)[:, FRAMING_OF_TAGGED]
    assert (np.column_stack([shares, np.zeros(len(shares))]).argmax(axis=1) == 1).mean() > 0.95


def test_a_framing_that_no_text_with_a_tactic_has_is_never_found() -> None:
    heads, wanted, framing, has_tactic = _texts()
    framing[has_tactic & (framing == 2)] = 1
    shares = fit_joint(heads, wanted, framing, has_tactic=has_tactic, known=KNOWN).log_odds(heads)[:, FRAMING_OF_TAGGED]
    assert (np.column_stack([shares, np.zeros(len(shares))]).argmax(axis=1) != 2).all()


def test_a_label_that_is_not_known_is_not_learned_from() -> None:
    heads, wanted, framing, has_tactic = _texts()
    known = KNOWN.copy()
    known[1500:, 3] = False
    changed = wanted.copy()
    changed[1500:, 3] ^= True
    fits = [fit_joint(heads, labels, framing, has_tactic=has_tactic, known=known) for labels in (wanted, changed)]
    assert np.array_equal(fits[0].weights, fits[1].weights)
