"""Look n-grams up many at a time: each is a whole number put together from the numbers of its parts.

Parts are characters, words or word classes, numbered from 1. The number after the last stands for any other part, so no
table has an n-gram with one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from coercion_detect.errors import ModelError
from coercion_detect.features import BEGIN, CHARACTER_RANGE, END, PATTERN_RANGE, WORD_RANGE
from coercion_detect.model import Model

_Numbers = NDArray[np.int64]


class Ngrams:
    """The features of a model by number. ``unknown``, the row after the last, stands for every n-gram not among them.

    ``row_of_word`` has a row for each word's number, ``begin`` and ``end`` are the class symbols about a text.
    """

    def __init__(self, model: Model) -> None:
        self.unknown = len(model.idf)
        self._classes = model.classes
        names = model.vocabulary.decode("utf-8").split("\n")
        n_words, n_characters = model.counts[:2]
        rows = np.arange(self.unknown)

        words = names[:n_words]
        sizes = _sizes(words)
        singles, pairs = np.flatnonzero(sizes == 1), np.flatnonzero(sizes > 1)
        self._word = {words[row]: number for number, row in enumerate(singles.tolist(), 1)}
        self.row_of_word = np.concatenate([[self.unknown], singles, [self.unknown]])
        self.no_word = len(singles) + 1
        parts = [part for row in pairs.tolist() for part in words[row].split(" ")]
        self._pairs = _Table(
            np.fromiter(map(self._word.__getitem__, parts), np.int64, len(parts)),  # of a pair, both are words
            sizes=sizes[pairs],
            rows=pairs,
            range_=(2, WORD_RANGE[1]),
            n_parts=len(singles),
        )

        characters = names[n_words : n_words + n_characters]
        codes = _codes("".join(characters))
        letters = np.unique(codes)
        self._letter = np.full(int(letters.max(initial=0)) + 2, len(letters) + 1)  # the last is that of any higher code
        self._letter[letters] = np.arange(1, len(letters) + 1)
        self._characters = _Table(
            self._letter[codes],
            sizes=np.fromiter(map(len, characters), np.int64, n_characters),
            rows=rows[n_words : n_words + n_characters],
            range_=CHARACTER_RANGE,
            n_parts=len(letters),
        )

        patterns = names[n_words + n_characters : self.unknown]
        symbols = [symbol for name in patterns for symbol in name.split(" ")]
        self._symbol = {symbol: number for number, symbol in enumerate(dict.fromkeys(symbols), 1)}
        self.no_symbol = len(self._symbol) + 1
        self.begin, self.end = (self._symbol.get(symbol, self.no_symbol) for symbol in (BEGIN, END))
        self._patterns = _Table(
            np.fromiter(map(self._symbol.__getitem__, symbols), np.int64, len(symbols)),
            sizes=_sizes(patterns),
            rows=rows[n_words + n_characters :],
            range_=PATTERN_RANGE,
            n_parts=len(self._symbol),
        )

    def words(self, tokens: Sequence[str]) -> _Numbers:
        """Return the number of each word."""
        return np.fromiter(map(self._word.get, tokens, repeat(self.no_word)), np.int64, len(tokens))

    def symbols(self, tokens: Sequence[str]) -> _Numbers:
        """Return the number of each word's class."""
        found = self._classes.symbols(tokens)
        return np.fromiter(map(self._symbol.get, found, repeat(self.no_symbol)), np.int64, len(tokens))

    def pairs(self, words: _Numbers) -> _Numbers:
        """Return the row of the pair that begins at each word, shape (n, 1)."""
        return self._pairs.rows(words, unknown=self.unknown)

    def patterns(self, symbols: _Numbers) -> _Numbers:
        """Return the rows of the patterns that begin at each symbol, by size, shape (n, 3)."""
        return self._patterns.rows(symbols, unknown=self.unknown)

    def characters(self, folded: Sequence[str]) -> tuple[_Numbers, _Numbers]:
        """Return the rows of the character pieces of folded words, shape (n, 3), and how many places each word has.

        There is a space on either side of a word and two between the pieces of one, as in no character piece.
        """
        codes = _codes(f" {' '.join(folded).replace(' ', '  ')} ")
        sizes = np.fromiter((len(word) + word.count(" ") + 2 for word in folded), np.int64, len(folded))
        letters = self._letter[np.minimum(codes, len(self._letter) - 1)]
        return self._characters.rows(letters, unknown=self.unknown), sizes


