from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coercion_detect.analysis import Analysis
from coercion_detect.conversation import Event, ReadMessage
from coercion_detect.in_context.context import BEHIND, BEYOND, Context
from coercion_detect.in_context.follow import Reader
from coercion_detect.in_context.neighbours import AHEAD, ASKED, LOOK_BACK
from coercion_detect.in_context.turns import Turn
from coercion_detect.taxonomy import ACTS, TACTICS
from tests.in_context.contexts import ASKING, OWN_REFUSAL, by_everything, by_words, one_question, random_turns, turn


def nothing(number: int = 0) -> Analysis:
    scores, acts = dict.fromkeys(TACTICS, 0.0), dict.fromkeys(ACTS, 0.0)
    return Analysis((), scores, acts, "general", 1.0, True, f"message {number}")


def follow(context: Context, turns: Sequence[Turn], *, sizes: Iterable[int] = ()) -> list[ReadMessage]:
    """Read turns in batches of ``sizes``, and the rest at once."""
    reader, start = Reader(context), 0
    read: list[ReadMessage] = []
    for end in [*sizes, len(turns)]:
        end = min(start + end, len(turns))
        read += reader.read([nothing(i) for i in range(start, end)], turns[start:end])
        start = end
    return [*read, *reader.finish()]


def events(context: Context, turns: Sequence[Turn]) -> list[Event]:
    return [one.event for one in follow(context, turns) if one.event is not None]


def said(*messages: str) -> list[Turn]:
    """Return turns from "A please come"."""
    return [turn(sender, text) for sender, _, text in (message.partition(" ") for message in messages)]


def test_every_message_is_read_once_in_order() -> None:
    turns = random_turns(300)
    read = follow(by_everything(), turns, sizes=[1, 0, 99, 20])
    assert [one.sender for one in read] == [t.sender for t in turns]
    assert [one.analysis.model for one in read] == [f"message {i}" for i in range(300)]


def test_no_messages_give_nothing() -> None:
    assert follow(by_words(), []) == []
    assert follow(by_words(), said("A please"))[0].event is None


def test_asking_again_after_a_no_is_an_event() -> None:
    turns = said("A please come", "B no", "A soup then ?", "B ok", "A please", "B rain")
    (event,) = events(by_words(), turns)
    assert (event.index, event.sender, event.refusal_index, event.refused_by) == (4, "A", 1, "B")
    assert (event.tactics, event.decision, event.rests_on) == (("persistence",), "likely", (0, 1, 5))
    assert event.score == pytest.approx(0.9933, abs=1e-4)


def test_an_accepted_no_is_no_event() -> None:
    accepted = said("A please come", "B no", "A ok soup then ?", "B soup", "A see you")
    assert events(by_words(), accepted) == []
    assert [one.refuses for one in follow(by_words(), accepted)] == [False, True, False, False, False]


def test_asking_before_any_no_is_no_event() -> None:
    assert events(by_words(), said("A please", "A please", "B ok", "A please")) == []


def test_the_one_who_refused_may_ask_for_something_else() -> None:
    assert events(by_words(), said("A please come", "B no", "B please ring me")) == []


def test_an_event_names_the_latest_refusal() -> None:
    found = events(by_words(), said("A please", "B no", "C no", "A please", "B please"))
    assert [(event.sender, event.refusal_index, event.refused_by) for event in found] == [("A", 2, "C"), ("B", 2, "C")]


def test_a_refusal_may_open_an_event_though_it_is_not_sure() -> None:
    unsure = replace(by_words(), refusal=one_question(OWN_REFUSAL, no=-5.0, yes=-1.0))
    turns = said("A please", "B no", "A please")
    assert [event.refusal_index for event in events(unsure, turns)] == [1]
    assert not any(one.refuses for one in follow(unsure, turns))
    assert events(replace(unsure, lowest=-1.0), turns) == []


@pytest.mark.parametrize(("later", "answer"), [(1, [4]), (AHEAD, [3 + AHEAD]), (AHEAD + 1, [])])
def test_an_event_rests_on_the_next_answer_if_one_comes_soon(later: int, answer: list[int]) -> None:
    turns = said("A soup", "B no", "A soup", "A please", *["A soup"] * (later - 1), "B tea")
    (event,) = events(by_words(), turns)
    assert list(event.rests_on) == [0, 1, *answer]


