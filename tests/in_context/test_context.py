from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coercion_detect import ModelError
from coercion_detect.in_context.context import (
    BEHIND,
    BEYOND,
    CONTEXT_FILE,
    FORMAT,
    N_EVENT_INPUTS,
    N_REFUSAL_INPUTS,
    Context,
    Reading,
    event_rows,
    with_said,
)
from coercion_detect.in_context.neighbours import AHEAD, LOOK_BACK, N_SINCE, around, numbered, since_refusal
from coercion_detect.in_context.said import WANTED, Said
from coercion_detect.in_context.trees import INNER, LEAVES
from coercion_detect.in_context.turns import N_NUMBERS, Turn
from coercion_detect.model import Thresholds
from tests.in_context.contexts import (
    ASKING,
    OWN_EVENT,
    OWN_REFUSAL,
    by_everything,
    by_words,
    one_question,
    random_turns,
    turn,
)


def plain(reading: Reading, *, offset: int = 0) -> dict[str, Any]:
    """Return all that was read, places counted from ``-offset``."""
    found = reading.candidates
    return {
        "refusals": reading.refusals.tolist(),
        "places": (found.places + offset).tolist(),
        "against": (found.refusals + offset).tolist(),
        "asks": [ask + offset if ask >= 0 else None for ask in found.asks.tolist()],
        "events": reading.events.tolist(),
    }


def within(read: dict[str, Any], start: int, stop: int, *, offset: int = 0) -> dict[str, Any]:
    """Return what was read of the messages ``start`` up to ``stop`` (exclusive)."""
    here = [i for i, place in enumerate(read["places"]) if start <= place < stop]
    of_candidates = {name: [values[i] for i in here] for name, values in read.items() if name != "refusals"}
    return {**of_candidates, "refusals": read["refusals"][start - offset : stop - offset]}


@pytest.mark.parametrize("n", [0, 1, 2, 30])
def test_rows_have_as_many_inputs_as_trees_may_ask_for(n: int) -> None:
    turns, context = random_turns(n), by_everything()
    senders = numbered([one.sender for one in turns])
    numbers = with_said(turns, context.said, senders)
    assert numbers.shape == (n, N_NUMBERS + 2)
    assert around(numbers, senders).shape == (n, N_REFUSAL_INPUTS)
    refusals = np.linspace(-5, 5, n)
    rows, since = event_rows(numbers, refusals, senders), since_refusal(numbers, refusals, senders)
    assert rows.shape == (n, N_EVENT_INPUTS) and since.shape == (n, N_SINCE)
    assert (rows[:, -N_SINCE:] == since).all()


def test_rows_hold_what_the_words_say_where_the_tests_ask_for_it() -> None:
    turns, context = random_turns(30), by_everything()
    senders = numbered([one.sender for one in turns])
    numbers = with_said(turns, context.said, senders)
    assert (numbers[:, :N_NUMBERS] == [one.numbers for one in turns]).all()
    assert (around(numbers, senders)[:, OWN_REFUSAL] == numbers[:, N_NUMBERS]).all()
    assert (event_rows(numbers, np.zeros(30), senders)[:, OWN_EVENT] == numbers[:, N_NUMBERS + 1]).all()


@pytest.mark.parametrize("n", [0, 1])
def test_no_message_and_a_single_one_are_read(n: int) -> None:
    reading = by_everything().read(random_turns(n))
    assert (reading.refusals.shape, reading.candidates.places.tolist(), reading.events.tolist()) == ((n,), [], [])


def test_a_refusal_and_what_comes_after_it_are_read() -> None:
    turns = [turn("A", "please come"), turn("B", "no"), turn("A", "rain"), turn("A", "please"), turn("B", "please")]
    reading = by_words().read(turns)
    assert reading.refusals.tolist() == [-5.0, 5.0, -5.0, -5.0, -5.0]
    assert reading.candidates.places.tolist() == [2, 3] and reading.candidates.refusals.tolist() == [1, 1]
    assert reading.events.tolist() == [-5.0, 5.0]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 260), st.integers(0, 260), st.integers(0, 260))
def test_a_part_is_read_as_the_whole_but_for_its_beginning_and_end(seed: int, n: int, one: int, other: int) -> None:
    context, turns = by_everything(seed=seed), random_turns(n, seed=seed, senders="ABC")
    start, stop = sorted((min(one, n), min(other, n)))
    first = start + BEHIND if start else 0
    last = max(stop - BEYOND if stop < n else n, first)
    part = plain(context.read(turns[start:stop]), offset=start)
    whole = plain(context.read(turns))
    assert within(part, first, last, offset=start) == within(whole, first, last)


@pytest.mark.parametrize(("by", "counts"), [(BEHIND, True), (BEHIND + 1, False)])
def test_what_was_asked_before_a_refusal_far_back_still_counts(by: int, counts: bool) -> None:
    context = replace(by_words(), event=one_question(ASKING, no=-5.0, yes=5.0))
    turns = [turn("A") for _ in range(BEHIND + 2)]
    turns[-1 - LOOK_BACK], turns[-1 - by] = turn("B", "no"), turn("A", tactic=5.0)
    reading = context.read(turns)
    assert reading.candidates.places[-1] == len(turns) - 1
    assert reading.events[-1] == (5.0 if counts else -5.0)


