"""What a piece of folded text adds wherever it stands, worked out once and remembered, by row of one table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from coercion_detect.features import tokens
from coercion_detect.model import Model
from coercion_detect.scoring.ngrams import Ngrams

_MOST = 50_000  # pieces that are remembered
_Floats = NDArray[np.float64]
_Numbers = NDArray[np.int64]


class Pieces(dict[str, int]):
    """The row of each piece that was met.

    ``adds`` are what its words, then its character pieces, add to the heads and to a squared length; then how many
    tokens and words it has, and how many of the words training texts had.
    """

    def __init__(self, model: Model, ngrams: Ngrams, adds: NDArray[np.float32]) -> None:
        super().__init__()
        self._model, self._ngrams, self._of_feature = model, ngrams, adds
        self.adds = np.zeros((1024, 2 * adds.shape[1] + 3))
        self._first_token: list[int] = []
        self._words: list[int] = []
        self._symbols: list[int] = []
        self._arrays: tuple[_Numbers, _Numbers, _Numbers] | None = None  # of the three lists, until they grow

    def rows(self, pieces: Sequence[str]) -> _Numbers:
        """Return the row of each piece."""
        if len(self) > _MOST:
            for remembered in (self, self._first_token, self._words, self._symbols):
                remembered.clear()
        new = [piece for piece in dict.fromkeys(pieces) if piece not in self]
        if new:
            self._learn(new)
        return np.fromiter(map(self.__getitem__, pieces), dtype=np.int64, count=len(pieces))

    def tokens(self, rows: _Numbers) -> tuple[_Numbers, _Numbers]:
        """Return the numbers of the words of the pieces ``rows``, one after another, and of their classes."""
        sizes = self.adds[rows, -3].astype(np.int64)
        if self._arrays is None:
            first, *numbers = (np.array(of, dtype=np.int64) for of in (self._first_token, self._words, self._symbols))
            self._arrays = first, numbers[0], numbers[1]
        firsts, words, symbols = self._arrays
        places = np.repeat(firsts[rows] - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        return words[places], symbols[places]

    def _learn(self, pieces: Sequence[str]) -> None:
        """Work out what new pieces add, all of them at once."""
        self._arrays = None
        first, until = len(self), len(self) + len(pieces)
        if until > len(self.adds):
            more = np.zeros((max(until, 2 * len(self.adds)) - len(self.adds), self.adds.shape[1]))
            self.adds = np.concatenate([self.adds, more])
        of_words, of_characters = zip(*map(self._ngrams.rows_of, pieces), strict=True)
        counts = []
        for piece in pieces:
            words = [token for token in tokens(piece) if token.isalnum()]
            numbers, symbols = self._ngrams.words_of(piece)
            counts.append((len(numbers), len(words), sum(map(self._model.knows, words))))
            self._first_token.append(len(self._words))
            self._words += numbers
            self._symbols += symbols
        self.adds[first:until] = np.column_stack([self._added(of_words), self._added(of_characters), counts])
        self.update(zip(pieces, range(first, until), strict=True))

    def _added(self, rows: Sequence[Sequence[int]]) -> _Floats:
        """Add up what the features of each piece add."""
        ends = np.cumsum([0, *map(len, rows)])
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=int(ends[-1]))
        running = np.zeros((len(flat) + 1, self._of_feature.shape[1]))
        np.cumsum(self._of_feature[flat], axis=0, out=running[1:])
        return np.diff(running[ends], axis=0)
