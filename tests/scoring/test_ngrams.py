from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coercion_detect.errors import ModelError
from coercion_detect.features import character_ngrams, tokens
from coercion_detect.model import Model
from coercion_detect.scoring.ngrams import Ngrams, _Table


def test_every_pair_of_the_model_is_found(model: Model, ngrams: Ngrams) -> None:
    pairs = [name for name in model.words if " " in name][::97]
    assert len(pairs) > 100
    for name in pairs:
        assert ngrams.pairs(ngrams.words(tokens(name)))[0] == model.words[name], name


def test_every_word_of_the_model_has_its_row(model: Model, ngrams: Ngrams) -> None:
    words = [name for name in model.words if " " not in name]
    assert ngrams.row_of_word[ngrams.words(words)].tolist() == [model.words[word] for word in words]


def test_patterns_are_those_of_the_word_classes(model: Model, ngrams: Ngrams) -> None:
    text = "if you loved me you would do it for me"
    symbols = [model.classes.symbol(token) for token in tokens(text)]
    rows = ngrams.patterns(ngrams.symbols(tokens(text)))
    for size, of_size in zip((2, 3, 4), rows.T, strict=True):
        names = [" ".join(symbols[i : i + size]) for i in range(len(symbols))]
        names[len(symbols) - size + 1 :] = [""] * (size - 1)  # beyond the end there is nothing
        assert [model.patterns.get(name, ngrams.unknown) for name in names] == of_size.tolist()


def test_every_pattern_and_character_piece_of_the_model_is_found(model: Model, ngrams: Ngrams) -> None:
    for name in list(model.patterns)[::97]:
        symbols = np.array([ngrams._symbol[part] for part in name.split(" ")])
        assert ngrams.patterns(symbols)[0, len(symbols) - 2] == model.patterns[name], name
    found = {int(row) for piece in ("would", "don") for row in ngrams.characters([piece])[0].ravel()}
    wanted = {model.characters.get(name, ngrams.unknown) for p in ("would", "don") for name in character_ngrams(p)}
    assert found - {ngrams.unknown} == wanted - {ngrams.unknown} and len(found) > 10


def test_character_pieces_lie_within_pieces(model: Model, ngrams: Ngrams) -> None:
    folded = ["you", "what ?", "", "don 💔 t", "a"]
    rows, sizes = ngrams.characters(folded)
    until = np.cumsum(sizes).tolist()
    for word, first, last in zip(folded, [0, *until], until, strict=False):
        names = [name for piece in word.split() for name in character_ngrams(piece)]
        wanted = sorted(model.characters[name] for name in names if name in model.characters)
        assert sorted(row for row in rows[first:last].ravel().tolist() if row != ngrams.unknown) == wanted


@pytest.mark.parametrize("text", ["zzqx qxzz", "zzqx", ""])
def test_what_the_model_does_not_know_has_the_row_of_the_unknown(ngrams: Ngrams, text: str) -> None:
    assert (ngrams.pairs(ngrams.words(tokens(text))) == ngrams.unknown).all()


def test_a_pair_of_what_is_no_word_is_refused(model: Model) -> None:
    word = next(name for name in model.words if " " in name).split(" ")[0].encode()
    names = [name + b"zzqx" if name == word else name for name in model.vocabulary.split(b"\n")]
    with pytest.raises(KeyError):
        Ngrams(replace(model, vocabulary=b"\n".join(names)))


@pytest.mark.parametrize(("longest", "most"), [(2, 3_037_000_497), (4, 55_106), (5, 6_206)])
def test_n_grams_that_whole_numbers_cannot_tell_apart_are_refused(longest: int, most: int) -> None:
    none = np.zeros(0, dtype=np.int64)
    _Table(none, sizes=none, rows=none, range_=(2, longest), n_parts=most)
    with pytest.raises(ModelError, match="too many"):
        _Table(none, sizes=none, rows=none, range_=(2, longest), n_parts=most + 1)
