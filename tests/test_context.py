from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coercion_detect import ModelError
from coercion_detect.context import Context, Regression
from coercion_detect.features import WordClasses
from coercion_detect.joint import COLUMNS, N_TACTICS
from coercion_detect.model import Thresholds
from coercion_detect.taxonomy import TACTICS
from coercion_detect.turns import (
    AROUND,
    LOOK_BACK,
    SURE,
    Turn,
    candidates,
    flat,
    make_turn,
    refusal_inputs,
    refusal_words,
)

REFUSAL, REQUEST = N_TACTICS, N_TACTICS + 1
CLASSES = WordClasses(b"i you no please\nsoup tea\n")


def turn(sender: str, text: str = "", *, refusal: float = -4.0, request: float = -4.0, tactic: float = -4.0) -> Turn:
    log_odds = np.full(len(COLUMNS), -4.0)
    log_odds[[REFUSAL, REQUEST, TACTICS.index("guilt_or_anger")]] = refusal, request, tactic
    return make_turn(sender, log_odds, text.split(), CLASSES)


def random_turns(n: int, *, seed: int = 0, senders: str = "AB") -> list[Turn]:
    rng = np.random.default_rng(seed)
    vocabulary = np.array(["i", "you", "no", "please", "soup", "tea", "?", "rain", "7"])
    return [
        make_turn(
            str(rng.choice(list(senders))),
            rng.normal(0, 3, len(COLUMNS)),
            rng.choice(vocabulary, rng.integers(0, 7)).tolist(),
            CLASSES,
        )
        for _ in range(n)
    ]


_CHAT = [turn("A", request=3.0), turn("B", refusal=3.0), turn("A")]
N_REFUSAL_INPUTS = len(refusal_inputs(_CHAT, 1))
N_EVENT_INPUTS = len(next(candidates(_CHAT, [-9.0, 9.0, -9.0], lowest=0.0)).inputs)


def only_words(n_inputs: int, words: dict[str, float], *, bias: float = -5.0) -> Regression:
    """Return a regression that reads words and no numbers."""
    zeros = np.zeros(n_inputs)
    return Regression(zeros, np.ones(n_inputs), zeros, bias, words)


def by_words() -> Context:
    """Return a context in which "no" refuses, and "please" after it presses on."""
    refusal = only_words(N_REFUSAL_INPUTS, {"no": 10.0})
    return Context(refusal, only_words(N_EVENT_INPUTS, {"please": 10.0}), -1.5, 0.5, 0.9)


def by_everything(*, seed: int = 0) -> Context:
    """Return a context in which every number and several words count, at random."""
    rng = np.random.default_rng(seed)

    def regression(n_inputs: int) -> Regression:
        words = ("no", "please", "? >", "@< you", "answer:no", "answer:none", "before:none", "before:please")
        return Regression(
            rng.normal(0, 1, n_inputs),
            rng.uniform(1, 4, n_inputs),
            rng.normal(0, 0.4, n_inputs),
            0.1,
            {word: float(rng.normal()) for word in words},
        )

    return Context(regression(N_REFUSAL_INPUTS), regression(N_EVENT_INPUTS), -1.5, 0.4, 0.7)


def found(turns: Sequence[Turn], refusals: Sequence[float], *, start: int = 0) -> list[tuple[int, int]]:
    return [(one.index, one.refusal) for one in candidates(turns, refusals, lowest=0.0, start=start)]


def test_a_turn_keeps_its_readings_within_what_is_sure() -> None:
    one = make_turn("A", np.linspace(-50, 50, len(COLUMNS)), ["soup", "?", "umbrella", "12"], CLASSES)
    assert (min(one.log_odds), max(one.log_odds)) == (-SURE, SURE)
    assert (one.symbols, one.asks) == (["#1", "?", "#", "#0"], True)
    assert one.tactic == max(one.log_odds[:N_TACTICS])


def test_only_what_follows_somebody_elses_refusal_is_a_candidate() -> None:
    turns = [turn(sender) for sender in "ABABB"]
    assert found(turns, [-1, 1, -1, -1, -1]) == [(2, 1)]
    assert found(turns, [-1, -1, -1, -1, -1]) == []
    assert found(turns, [1, -1, -1, -1, -1]) == [(1, 0), (3, 0), (4, 0)]


def test_a_candidate_goes_against_the_latest_refusal() -> None:
    turns = [turn(sender) for sender in "ABCA"]
    assert found(turns, [-1, 1, 1, -1]) == [(2, 1), (3, 2)]


def test_a_refusal_that_is_not_sure_enough_opens_nothing() -> None:
    turns = [turn(sender) for sender in "AB"]
    assert not list(candidates(turns, [0.5, 0.0], lowest=0.5))
    assert [one.index for one in candidates(turns, [0.5, 0.0], lowest=0.4)] == [1]


def test_a_refusal_is_forgotten_after_so_many_messages() -> None:
    turns = [turn("B"), *(turn("A") for _ in range(LOOK_BACK + 5))]
    assert [i for i, _ in found(turns, [1.0, *[-1.0] * (LOOK_BACK + 5)])] == list(range(1, LOOK_BACK + 1))