@pytest.mark.parametrize(("by", "counts"), [(BEYOND, True), (BEYOND + 1, False)])
def test_an_answer_to_an_answer_still_counts(by: int, counts: bool) -> None:
    """An event that is read from a refusal after it, read from words after that, read from their answer."""
    said = Said.of({"own": {}, "before": {}, "answer": {"no": [9.0, 0.0]}, "bias": [-1.0, -1.0]})
    later = one_question(OWN_REFUSAL + AHEAD * (N_NUMBERS + len(WANTED) + 1) - 1, no=-1.0, yes=5.0)
    last = OWN_EVENT + 1 + AHEAD * (N_NUMBERS + len(WANTED) + 2) - 1  # its own row lacks whether it is by the same
    context = Context(said, later, one_question(last, no=-5.0, yes=5.0), -1.5, 0.5, 0.9)
    turns = [turn("B"), *(turn("A") for _ in range(BEYOND + 2))]
    turns[1 + by] = turn("B", "no")
    assert context.read(turns).events[0] == (5.0 if counts else -5.0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.permutations(["A", "B", "Zoë", "", "A "]))
def test_readings_hold_whatever_the_senders_are_called(seed: int, names: list[str]) -> None:
    turns = random_turns(40, seed=seed, senders="ABC")
    called = dict(zip("ABC", names, strict=False))
    renamed = [Turn(called[t.sender], t.numbers, t.terms) for t in turns]
    context = by_everything(seed=seed)
    assert plain(context.read(renamed)) == plain(context.read(turns))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 90))
def test_nobody_presses_on_against_their_own_refusal(seed: int, n: int) -> None:
    turns = random_turns(n, seed=seed, senders="ABC")
    context = by_everything(seed=seed)
    reading = context.read(turns)
    for place, refusal in zip(reading.candidates.places, reading.candidates.refusals, strict=True):
        assert refusal < place and turns[refusal].sender != turns[place].sender
        assert reading.refusals[refusal] > context.lowest
    assert len(reading.events) == len(reading.candidates.places)


def test_a_saved_context_is_loaded_as_it_was(tmp_path: Path) -> None:
    context, path = by_everything(), tmp_path / CONTEXT_FILE
    context.save(path)
    loaded = Context.load(path)
    assert loaded.lowest == context.lowest
    assert loaded.thresholds == context.thresholds == Thresholds(possible=0.4, likely=0.7)
    turns = random_turns(90, senders="ABC")
    assert plain(loaded.read(turns)) == plain(context.read(turns))
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()
    assert b"\r" not in path.read_bytes()


def _plain() -> dict[str, Any]:
    context = by_words()
    parts = {name: getattr(context, name).to_dict() for name in ("said", "refusal", "event")}
    return {"format": FORMAT, **parts, "lowest": -1.5, "possible": 0.5, "likely": 0.9}


def _without(name: str) -> bytes:
    return json.dumps({key: value for key, value in _plain().items() if key != name}).encode()


def _but(**values: object) -> bytes:
    return json.dumps(_plain() | values).encode()


def _with(part: str, **values: object) -> bytes:
    return _but(**{part: _plain()[part] | values})


DAMAGED: dict[str, bytes] = {
    "empty": b"",
    "cut off": _but()[:-30],
    "a list": b"[]",
    "a number": b"7",
    "not UTF-8": b'{"said": "\xff"}',
    "no refusal": _without("refusal"),
    "no event": _without("event"),
    "no threshold": _without("likely"),
    "a threshold that is no number": _but(possible="high"),
    "a threshold that is null": _but(possible=None),
    "a threshold that is not finite": _but(likely=float("nan")),
    "likely below possible": _but(possible=0.9, likely=0.5),
    "a number too large": _but(lowest=10**400),
    "what words say is a list": _but(said=[1, 2]),
    "terms that are a list": _with("said", own=["no"]),
    "a term whose weights are words": _with("said", own={"no": ["much", "little"]}),
    "a term of one weight": _with("said", own={"no": [1.0]}),
    "no terms of answers": _but(said={"own": {}, "before": {}, "bias": [0.0, 0.0]}),
    "trees that are a list": _but(event=[1, 2]),
    "an input that is not there": _with("refusal", inputs=[[N_REFUSAL_INPUTS] * INNER]),
    "an input that events alone have": _with("event", inputs=[[N_EVENT_INPUTS] * INNER]),
    "values that are words": _with("event", values=[["a"] * LEAVES]),
    "values that are not finite": _with("event", values=[[float("nan")] * LEAVES]),
    "values of several lengths": _with("event", values=[[1.0], [1.0, 2.0]]),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, kind: str) -> None:
    path = tmp_path / CONTEXT_FILE
    path.write_bytes(DAMAGED[kind])
    with pytest.raises(ModelError, match=r"conversation\.json is damaged .* train or install it again"):
        Context.load(path)


def test_a_file_of_an_older_version_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / CONTEXT_FILE
    regression = {"center": [1.0], "spread": [1.0], "weights": [1.0], "bias": 0.0, "words": {"no": 1.0}}
    path.write_text(json.dumps({"refusal": regression, "event": regression, "lowest": -1.5}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"was made by another version .* train or install it again"):
        Context.load(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is missing: this model cannot read conversations"):
        Context.load(tmp_path / CONTEXT_FILE)
    with pytest.raises(ModelError, match="is missing"):
        Context.load(tmp_path)
