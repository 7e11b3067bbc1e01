"""The scorer that anyone can read: TF-IDF as scikit-learn defines it, in NumPy.

For one text: count its known features, multiply each count by the feature's idf, divide the words by
their Euclidean length and the character pieces by theirs, multiply by the weights, add the bias.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coercion_detect.features import character_ngrams, word_ngrams
from coercion_detect.model import Model

_BATCH = 256  # texts scored at once: enough to spread NumPy's overhead, little enough to stay in cache
_CACHE = 50_000  # chunks whose character pieces are remembered


class ReadableScorer:
    """Score folded texts with a `Model`."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._idf = model.idf.astype(np.float64)
        self._n_words = len(model.words)
        self._pieces: dict[str, list[int]] = {}

    def log_odds(self, folded: Sequence[str]) -> NDArray[np.float64]:
        """Return calibrated log-odds, shape (n_texts, 16), columns as in `HEADS`."""
        result = np.empty((len(folded), len(self._model.bias)))
        for start in range(0, len(folded), _BATCH):
            result[start : start + _BATCH] = self._batch(folded[start : start + _BATCH])
        return result

    def values(self, folded: str) -> dict[int, float]:
        """Return the TF-IDF value of every known feature of one text, by its row in the model."""
        _, columns, values = self._tfidf([folded])
        return dict(zip(columns.tolist(), values.tolist(), strict=True))

    def _batch(self, folded: Sequence[str]) -> NDArray[np.float64]:
        rows, columns, values = self._tfidf(folded)
        totals = np.zeros((len(folded), len(self._model.bias)))
        if len(rows):
            weighted = self._model.weights[columns] * values[:, None]
            present, first = np.unique(rows, return_index=True)
            totals[present] = np.add.reduceat(weighted, first, axis=0)
        return totals + self._model.bias

    def _tfidf(self, folded: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
        """Return the non-zero TF-IDF values of a batch as rows, columns, values, sorted by row and column."""
        ids = [self._ids(text) for text in folded]
        width = len(self._idf)
        keys = np.concatenate(
            [np.array(found, dtype=np.int64) + row * width for row, found in enumerate(ids)]
            or [np.empty(0, dtype=np.int64)]
        )
        unique, counts = np.unique(keys, return_counts=True)
        rows, columns = np.divmod(unique, max(width, 1))
        values = counts * self._idf[columns]
        block = rows * 2 + (columns >= self._n_words)
        lengths = np.sqrt(np.bincount(block, weights=values * values, minlength=1))
        return rows, columns, values / lengths[block]

    def _ids(self, folded: str) -> list[int]:
        """Return the row of every known feature of one text, repeated as often as it occurs."""
        words = self._model.words
        found = [row for f in word_ngrams(folded) if (row := words.get(f.name)) is not None]
        for chunk in folded.split():
            pieces = self._pieces.get(chunk)
            if pieces is None:
                pieces = self._remember(chunk)
            found += pieces
        return found

    def _remember(self, chunk: str) -> list[int]:
        known = self._model.characters
        pieces = [row for f in character_ngrams(chunk) if (row := known.get(f.name)) is not None]
        if len(self._pieces) >= _CACHE:
            self._pieces.clear()
        self._pieces[chunk] = pieces
        return pieces
