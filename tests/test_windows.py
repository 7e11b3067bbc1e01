from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coercion_detect.text import read
from coercion_detect.windows import SENTENCE_HANDICAP, STRETCH, WHOLE, Spread, windows

LONG = " ".join(f"Sentence number {i} says very little indeed." for i in range(30))


def _spread(*texts: str) -> Spread:
    return Spread.of([windows(read(text)) for text in texts])


def _cut(text: str) -> list[tuple[str, float]]:
    """Return what each window covers, and its handicap."""
    words = read(text)
    found = ((words[w.first : w.last], w.handicap) for w in windows(words))
    return [(text[part[0].start : part[-1].end] if part else "", handicap) for part, handicap in found]


@pytest.mark.parametrize("text", ["", "ok", "One short message", "word " * WHOLE, " \n "])
def test_a_single_sentence_is_one_window(text: str) -> None:
    assert _cut(text) == [(text.strip(), 0.0)]


def test_a_text_of_ordinary_length_is_read_whole_and_in_parts() -> None:
    text = "It rained all day. We made soup for six. Bring the pan back."
    assert [part for part, _ in _cut(text)] == [
        text,
        "It rained all day. We made soup for six.",
        "We made soup for six. Bring the pan back.",
        "It rained all day.",
        "We made soup for six.",
        "Bring the pan back.",
    ]


def test_the_whole_stands_first() -> None:
    assert _cut("It rained all day. We made soup.")[0] == ("It rained all day. We made soup.", 0.0)


def test_a_long_text_has_stretches_that_share_a_sentence() -> None:
    stretches = [w for w in windows(read(LONG)) if not w.handicap]
    assert len(stretches) > 5
    for left, right in pairwise(stretches):
        assert left.first < right.first < left.last
    assert all(w.last - w.first <= STRETCH for w in stretches)


def test_a_part_must_speak_more_clearly_than_a_whole() -> None:
    by_words = {len(part.split()): handicap for part, handicap in _cut(LONG)}
    ordered = [by_words[n] for n in sorted(by_words)]
    assert ordered == sorted(ordered, reverse=True)


def test_very_short_sentences_are_not_read_alone() -> None:
    text = "No. Why? We made soup for six."
    alone = [part for part, handicap in _cut(text) if handicap == SENTENCE_HANDICAP]
    assert alone == ["We made soup for six."]


def test_a_sentence_without_an_end_is_cut_at_words() -> None:
    text = " ".join(f"w{i}" for i in range(500))
    assert all(len(part.split()) <= STRETCH for part, _ in _cut(text))


@given(st.lists(st.sampled_from(["word", "no.", "why?", "\n", "…", "end!", "  "]), max_size=400))
def test_no_word_is_left_out(pieces: list[str]) -> None:
    words = read(" ".join(pieces))
    assert {i for w in windows(words) if not w.handicap for i in range(w.first, w.last)} == set(range(len(words)))


@given(st.lists(st.sampled_from(["word", "no.", "s3nd!", "\n", "a", "n", "i", "?", " "]), max_size=300))
def test_a_window_read_alone_has_the_words_that_it_has_in_its_text(pieces: list[str]) -> None:
    text = " ".join(pieces)
    words = read(text)
    for first, last, _ in windows(words):
        there = words[first:last]
        start, end = (there[0].start, there[-1].end) if there else (0, 0)
        alone = [(start + word.start, start + word.end, word.pieces) for word in read(text[start:end])]
        assert alone == [(word.start, word.end, word.pieces) for word in there]


def test_the_strongest_window_of_each_text_counts() -> None:
    cut = _spread("One message", "It rained all day. We made soup for six.")
    assert cut.owners.tolist() == [0, 1, 1, 1]
    log_odds = np.array([[1.0, 1.0], [0.0, 0.0], [3.0, 3.0], [0.0, 0.0]])
    assert cut.strongest(log_odds, parts=1).tolist() == [[1.0, 1.0], [2.0, 0.0]]


def test_the_first_window_that_reaches_the_highest_value_is_found() -> None:
    cut = _spread("One sentence only.", "It rained all day. We made soup for six. Bring the pan back.")
    values = np.array([[1.0], [0.0], [3.0], [3.0], [2.0], [3.0], [1.0]])
    assert cut.first_of_strongest(values).tolist() == [[0], [2]]


def test_words_of_windows_are_counted_through_all_texts() -> None:
    cut = _spread("One message", "It rained all day. We made soup for six.", "")
    first, last = cut.bounds(np.array([0, 2, 11]))
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == [(0, 2), (2, 11), (2, 6), (6, 11), (11, 11)]