class _Table:
    """The n-grams of some sizes, in an array with free places.

    An n-gram's place is its number times a large odd one, cut to as many bits as the array has, or the next free place.
    """

    def __init__(
        self, parts: _Numbers, *, sizes: _Numbers, rows: _Numbers, range_: tuple[int, int], n_parts: int
    ) -> None:
        if (n_parts + 2) ** range_[1] >= 2**63:
            raise ModelError(f"The model has n-grams of {n_parts:,} parts: too many for whole numbers of 64 bits.")
        self._range = range(range_[0], range_[1] + 1)
        self._other = n_parts + 1
        self._weights = [(n_parts + 2) ** i for i in range(range_[1])]  # of each part in an n-gram's number
        firsts = np.cumsum(sizes) - sizes
        numbers = np.zeros(len(sizes), dtype=np.int64)
        for i in range(self._range[-1]):
            there = sizes > i
            numbers[there] += parts[firsts[there] + i] * self._weights[i]
        bits = max(4 * len(numbers), 1).bit_length()
        self._shift = np.uint64(64 - bits)
        self._numbers = np.zeros(1 << bits, dtype=np.int64)  # 0 where a place is free
        self._rows = np.zeros(1 << bits, dtype=np.int32)
        places, left = self._places(numbers), np.arange(len(numbers))
        while len(left):
            free = left[self._numbers[places[left]] == 0]
            self._numbers[places[free]] = numbers[free]  # where several want a place, one of them gets it
            left = left[self._numbers[places[left]] != numbers[left]]
            places[left] = self._next(places[left])
        self._rows[places] = rows

    def rows(self, parts: _Numbers, *, unknown: int) -> _Numbers:
        """Return the rows of the n-grams that begin at each part, a column for each size."""
        n = len(parts)
        ahead = np.append(parts, np.full(self._range[-1], self._other))
        number = np.zeros(n, dtype=np.int64)
        numbers = np.empty((n, len(self._range)), dtype=np.int64)
        for i in range(self._range[-1]):
            number += ahead[i : i + n] * self._weights[i]
            if i + 1 in self._range:
                numbers[:, self._range.index(i + 1)] = number
        places, found = self._find(numbers.ravel())
        return np.where(found, self._rows.take(places), unknown).reshape(numbers.shape)

    def _find(self, numbers: _Numbers) -> tuple[_Numbers, NDArray[np.bool_]]:
        """Return the place of each number, and whether it is there."""
        places = self._places(numbers)
        there = self._numbers.take(places)
        left = np.flatnonzero((there != numbers) & (there != 0))
        place, wanted = places[left], numbers[left]
        while len(left):
            place = self._next(place)
            found = self._numbers.take(place)
            places[left], there[left] = place, found
            more = (found != wanted) & (found != 0)
            left, place, wanted = left[more], place[more], wanted[more]
        return places, there == numbers

    def _places(self, numbers: _Numbers) -> _Numbers:
        product = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        return (product >> self._shift).astype(np.int64)

    def _next(self, places: _Numbers) -> _Numbers:
        return (places + 1) & (len(self._numbers) - 1)


def _sizes(names: Sequence[str]) -> _Numbers:
    """Return how many words each name has."""
    return np.fromiter((name.count(" ") + 1 for name in names), np.int64, len(names))


def _codes(text: str) -> NDArray[np.uint32]:
    """Return the code point of each character."""
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
