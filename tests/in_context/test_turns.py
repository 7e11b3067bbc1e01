from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coercion_detect.in_context.turns import LONG, N_NUMBERS, REQUEST, make_turn, terms
from coercion_detect.joint import COLUMNS, N_TACTICS
from coercion_detect.taxonomy import ACTS
from tests.in_context.contexts import CLASSES, VOCABULARY

NO_READINGS = np.zeros(len(COLUMNS))


def test_a_turn_keeps_its_readings_as_they_are() -> None:
    readings = np.linspace(-20, 20, len(COLUMNS))
    assert make_turn("A", readings, ["soup"], CLASSES).numbers[:-2].tolist() == readings.tolist()


def test_the_request_stands_where_it_is_said_to_stand() -> None:
    assert COLUMNS[REQUEST] == "request"
    assert COLUMNS[N_TACTICS : N_TACTICS + len(ACTS)] == tuple(ACTS)


@pytest.mark.parametrize("n", [0, 1, 5, LONG, LONG + 1, 10 * LONG])
def test_a_turn_says_how_long_a_message_is_up_to_a_bound(n: int) -> None:
    numbers = make_turn("A", NO_READINGS, ["soup"] * n, CLASSES).numbers
    assert len(numbers) == N_NUMBERS
    assert numbers[-2] == pytest.approx(np.log(1 + min(n, LONG)))


@pytest.mark.parametrize(("words", "asks"), [(["soup", "?"], 1), (["?"], 1), (["soup", "!"], 0), ([], 0)])
def test_a_turn_says_whether_a_message_has_a_question_mark(words: list[str], asks: float) -> None:
    assert make_turn("A", NO_READINGS, words, CLASSES).numbers[-1] == asks


def test_terms_are_words_and_pairs_and_pairs_of_classes() -> None:
    words, pairs = ["no", "soup", "12"], ["< no", "no soup", "soup 12", "12 >"]
    classes = ["@< no", "@no #1", "@#1 #0", "@#0 >"]
    assert terms(words, CLASSES) == (*words, *pairs, *classes)


def test_a_message_of_no_words_is_only_its_beginning_and_end() -> None:
    assert terms([], CLASSES) == ("< >", "@< >")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([*VOCABULARY, "umbrella"]), max_size=12))
def test_a_term_stands_there_as_often_as_it_was_said(words: list[str]) -> None:
    found = terms(words, CLASSES)
    assert len(found) == 3 * len(words) + 2
    assert all(found.count(word) == words.count(word) for word in words)
