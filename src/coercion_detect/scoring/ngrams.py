"""Look n-grams up many at a time: each is a whole number put together from the numbers of its words or word classes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from coercion_detect.features import BEGIN, END, PATTERN_RANGE, character_ngrams, tokens
from coercion_detect.model import Model

_SIZES = range(PATTERN_RANGE[0], PATTERN_RANGE[1] + 1)
_Numbers = NDArray[np.int64]


class Ngrams:
    """The features of a model by number. ``unknown``, the row after the last, stands for every n-gram it does not know.

    Words and word classes are numbered from 1; 0 is any other.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.unknown = len(model.idf)
        single = [name for name in model.words if " " not in name]
        self._word = {name: number for number, name in enumerate(single, 1)}
        in_patterns = (name.split(" ") for name in model.patterns)
        self._symbol = {
            symbol: number for number, symbol in enumerate(dict.fromkeys(chain.from_iterable(in_patterns)), 1)
        }
        self.begin, self.end = self._symbol.get(BEGIN, 0), self._symbol.get(END, 0)
        pairs = {name: row for name, row in model.words.items() if " " in name}
        self._pairs = _Table(pairs, self._word)
        self._patterns: dict[int, _Table] = {}
        for size in _SIZES:
            of_size = {name: row for name, row in model.patterns.items() if name.count(" ") == size - 1}
            self._patterns[size] = _Table(of_size, self._symbol)

    def words_of(self, piece: str) -> tuple[list[int], list[int]]:
        """Return the numbers of a piece's words and of their classes."""
        found = tokens(piece)
        classes = map(self._model.classes.symbol, found)
        return [self._word.get(word, 0) for word in found], [self._symbol.get(symbol, 0) for symbol in classes]

    def rows_of(self, piece: str) -> tuple[list[int], list[int]]:
        """Return the rows of a piece's known words and of its known character pieces."""
        words, characters = self._model.words, self._model.characters
        return (
            [words[name] for name in tokens(piece) if name in words],
            [characters[name] for name in character_ngrams(piece) if name in characters],
        )

    def pairs(self, words: _Numbers) -> _Numbers:
        """Return the row of the pair that begins at each word; the last has none."""
        return self._pairs.rows([words, _ahead(words, 1)], self.unknown)

    def patterns(self, symbols: _Numbers) -> dict[int, _Numbers]:
        """Return, for each size, the row of the pattern that begins at each symbol."""
        return {size: self.pattern([_ahead(symbols, i) for i in range(size)]) for size in _SIZES}

    def pattern(self, symbols: Sequence[_Numbers]) -> _Numbers:
        """Return the rows of patterns, from their first symbols, their second symbols and so on."""
        return self._patterns[len(symbols)].rows(symbols, self.unknown)


class _Table:
    """The n-grams of one size: sorted numbers, and the row of each."""

    def __init__(self, row_of: dict[str, int], number_of: dict[str, int]) -> None:
        parts = np.array([[number_of[part] for part in name.split(" ")] for name in row_of], dtype=np.int64)
        self._base = len(number_of) + 1
        numbers = self._number(list(parts.T)) if row_of else np.empty(0, dtype=np.int64)
        order = np.argsort(numbers)
        self._numbers = np.append(numbers[order], np.iinfo(np.int64).max)
        self._rows = np.append(np.fromiter(row_of.values(), dtype=np.int64, count=len(row_of))[order], 0)

    def _number(self, parts: Sequence[_Numbers]) -> _Numbers:
        number = parts[0]
        for part in parts[1:]:
            number = number * self._base + part
        return np.where(np.min(parts, axis=0) > 0, number, -1)

    def rows(self, parts: Sequence[_Numbers], unknown: int) -> _Numbers:
        """Return the row of each n-gram, ``unknown`` where it is not known."""
        wanted = self._number(parts)
        place = np.searchsorted(self._numbers, wanted)
        return np.where(self._numbers[place] == wanted, self._rows[place], unknown)


def _ahead(numbers: _Numbers, by: int) -> _Numbers:
    """Return for each place the number ``by`` places on, 0 beyond the end."""
    return np.concatenate([numbers[by:], np.zeros(min(by, len(numbers)), dtype=np.int64)])
