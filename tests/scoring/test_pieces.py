from __future__ import annotations

import numpy as np

from coercion_detect.features import tokens
from coercion_detect.model import Model
from coercion_detect.scoring.ngrams import Ngrams
from coercion_detect.scoring.pieces import Pieces


def _pieces(model: Model, ngrams: Ngrams) -> Pieces:
    return Pieces(model, ngrams, np.ones((ngrams.unknown + 1, 17), dtype=np.float32))


def test_pieces_are_remembered_with_their_tokens(model: Model, ngrams: Ngrams) -> None:
    pieces = _pieces(model, ngrams)
    rows = pieces.rows(["you", "what ?", "you", "", "💔"])
    assert rows.tolist() == [0, 1, 0, 2, 3] and len(pieces) == 4
    found = pieces.found(rows)
    assert found.n_tokens.tolist() == [1, 2, 1, 0, 0]
    assert found.words.tolist() == ngrams.words(["you", "what", "?", "you"]).tolist()
    assert found.symbols.tolist() == ngrams.symbols(["you", "what", "?", "you"]).tolist()


def test_each_feature_of_a_piece_is_added_once_for_each_place(model: Model, ngrams: Ngrams) -> None:
    pieces = _pieces(model, ngrams)
    characters = [" ha", "hah", "aha", "hah", "aha", "ha "]
    assert all(name in model.characters for name in characters)
    adds = pieces.found(pieces.rows(["haha"])).adds
    rows = ngrams.characters(["haha"])[0]
    assert adds[0, 0] == 1 and adds[0, 17] == (rows != ngrams.unknown).sum() >= 5


def test_marks_are_no_words(model: Model, ngrams: Ngrams) -> None:
    pieces = _pieces(model, ngrams)
    rows = pieces.rows(["what ?", "zzqx", "!"])
    assert pieces.counts[rows].tolist() == [[2, 1, 1], [1, 1, 0], [1, 0, 0]]
    assert tokens("what ?") == ["what", "?"]


def test_many_pieces_find_room(model: Model, ngrams: Ngrams) -> None:
    pieces = _pieces(model, ngrams)
    rows = pieces.rows([f"w{i}" for i in range(3000)])
    assert rows.tolist() == list(range(3000)) and (pieces.counts[:3000, 0] == 1).all()


def test_what_was_forgotten_is_learned_again(model: Model, ngrams: Ngrams) -> None:
    pieces = _pieces(model, ngrams)
    before = pieces.found(pieces.rows(["one", "two words"]))
    pieces.clear()
    assert len(pieces) == 0 and not len(pieces.counts)
    after = pieces.found(pieces.rows(["three", "one", "two words"])[1:])
    assert np.array_equal(before.adds, after.adds) and np.array_equal(before.words, after.words)
