"""Word vectors: what a sentence encoder knows of words that the data never showed, as one small array.

They are used at training time only: a second block ``words @ vectors`` beside the n-grams, whose weights are
then folded back into one weight per word. The shipped model stays a table of words and weights.
``scripts/make_word_vectors.py`` makes the array; training without it works and gives a smaller vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from coercion_detect.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class WordVectors:
    """``words`` in alphabetical order, and their vectors, shape (n_words, n_dimensions)."""

    words: tuple[str, ...]
    vectors: NDArray[np.float64]

    def rows(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Return a vector for every name, zeros for names that have none."""
        place = {word: i for i, word in enumerate(self.words)}
        found = np.zeros((len(names), self.vectors.shape[1]))
        for i, name in enumerate(names):
            if name in place:
                found[i] = self.vectors[place[name]]
        return found


def load_vectors(folder: Path) -> WordVectors | None:
    """Read ``word_vectors.txt`` and ``word_vectors.npy`` from the data folder; ``None`` where they are not."""
    names, array = folder / "word_vectors.txt", folder / "word_vectors.npy"
    if not names.exists() and not array.exists():
        return None
    for path in (names, array):
        if not path.is_file():
            raise DataError("is missing beside its partner; run scripts/make_word_vectors.py.", path=str(path))
    words = tuple(names.read_text(encoding="utf-8").split("\n")[:-1])
    try:
        stored = np.load(array, allow_pickle=False)
    except ValueError:
        raise DataError("is no array; run scripts/make_word_vectors.py.", path=str(array)) from None
    if stored.ndim != 2 or len(stored) != len(words):
        raise DataError("does not fit its list of words; run scripts/make_word_vectors.py.", path=str(array))
    vectors = stored.astype(np.float64)
    return WordVectors(words, vectors / np.linalg.norm(vectors, axis=1).mean())


def add_block(matrix: sparse.csr_matrix, word_vectors: NDArray[np.float64]) -> sparse.csr_matrix:
    """Append ``words @ vectors`` to a TF-IDF matrix whose first columns are the words and pairs."""
    block = matrix[:, : len(word_vectors)] @ word_vectors
    return sparse.hstack([matrix, sparse.csr_matrix(block)]).tocsr()


def fold_back(weights: NDArray[np.float64], word_vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn weights (n_features + n_dimensions, heads) of an extended matrix into weights (n_features, heads)."""
    n_features = len(weights) - word_vectors.shape[1]
    folded = weights[:n_features].copy()
    folded[: len(word_vectors)] += word_vectors @ weights[n_features:]
    return folded
