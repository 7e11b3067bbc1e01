from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coercion_detect.text import fold, fold_traced


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("If You LIKE me", "if you like me"),
        ("don’t", "dont"),
        ("don't", "dont"),
        ("pleeeease", "please"),
        ("Ｓｅｎｄ 𝓹𝓲𝓬𝓼", "send pics"),
        ("réveal", "reveal"),
        ("re\u0301veal", "reveal"),
        ("se\u200bnd", "send"),
        ("se\u00adnd", "send"),
        ("tell еvеryоne", "tell everyone"),
        ("s e n d  n u d e s", "send nudes"),
        ("s.e.n.d it", "send it"),
        ("n*des", "nudes"),
        ("s3nd fr13nd5", "send friends"),
        ("y o u s3cr3t wi11 t3ll", "you secret will tell"),
        ("l*ve th*m", "love them"),
        ("😏 ok", "😏 ok"),
        ("STRASSE straße", "strasse strasse"),
    ],
)
def test_what_hides_a_word_is_folded_away(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    "typed", ["at 5pm on the 4th", "room5", "400 by 6", "2207", "10am", "covid19", "no 7 bus", "a b c"]
)
def test_numbers_stay_numbers(typed: str) -> None:
    assert fold(typed) == typed


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("stop!please", "stop ! please"),
        ("*really*", " really "),
        ("wait... why?!", "wait why ? "),
        ("e.g. this", "e g this"),
        ("i u r", "i u r"),
        ("£40 at 5:30", " 40 at 5 30"),
    ],
)
def test_of_the_marks_only_questions_and_exclamations_stay(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("He told his wife", "She told her husband"),
        ("they'll tell them", "he'll tell her"),
        ("Emma is gay", "Omar is bi"),
        ("your imam and your mum", "your pastor and your dad"),
        ("an Irish guy", "an Indian woman"),
    ],
)
def test_who_somebody_is_reads_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("word", ["hell", "miss", "grace", "polish", "partly", "hero", "menu"])
def test_other_words_are_no_identity(word: str) -> None:
    assert fold(word) == word


@pytest.mark.parametrize(
    ("typed", "folded", "found"),
    [
        ("👍🏽 s e n d it", "send", "s e n d"),
        ("İ said pleeease", "please", "pleeease"),
        ("x\u200by DON’T", "dont", "DON’T"),
        ("ﬁne, Straße", "strasse", "Straße"),
        ("re\u0301veal n*des", "nudes", "n*des"),
    ],
)
def test_a_folded_word_leads_back_to_what_was_typed(typed: str, folded: str, found: str) -> None:
    traced = fold_traced(typed)
    at = traced.text.index(folded)
    start, end = traced.span(at, at + len(folded))
    assert typed[start:end] == found


@given(st.text(max_size=200))
def test_every_folded_character_points_into_the_text(typed: str) -> None:
    traced = fold_traced(typed)
    assert len(traced.text) == len(traced.starts) == len(traced.ends)
    for i in range(len(traced.text)):
        assert 0 <= traced.starts[i] < traced.ends[i] <= len(typed)
    assert list(traced.starts) == sorted(traced.starts)


@given(st.text(max_size=200))
def test_case_never_changes_what_is_read(typed: str) -> None:
    assert fold(typed.casefold()) == fold(typed)


@given(st.text(max_size=100))
def test_folding_leaves_no_odd_white_space(typed: str) -> None:
    assert not any(c.isspace() and c != " " for c in fold(typed))


@given(st.text(max_size=200) | st.text(alphabet="s3nd n*de'. -xX", max_size=40))
def test_both_ways_of_folding_agree(typed: str) -> None:
    assert fold(typed) == fold_traced(typed).text
