"""What a folded word adds wherever it stands, worked out once and remembered, by row of one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, filterfalse

import numpy as np
from numpy.typing import NDArray

from coercion_detect.features import tokens
from coercion_detect.model import Model
from coercion_detect.scoring.ngrams import Ngrams
from coercion_detect.scoring.runs import Growing, add_known, add_up, places_of

_Floats = NDArray[np.float64]
_Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Several folded words: what each adds to the heads and to a squared length, its words first, then its pieces.

    ``n_tokens`` has how many tokens each has, ``words`` and ``symbols`` the numbers of all these and of their classes.
    """

    adds: _Floats
    n_tokens: _Numbers
    words: _Numbers
    symbols: _Numbers


class Pieces(dict[str, int]):
    """The row of each folded word that was met: its pieces, with one space between."""

    def __init__(self, model: Model, ngrams: Ngrams, adds: NDArray[np.float32]) -> None:
        super().__init__()
        self._ngrams, self._of_feature = ngrams, adds
        self._in_training = np.append(model.idf, np.inf)[ngrams.row_of_word] < model.known_below
        self._adds = Growing(2 * adds.shape[1], np.float64)
        self._counts = Growing(3, np.int64)
        self._firsts = Growing(1, np.int64)
        self._tokens = Growing(2, np.int64)
        self.n_characters = 0  # of all these words

    @property
    def counts(self) -> _Numbers:
        """How many tokens and words each row has, and how many of the words training texts had."""
        return self._counts.rows

    def rows(self, folded: Sequence[str]) -> _Numbers:
        """Return the row of each folded word."""
        if new := list(dict.fromkeys(filterfalse(self.__contains__, folded))):
            self._learn(new)
        return np.fromiter(map(self.__getitem__, folded), np.int64, len(folded))

    def found(self, rows: _Numbers) -> Found:
        """Return what is remembered of ``rows``."""
        n = self._counts.rows[rows, 0]
        words, symbols = self._tokens.rows.take(places_of(self._firsts.rows[rows, 0], n), axis=0).T
        return Found(self._adds.rows.take(rows, axis=0), n, words, symbols)

    def clear(self) -> None:
        """Forget everything that was met."""
        super().clear()
        for columns in (self._adds, self._counts, self._firsts, self._tokens):
            columns.clear()
        self.n_characters = 0

    def _learn(self, new: Sequence[str]) -> None:
        """Work out what new folded words add, all of them at once."""
        found = [[folded] if folded.isalnum() else tokens(folded) for folded in new]
        n = np.fromiter(map(len, found), np.int64, len(new))
        flat = list(chain.from_iterable(found))
        words, is_word = self._ngrams.words(flat), np.fromiter(map(str.isalnum, flat), np.bool_, len(flat))
        of_words = add_up(self._of_feature[self._ngrams.row_of_word[words]], n)
        of_characters = add_known(self._of_feature, *self._ngrams.characters(new))
        self.n_characters += sum(map(len, new))
        self.update(zip(new, range(len(self), len(self) + len(new)), strict=True))
        self._adds.extend(np.hstack([of_words, of_characters]))
        self._counts.extend(
            np.column_stack([n, add_up(np.column_stack([is_word, is_word & self._in_training[words]]), n)])
        )
        self._firsts.extend((len(self._tokens) + np.cumsum(n) - n)[:, None])
        self._tokens.extend(np.column_stack([words, self._ngrams.symbols(flat)]))
