from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from coercion_detect.features import character_ngrams, vectorizer_settings, word_ngrams, words
from coercion_detect.text import fold


@pytest.mark.parametrize(
    ("folded", "expected"),
    [
        ("ok?", ["ok", "?", "ok ?"]),
        ("", []),
        ("send_it now", ["send", "it", "now", "send it", "it now"]),
    ],
)
def test_word_ngrams_are_words_and_pairs(folded: str, expected: list[str]) -> None:
    assert [f.name for f in word_ngrams(folded)] == expected


def test_words_leave_emoji_and_commas_out() -> None:
    assert words("fine, 😏 ok!") == ["fine", "ok", "!"]


@given(st.text(max_size=120))
def test_features_are_those_of_scikit_learn(typed: str) -> None:
    folded = fold(typed)
    settings = vectorizer_settings()
    word = TfidfVectorizer(**settings["word"]).build_analyzer()
    character = TfidfVectorizer(**settings["character"]).build_analyzer()
    assert Counter(f.name for f in word_ngrams(folded)) == Counter(word(folded))
    assert Counter(f.name for f in character_ngrams(folded)) == Counter(character(folded))


@given(st.text(alphabet=" abc?!é", max_size=60))
def test_every_feature_covers_characters_of_the_text(typed: str) -> None:
    folded = fold(typed)
    for feature in (*word_ngrams(folded), *character_ngrams(folded)):
        assert 0 <= feature.start < feature.end <= len(folded)
        assert feature.name.strip()[0] == folded[feature.start : feature.end].strip()[0]