def test_a_candidate_rests_on_what_was_asked_and_on_the_next_answer() -> None:
    turns = [turn("A", request=3), turn("A"), turn("C", request=5), turn("B"), turn("A"), turn("A"), turn("B")]
    one, two = candidates(turns, [-1, -1, -1, 1, -1, -1, -1], lowest=0.0, start=4)
    assert (one.index, one.refusal, one.ask, one.answer) == (4, 3, 0, 6)
    assert (two.index, two.refusal, two.ask, two.answer) == (5, 3, 0, 6)


def test_what_nobody_asked_or_answered_rests_on_the_refusal_alone() -> None:
    (one,) = candidates([turn("B"), turn("A", "soup")], [1, -1], lowest=0.0)
    assert (one.ask, one.answer) == (None, None)
    assert "answer:none" in flat(one.words)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 100), st.integers(0, 100))
def test_no_candidate_is_by_the_one_who_refused(seed: int, n: int, start: int) -> None:
    turns = random_turns(n, seed=seed, senders="ABC")
    refusals = np.random.default_rng(seed).normal(0, 3, n).tolist()
    for one in candidates(turns, refusals, lowest=0.0, start=start):
        assert start <= one.index and 0 < one.index - one.refusal <= LOOK_BACK
        assert turns[one.refusal].sender != turns[one.index].sender and refusals[one.refusal] > 0
        assert one.ask is None or (one.ask < one.refusal and turns[one.ask].sender == turns[one.index].sender)
        assert one.answer is None or (one.answer > one.index and turns[one.answer].sender != turns[one.index].sender)
        assert len(one.inputs) == N_EVENT_INPUTS and np.isfinite(one.inputs).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_a_start_leaves_out_and_changes_nothing_else(seed: int, start: int) -> None:
    turns = random_turns(40, seed=seed)
    refusals = by_everything().refusals(turns)
    everything = list(candidates(turns, refusals, lowest=-1.5))
    assert list(candidates(turns, refusals, lowest=-1.5, start=start)) == [c for c in everything if c.index >= start]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.permutations(["A", "B", "Zoë", "", "A "]))
def test_readings_hold_whatever_the_senders_are_called(seed: int, names: list[str]) -> None:
    turns = random_turns(30, seed=seed, senders="ABC")
    called = dict(zip("ABC", names, strict=False))
    renamed = [Turn(called[t.sender], t.log_odds, t.words, t.symbols) for t in turns]
    context = by_everything()
    refusals = context.refusals(turns)
    assert context.refusals(renamed) == refusals
    assert list(candidates(renamed, refusals, lowest=0.0)) == list(candidates(turns, refusals, lowest=0.0))


def test_the_words_of_a_refusal_are_its_own_those_before_and_the_answers() -> None:
    turns = [turn("A", "please come"), turn("B", "no soup"), turn("A", "oh")]
    words = flat(refusal_words(turns, 1))
    assert {"no", "no soup", "< no", "@no #1", "before:please", "before:please come", "answer:oh"} <= set(words)
    assert "come" not in words and "oh" not in words
    alone = flat(refusal_words(turns[1:2], 0))
    assert {"before:none", "answer:none"} <= set(alone)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_refusal_is_read_the_same_wherever_the_conversation_begins(length: int) -> None:
    turns = random_turns(60)
    shorter = turns[20 - length :]
    inputs = [refusal_inputs(shorter, i) for i in range(len(shorter))]
    assert all(len(row) == N_REFUSAL_INPUTS and np.isfinite(row).all() for row in inputs)
    assert inputs[AROUND:] == [refusal_inputs(turns, i) for i in range(20 + AROUND - length, 60)]


def test_what_is_asked_far_back_does_not_warm_a_message() -> None:
    turns = [turn("A", request=5.0), *(turn("B") for _ in range(AROUND + 5))]
    asked = [refusal_inputs(turns, i)[-5] for i in range(len(turns))]
    assert asked == [5.0] * (AROUND + 1) + [-4.0] * 5


def test_a_regression_weighs_numbers_by_their_spread_and_words_by_how_few_they_are() -> None:
    words = {"no": 3.0, "soup": -1.0}
    one = Regression(np.array([1.0, 2.0]), np.array([2.0, 4.0]), np.array([1.0, -1.0]), 0.5, words)
    assert one.log_odds([3.0, 2.0], ()) == pytest.approx(1.5)
    assert one.log_odds([1.0, 6.0], (("", ("unknown",)),)) == pytest.approx(-0.5)
    assert one.log_odds([1.0, 2.0], (("", ("no",)),)) == pytest.approx(3.5)
    assert one.log_odds([1.0, 2.0], (("", ("no", "soup", "unknown")),)) == pytest.approx(0.5 + 2 / np.sqrt(2))