def test_two_people_may_press_against_one_refusal() -> None:
    found = events(by_words(), said("A please", "B no", "C please", "A please"))
    assert [(event.sender, event.refusal_index) for event in found] == [("C", 1), ("A", 1)]


@pytest.mark.parametrize(
    ("score", "decision"), [(5.0, "likely"), (2.2, "likely"), (2.1, "possible"), (0.1, "possible"), (-0.1, None)]
)
def test_the_thresholds_are_those_of_the_context(score: float, decision: str | None) -> None:
    found = [e.decision for e in events(by_words(event=score), said("A please", "B no", "A please"))]
    assert found == ([] if decision is None else [decision])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 250), st.lists(st.integers(0, 120), max_size=20))
def test_reading_in_batches_gives_the_same_as_all_at_once(seed: int, n: int, sizes: list[int]) -> None:
    turns = random_turns(n, seed=seed, senders="ABC")
    assert follow(by_everything(), turns, sizes=sizes) == follow(by_everything(), turns)


def test_reading_one_by_one_gives_the_same_as_all_at_once() -> None:
    turns = random_turns(400)
    all_at_once = follow(by_everything(), turns)
    assert sum(one.event is not None for one in all_at_once) > 20
    assert follow(by_everything(), turns, sizes=[1] * 400) == all_at_once


def test_an_event_can_lie_as_far_from_its_refusal_as_is_looked_back() -> None:
    def far(distance: int) -> list[Turn]:
        return said("A please", "B no", *["A soup"] * (distance - 1), "A please", *["B tea"] * 20)

    for sizes in ([], [1] * 90, [10] * 9):
        read = follow(by_words(), far(LOOK_BACK), sizes=sizes)
        assert [i for i, one in enumerate(read) if one.event is not None] == [LOOK_BACK + 1]
        assert not any(one.event for one in follow(by_words(), far(LOOK_BACK + 1), sizes=sizes))


def test_an_event_can_rest_on_what_was_asked_long_before_its_refusal() -> None:
    by_what_was_asked = replace(by_words(), event=one_question(ASKING, no=-5.0, yes=5.0))
    between = said(*["A soup"] * (ASKED - 1), "B no", *["A soup"] * LOOK_BACK, *["B tea"] * 20)
    turns = [turn("A", tactic=5.0), *between]
    for sizes in ([], [1] * 90, [10] * 9):
        found = [one.event for one in follow(by_what_was_asked, turns, sizes=sizes) if one.event is not None]
        assert [event.index for event in found] == list(range(ASKED + 1, ASKED + 1 + LOOK_BACK))
        assert all(event.rests_on[:2] == (0, ASKED) for event in found)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_no_event_is_by_the_one_who_refused(seed: int) -> None:
    turns = random_turns(60, seed=seed, senders="ABC")
    for event in events(by_everything(seed=seed), turns):
        assert event.refusal_index < event.index and event.refused_by != event.sender
        assert (turns[event.index].sender, turns[event.refusal_index].sender) == (event.sender, event.refused_by)
        assert event.refusal_index in event.rests_on and list(event.rests_on) == sorted(set(event.rests_on))
        assert all(0 <= place < len(turns) and place != event.index for place in event.rests_on)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 50))
def test_what_comes_much_later_changes_nothing(seed: int, more: int) -> None:
    turns = random_turns(60 + more, seed=seed)
    assert follow(by_everything(), turns)[: 60 - BEYOND] == follow(by_everything(), turns[:60])[:-BEYOND]


@pytest.mark.parametrize("size", [1, 30, 200])
def test_a_reader_holds_a_bounded_number_of_messages(size: int) -> None:
    reader, turns, analyses = Reader(by_words()), said(*["A please", "B no"] * size)[:size], [nothing()] * size
    read, most = 0, 0
    for _ in range(1200 // size + 1):
        read += len(list(reader.read(analyses, turns)))
        most = max(most, len(reader._turns), len(reader._analyses))
    assert most <= BEHIND + BEYOND
    assert read >= 1000 - size and read + len(list(reader.finish())) == (1200 // size + 1) * size


@pytest.mark.parametrize(("log_odds", "scores"), [(-700.0, []), (700.0, [1.0])])
def test_a_score_is_given_however_sure_a_reading_is(log_odds: float, scores: list[float]) -> None:
    found = events(by_words(event=log_odds), said("A please", "B no", "A please"))
    assert [event.score for event in found] == scores
