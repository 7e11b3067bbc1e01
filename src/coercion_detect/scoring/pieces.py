"""What a piece of folded text adds wherever it stands, worked out once and remembered, by row of one table."""

from __future__ import annotations

from collections.abc import Iterable

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

    def rows(self, pieces: Iterable[str]) -> _Numbers:
        """Return the row of each piece."""
        if len(self) > _MOST:
            for remembered in (self, self._first_token, self._words, self._symbols):
                remembered.clear()
        return np.fromiter(map(self.__getitem__, pieces), dtype=np.int64)

    def tokens(self, rows: _Numbers) -> tuple[_Numbers, _Numbers]:
        """Return the numbers of the words of the pieces ``rows``, one after another, and of their classes."""
        sizes = self.adds[rows, -3].astype(np.int64)
        firsts = np.array(self._first_token, dtype=np.int64)[rows]
        places = np.repeat(firsts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        return np.array(self._words, dtype=np.int64)[places], np.array(self._symbols, dtype=np.int64)[places]

    def __missing__(self, piece: str) -> int:
        row = len(self)
        if row == len(self.adds):
            self.adds = np.concatenate([self.adds, np.zeros_like(self.adds)])
        of_words, of_characters = (
            self._of_feature[rows].sum(axis=0, dtype=np.float64) for rows in self._ngrams.rows_of(piece)
        )
        found = tokens(piece)
        words = [token for token in found if token.isalnum()]
        counts = [len(found), len(words), sum(map(self._model.knows, words))]
        self.adds[row] = np.concatenate([of_words, of_characters, counts])
        self._first_token.append(len(self._words))
        for numbers, more in zip((self._words, self._symbols), self._ngrams.words_of(piece), strict=True):
            numbers += more
        self[piece] = row
        return row
