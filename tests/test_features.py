from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from coercion_detect.features import (
    WordClasses,
    character_ngrams,
    pattern_ngrams,
    tokens,
    typed_tokens,
    vectorizer_settings,
    word_ngrams,
)
from coercion_detect.text import fold

CLASSES = WordClasses(b"if you me\nloved liked\ndinner lunch\n")


@pytest.mark.parametrize(
    ("folded", "expected"),
    [
        ("ok?", ["ok", "?", "ok ?"]),
        ("", []),
        ("send_it now", ["send", "it", "now", "send it", "it now"]),
    ],
)
def test_word_ngrams_are_words_and_pairs(folded: str, expected: list[str]) -> None:
    assert list(word_ngrams(tokens(folded))) == expected


def test_tokens_leave_emoji_and_commas_out() -> None:
    assert tokens("fine, 😏 ok!") == ["fine", "ok", "!"]


@given(
    st.text(max_size=120) | st.lists(st.sampled_from(["a", "n", "I", "no,", "s3nd?!", "\n"]), max_size=40).map(" ".join)
)
def test_tokens_as_typed_are_those_of_the_folded_text(typed: str) -> None:
    assert typed_tokens(typed) == tokens(fold(typed))


@given(st.text(max_size=120))
def test_features_are_those_of_scikit_learn(typed: str) -> None:
    folded = fold(typed)
    analyzers = {name: TfidfVectorizer(**given).build_analyzer() for name, given in vectorizer_settings().items()}
    pieces = [name for piece in folded.split() for name in character_ngrams(piece)]
    classed = CLASSES.read(tokens(folded))
    assert Counter(word_ngrams(tokens(folded))) == Counter(analyzers["word"](folded))
    assert Counter(pieces) == Counter(analyzers["character"](folded))
    assert Counter(name for name, _, _ in pattern_ngrams(classed.split())) == Counter(analyzers["pattern"](classed))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("if you loved me?", "< if you #1 me ? >"),
        ("if you liked me?", "< if you #1 me ? >"),
        ("7 dinner", "< #0 #2 >"),
        ("covid19", "< # >"),
        ("", ""),
    ],
)
def test_patterns_read_words_of_one_class_alike(typed: str, read: str) -> None:
    assert CLASSES.read(tokens(typed)) == read


def test_a_pattern_says_which_words_it_covers() -> None:
    symbols = "< if you >".split()
    assert all(name.split() == symbols[first:last] for name, first, last in pattern_ngrams(symbols))
