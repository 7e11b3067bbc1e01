from __future__ import annotations

import re
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coercion_detect.text import Remembered, _fold_word, fold, read


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
        ("*really*", "really"),
        ("wait... why?!", "wait why ?"),
        ("e.g. this", "e g this"),
        ("i u r", "i u r"),
        ("£40 at 5:30", "40 at 5 30"),
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
    spans = [(p.text, w.start + p.start, w.start + p.end) for w in read(typed) for p in w.pieces]
    assert [typed[start:end] for text, start, end in spans if text == folded] == [found]


@given(st.text(max_size=200))
def test_every_piece_points_into_its_word(typed: str) -> None:
    end = 0
    for word in read(typed):
        assert end <= word.start < word.end <= len(typed)
        end = word.end
        for piece in word.pieces:
            assert piece.text and not piece.text.isspace()
            assert 0 <= piece.start < piece.end <= word.end - word.start


@given(st.text(max_size=200))
def test_every_typed_character_lies_in_a_word_or_is_white_space(typed: str) -> None:
    covered = {i for word in read(typed) for i in range(word.start, word.end)}
    assert all(i in covered for i, character in enumerate(typed) if not character.isspace())


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("No. Why? Because…", ["No.", "Why?", "Because…"]),
        ('he said "stop!" and left', ['"stop!"']),
        ("one line\nanother", ["line"]),
        ("3.50 for two", []),
    ],
)
def test_a_sentence_ends_with_a_mark_or_a_line(typed: str, ends: list[str]) -> None:
    assert [typed[word.start : word.end] for word in read(typed) if word.ends] == ends


@given(st.text(max_size=200))
def test_case_never_changes_what_is_read(typed: str) -> None:
    assert fold(typed.casefold()) == fold(typed)


@given(st.text(max_size=100))
def test_folding_leaves_no_odd_white_space(typed: str) -> None:
    assert not any(c.isspace() and c != " " for c in fold(typed))


@given(st.lists(st.sampled_from(["stop!please", "n*des", "s3nd", "don’t", "HE'S", "a.b.c", "😏", "why?!", "5pm"])))
def test_a_word_folds_to_the_same_pieces_wherever_it_stands(typed: list[str]) -> None:
    assert fold(" ".join(typed)) == " ".join(filter(None, map(fold, typed)))


@given(st.text(alphabet="aaaehstzIK\u212a\u0130éß'’.,;:?!-*\"…", min_size=1, max_size=9))
def test_plain_words_fold_as_the_rules_would_fold_them(word: str) -> None:
    plainly = _fold_word(word)
    with patch("coercion_detect.text._PLAIN", re.compile(r"(?!)")):
        assert _fold_word(word) == plainly


@pytest.mark.parametrize("word", ["she's", "he’s.", "HIS,", "rock'n'roll;", "o'clock:", "a", "a.", "pleeease.", "mum."])
def test_plain_words_with_marks_fold_as_the_rules_would_fold_them(word: str) -> None:
    plainly = _fold_word(word)
    with patch("coercion_detect.text._PLAIN", re.compile(r"(?!)")):
        assert _fold_word(word) == plainly


def test_short_words_are_remembered_and_long_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Remembered, "MOST", 2)
    asked: list[str] = []

    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    lengths = Remembered(length)
    short, long = "a" * Remembered.LONGEST, "a" * (Remembered.LONGEST + 1)
    assert [lengths[word] for word in (short, long, short, long)] == [64, 65, 64, 65]
    assert asked == [short, long, long] and list(lengths) == [short]
    assert [lengths[word] for word in ("b", "c")] == [1, 1] and list(lengths) == ["c"]