def test_words_of_another_message_have_weights_of_their_own() -> None:
    one = Regression(np.zeros(1), np.ones(1), np.zeros(1), 0.0, {"no": 3.0, "answer:no": -1.0, "before:soup": 7.0})
    assert one.log_odds([0.0], (("answer:", ("no", "soup")),)) == pytest.approx(-1.0)
    assert one.log_odds([0.0], (("", ("no",)), ("before:", ("soup",)))) == pytest.approx(10 / np.sqrt(2))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(0, 8))
def test_a_regression_gives_the_decision_values_of_scikit_learn(seed: int, n_inputs: int, n_words: int) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(seed)
    rows = rng.normal(3, 5, (6, n_inputs))
    there = rng.random((6, n_words)) < 0.5
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression()
    model.classes_ = np.array([False, True])
    model.coef_, model.intercept_ = rng.normal(0, 2, (1, n_inputs + n_words)), rng.normal(0, 1, 1)
    shares = there / np.sqrt(np.maximum(there.sum(axis=1, keepdims=True), 1))
    wanted = model.decision_function(np.hstack([scaler.transform(rows), shares]))
    vocabulary = {f"w{i}": float(model.coef_[0, n_inputs + i]) for i in range(n_words)}
    own = Regression(scaler.mean_, scaler.scale_, model.coef_[0, :n_inputs], float(model.intercept_[0]), vocabulary)
    for row, words, value in zip(rows, there, wanted, strict=True):
        said = [f"w{i}" for i in np.flatnonzero(words)]
        assert own.log_odds(row.tolist(), (("", (*said, "unknown")),)) == pytest.approx(value, abs=1e-9)


def test_a_saved_context_is_loaded_as_it_was(tmp_path: Path) -> None:
    context, path = by_everything(), tmp_path / "conversation.json"
    context.save(path)
    loaded = Context.load(path)
    assert (loaded.refusal.to_dict(), loaded.event.to_dict()) == (context.refusal.to_dict(), context.event.to_dict())
    assert loaded.lowest == context.lowest
    assert loaded.thresholds == context.thresholds == Thresholds(possible=0.4, likely=0.7)
    turns = random_turns(30)
    assert loaded.refusals(turns) == context.refusals(turns)
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()
    assert b"\r" not in path.read_bytes()


def _without(name: str) -> bytes:
    plain = _plain()
    del plain[name]
    return json.dumps(plain).encode()


def _plain() -> dict[str, Any]:
    context = by_words()
    numbers = {"lowest": -1.5, "possible": 0.5, "likely": 0.9}
    return {"refusal": context.refusal.to_dict(), "event": context.event.to_dict(), **numbers}


def _with(part: str, **values: object) -> bytes:
    plain = _plain()
    plain[part] = plain[part] | values
    return json.dumps(plain).encode()


DAMAGED: dict[str, bytes] = {
    "empty": b"",
    "cut off": json.dumps(_plain()).encode()[:-30],
    "a list": b"[]",
    "a number": b"7",
    "not UTF-8": b'{"refusal": "\xff"}',
    "no refusal": _without("refusal"),
    "no event": _without("event"),
    "no threshold": _without("likely"),
    "a threshold that is no number": json.dumps(_plain() | {"possible": "high"}).encode(),
    "a threshold that is null": json.dumps(_plain() | {"possible": None}).encode(),
    "a regression that is a list": json.dumps(_plain() | {"event": [1, 2]}).encode(),
    "weights that are words": _with("event", weights=["a"] * N_EVENT_INPUTS),
    "weights of several lengths": _with("event", weights=[[1], [1, 2]]),
    "words that are a list": _with("refusal", words=["no"]),
    "a word whose weight is no number": _with("refusal", words={"no": "much"}),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "conversation.json"
    path.write_bytes(DAMAGED[kind])
    with pytest.raises(ModelError, match=r"conversation\.json is damaged .* train or install it again"):
        Context.load(path)


LACKING: dict[str, bytes] = {
    "a weight too few": _with("event", weights=[0.0] * (N_EVENT_INPUTS - 1)),
    "a spread of nothing": _with("refusal", spread=[0.0] * N_REFUSAL_INPUTS),
    "weights that are not finite": _with("event", weights=[float("nan")] * N_EVENT_INPUTS),
    "likely below possible": json.dumps(_plain() | {"possible": 0.9, "likely": 0.5}).encode(),
    "a number too large": json.dumps(_plain() | {"lowest": 10**400}).encode(),
}


@pytest.mark.parametrize("kind", LACKING)
def test_a_file_that_cannot_be_read_with_is_refused_when_it_is_loaded(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "conversation.json"
    path.write_bytes(LACKING[kind])
    with pytest.raises(ModelError):
        Context.load(path)


def test_a_file_for_other_inputs_is_of_another_version(tmp_path: Path) -> None:
    path = tmp_path / "conversation.json"
    path.write_bytes(_with("event", center=[1.0], spread=[1.0], weights=[1.0]))
    with pytest.raises(ModelError, match=r"was made by another version .* train or install it again"):
        Context.load(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is missing: this model cannot read conversations"):
        Context.load(tmp_path / "conversation.json")
    with pytest.raises(ModelError, match="is missing"):
        Context.load(tmp_path)
