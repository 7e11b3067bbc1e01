from __future__ import annotations

import numpy as np
import pytest

from coercion_detect.detector import shipped_model
from coercion_detect.features import tokens
from coercion_detect.model import Model
from coercion_detect.scoring.ngrams import Ngrams
from coercion_detect.scoring.pieces import Pieces


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load(shipped_model())


@pytest.fixture(scope="module")
def ngrams(model: Model) -> Ngrams:
    return Ngrams(model)


def _numbers(ngrams: Ngrams, text: str) -> tuple[np.ndarray, np.ndarray]:
    words, symbols = ngrams.words_of(text)
    return np.array(words, dtype=np.int64), np.array(symbols, dtype=np.int64)


def test_every_pair_of_the_model_is_found(model: Model, ngrams: Ngrams) -> None:
    pairs = [name for name in model.words if " " in name][::97]
    assert len(pairs) > 100
    for name in pairs:
        assert ngrams.pairs(_numbers(ngrams, name)[0])[0] == model.words[name], name


def test_patterns_are_those_of_the_word_classes(model: Model, ngrams: Ngrams) -> None:
    text = "if you loved me you would do it for me"
    symbols = [model.classes.symbol(token) for token in tokens(text)]
    for size, rows in ngrams.patterns(_numbers(ngrams, text)[1]).items():
        names = [" ".join(symbols[i : i + size]) for i in range(len(symbols) - size + 1)]
        assert [model.patterns.get(name, ngrams.unknown) for name in names] == rows[: len(names)].tolist()


@pytest.mark.parametrize("text", ["zzqx qxzz", "zzqx", ""])
def test_what_the_model_does_not_know_has_the_row_of_the_unknown(ngrams: Ngrams, text: str) -> None:
    assert (ngrams.pairs(_numbers(ngrams, text)[0]) == ngrams.unknown).all()


def test_pieces_are_remembered_with_their_tokens(model: Model, ngrams: Ngrams) -> None:
    adds = np.zeros((ngrams.unknown + 1, 17), dtype=np.float32)
    pieces = Pieces(model, ngrams, adds)
    rows = pieces.rows(["you", "owe", "you", "what"])
    assert rows.tolist() == [0, 1, 0, 2] and len(pieces) == 3
    words, symbols = pieces.tokens(rows)
    assert words.tolist() == [
        *ngrams.words_of("you")[0],
        *ngrams.words_of("owe")[0],
        *ngrams.words_of("you")[0],
        *ngrams.words_of("what")[0],
    ]
    assert len(symbols) == 4


def test_many_pieces_find_room(model: Model, ngrams: Ngrams) -> None:
    adds = np.ones((ngrams.unknown + 1, 17), dtype=np.float32)
    pieces = Pieces(model, ngrams, adds)
    rows = pieces.rows([f"w{i}" for i in range(3000)])
    assert rows.tolist() == list(range(3000)) and (pieces.adds[:3000, -3] == 1).all()
