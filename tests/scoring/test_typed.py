"""The words of texts as columns say what the words of text.py say, however the texts are typed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coercion_detect.detector import shipped_model
from coercion_detect.model import Model
from coercion_detect.scoring.ngrams import Ngrams
from coercion_detect.scoring.pieces import Pieces
from coercion_detect.scoring.typed import Typed
from coercion_detect.text import read

ODD = ["", " \n ", "s e n d  n u d e s", "i u r", "I know a b", "a b c d\ne f g", " two  spaces ", "I. a b", "one\ttab"]


@cache
def _pieces() -> Pieces:
    model = Model.load(shipped_model())
    ngrams = Ngrams(model)
    return Pieces(model, ngrams, np.zeros((ngrams.unknown + 1, 17), dtype=np.float32))


def _assert_same(texts: list[str], typed: Typed) -> None:
    words = typed.read(texts)
    folded = {row: folded for folded, row in _pieces().items()}
    for text, first, last in zip(texts, words.firsts[:-1], words.firsts[1:], strict=True):
        wanted = read(text)
        assert words.starts[first:last].tolist() == [word.start for word in wanted]
        assert words.stops[first:last].tolist() == [word.end for word in wanted]
        assert words.ends[first:last].tolist() == [word.ends for word in wanted]
        said = [" ".join(piece.text for piece in word.pieces) for word in wanted]
        assert [folded[row] for row in words.rows[first:last].tolist()] == said


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_read_the_same(text: str) -> None:
    _assert_same([text], Typed(_pieces()))


def test_texts_are_read_the_same_together_and_again() -> None:
    typed = Typed(_pieces())
    _assert_same(ODD, typed)
    _assert_same(ODD[::-1], typed)


_WORDS = ["you", "owe", "me.", "don’t", "S", "E", "X", "a", "I", "i.", "💔", "n0w", "...", "\n", "  ", "she's", "2"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from(_WORDS) | st.text(max_size=6), max_size=12), max_size=4))
def test_arbitrary_words_are_read_the_same(texts: list[list[str]]) -> None:
    _assert_same([" ".join(words) for words in texts], Typed(_pieces()))


def test_a_spelt_out_word_is_not_taken_for_its_letters() -> None:
    typed = Typed(_pieces())
    _assert_same(["n u d e s", "I n know u", "n u d e s please", "d e s"], typed)


def test_sentences_end_where_words_say_so() -> None:
    words = Typed(_pieces()).read(["No. Why not? Well", "", "Fine", "Bye."])
    assert words.sentence_ends() == [[1, 3], [], [], [1]]


def test_spans_are_characters_of_the_text() -> None:
    words = Typed(_pieces()).read(["No. Why not?", "", "Fine"])
    firsts, lasts = np.array([0, 1, 3, 3, 0]), np.array([1, 3, 3, 4, 3])
    assert words.spans(firsts, lasts).tolist() == [[0, 3], [4, 12], [0, 0], [0, 4], [0, 12]]
