from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coercion_detect.windows import SIZE, WHOLE, windows


@pytest.mark.parametrize("text", ["", "ok", "Two sentences. Both short!", "word " * WHOLE])
def test_a_text_of_ordinary_length_is_one_window(text: str) -> None:
    assert windows(text) == [(0, len(text))]


def test_a_long_text_is_cut_at_sentences() -> None:
    text = " ".join(f"Sentence number {i} says very little indeed." for i in range(30))
    cut = windows(text)
    assert len(cut) > 5
    for start, end in cut:
        assert text[start:end].startswith("Sentence") and text[start:end].endswith(".")
        assert len(text[start:end].split()) <= SIZE


def test_neighbouring_windows_share_a_sentence() -> None:
    text = " ".join(f"Sentence number {i} says very little indeed." for i in range(30))
    cut = windows(text)
    assert all(right[0] < left[1] for left, right in pairwise(cut))


def test_a_sentence_without_an_end_is_cut_at_words() -> None:
    text = " ".join(f"w{i}" for i in range(500))
    assert all(len(text[a:b].split()) <= SIZE for a, b in windows(text))


@given(st.lists(st.sampled_from(["word", "no.", "why?", "\n", "…", "end!", "  "]), max_size=400))
def test_no_word_is_left_out(pieces: list[str]) -> None:
    text = " ".join(pieces)
    covered = {i for a, b in windows(text) for i in range(a, b)}
    assert all(i in covered for i, c in enumerate(text) if not c.isspace())
