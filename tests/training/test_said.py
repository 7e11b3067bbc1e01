from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from coercion_detect.in_context.neighbours import ANSWERED_WITHIN, numbered, other_after, other_before
from coercion_detect.in_context.said import ROLES, Said
from coercion_detect.in_context.turns import Turn
from coercion_detect.training import said
from coercion_detect.training.said import FEWEST, SLIGHT, Terms, fit_said, roles_of
from tests.in_context.contexts import random_turns, turn

Wanted = NDArray[np.bool_]


def alone(*messages: str, times: int = 1) -> list[Terms]:
    """Return the roles of messages that nobody is near; their terms are words."""
    own = [message.split() for message in messages] * times
    nobody: list[Sequence[str]] = [()] * len(own)
    return [own, nobody, nobody]


def chats(*, seed: int = 0, n: int = 40) -> tuple[list[list[Turn]], Wanted]:
    """Return chats, and what is wanted of each message: what its words and those near it say, not always."""
    rng = np.random.default_rng(seed)
    turns = [random_turns(int(rng.integers(0, 14)), seed=seed + i, senders="ABC") for i in range(n)]
    own, before, after = roles_of(turns)
    hints = [("no" in o) + ("please" in b) - ("tea" in a) for o, b, a in zip(own, before, after, strict=True)]
    noisy = np.array(hints)[:, None] + rng.normal(0, 0.7, (len(own), 2))
    return turns, np.asarray(noisy > 0.5)


def read(made: Said, turns: Sequence[Sequence[Turn]]) -> NDArray[np.float64]:
    parts = []
    for of_one in turns:
        senders = numbered([one.sender for one in of_one])
        parts.append(made.log_odds([one.terms for one in of_one], other_before(senders), other_after(senders)))
    return np.concatenate(parts)


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """Return a list to which every model of scikit-learn's is added as it is fitted, with its matrix."""
    kept: list[tuple[Any, Any]] = []

    class Kept(LogisticRegression):  # type: ignore[misc]
        def fit(self, matrix: Any, wanted: Any) -> Any:  # noqa: ANN401 scikit-learn has no types
            kept.append((super().fit(matrix, wanted), matrix))
            return self

    monkeypatch.setattr(said, "LogisticRegression", Kept)
    return kept


@pytest.mark.parametrize("seed", range(3))
def test_what_was_fitted_gives_the_decision_values_of_scikit_learn(seed: int, fits: list[tuple[Any, Any]]) -> None:
    turns, wanted = chats(seed=seed)
    made = fit_said(roles_of(turns), wanted)
    last = [model.decision_function(matrix) for model, matrix in fits[-2:]]
    assert len(fits) == 4 and np.std(last) > 0.3
    np.testing.assert_allclose(read(made, turns), np.column_stack(last), atol=0.02)  # weights have two places


def test_what_was_fitted_tells_messages_apart() -> None:
    turns, wanted = chats()
    found = read(fit_said(roles_of(turns), wanted), turns)
    assert ((found > 0) == wanted).mean(axis=0) == pytest.approx([1, 1], abs=0.25)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 12), max_size=5))
def test_roles_are_the_terms_of_a_message_and_of_the_nearest_others(seed: int, sizes: list[int]) -> None:
    turns = [random_turns(n, seed=seed + i, senders="ABC") for i, n in enumerate(sizes)]
    own, before, after = roles_of(turns)
    wanted: list[tuple[tuple[str, ...], ...]] = []
    for of_one in turns:
        for i, one in enumerate(of_one):
            earlier = [t.terms for t in of_one[max(i - ANSWERED_WITHIN, 0) : i] if t.sender != one.sender]
            later = [t.terms for t in of_one[i + 1 : i + 1 + ANSWERED_WITHIN] if t.sender != one.sender]
            wanted.append((one.terms, earlier[-1] if earlier else (), later[0] if later else ()))
    assert list(zip(own, before, after, strict=True)) == wanted


def test_rare_terms_are_not_known() -> None:
    messages = ["rare often"] * (FEWEST - 1) + ["often enough"] * FEWEST + ["other"] * 20
    wanted = np.column_stack([np.array(["often" in m for m in messages])] * 2)
    known = fit_said(alone(*messages), wanted).to_dict()["own"]
    assert set(known) == {"often", "enough", "other"}
    assert known["often"][0] > 0 > known["other"][0]


def test_a_term_is_known_in_the_roles_in_which_it_stands_often() -> None:
    turns = [[turn("A", "please"), turn("B", "no" if i % 2 else "tea"), turn("A", "rain")] for i in range(3 * FEWEST)]
    wanted = np.array([[one.terms[0] == "no"] * 2 for of_one in turns for one in of_one])
    known = fit_said(roles_of(turns), wanted).to_dict()
    assert {"no", "tea"} <= set(known["own"]) and "please" in known["before"] and "rain" in known["answer"]
    assert "rain" not in known["before"] and "please" not in known["answer"]


def test_slight_terms_are_left_out_before_the_last_fit(fits: list[tuple[Any, Any]]) -> None:
    wanted = np.array([[True, True], [True, True], [False, False], [False, False]] * 20)
    made = fit_said(alone("no soup", "no", "yes soup", "yes", times=20), wanted)  # "soup" says nothing
    known = made.to_dict()["own"]
    assert set(known) == {"no", "yes"} and all(max(map(abs, weights)) > SLIGHT for weights in known.values())
    assert [matrix.shape[1] for _, matrix in fits] == [3, 3, 2, 2]


def test_a_term_is_kept_that_says_something_of_either() -> None:
    wanted = np.array([[True, True], [True, False], [False, True], [False, False]] * 20)
    known = fit_said(alone("no soup", "no", "yes soup", "yes", times=20), wanted).to_dict()["own"]
    assert set(known) == {"no", "soup", "yes"}
    assert known["soup"][1] > SLIGHT > abs(known["soup"][0])


def test_fitting_twice_gives_the_same() -> None:
    turns, wanted = chats()
    once, again = (fit_said(roles_of(turns), wanted).to_dict() for _ in range(2))
    assert once == again and [list(once[role]) for role in ROLES] == [list(again[role]) for role in ROLES]
