"""Word vectors: what a sentence encoder knows of words that the data never showed, as one small array.

The vectors are used at training time only: a further block ``words @ vectors`` beside the n-grams, whose weights are
then folded back into one weight per word. Words with vectors near one another form the classes of which patterns are
made. The shipped model stays a table of features and weights. ``scripts/make_word_vectors.py`` makes the array and
the classes; training without them works and gives a smaller vocabulary without patterns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from coercion_detect.errors import DataError
from coercion_detect.features import WordClasses


@dataclass(frozen=True, slots=True, eq=False)
class WordVectors:
    """``words`` in alphabetical order, their vectors, shape (n_words, n_dimensions), and their classes."""

    words: tuple[str, ...]
    vectors: NDArray[np.float64]
    classes: WordClasses

    def rows(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Return a vector for every name, zeros for names that have none."""
        place = {word: i for i, word in enumerate(self.words)}
        found = np.zeros((len(names), self.vectors.shape[1]))
        for i, name in enumerate(names):
            if name in place:
                found[i] = self.vectors[place[name]]
        return found


def load_vectors(folder: Path) -> WordVectors | None:
    """Read ``word_vectors.txt``, ``word_vectors.npy`` and ``word_classes.txt`` from the data folder.

    Returns ``None`` where there is none of them.
    """
    files = names, array, classes = [folder / f"word_{name}" for name in ("vectors.txt", "vectors.npy", "classes.txt")]
    if not any(path.exists() for path in files):
        return None
    for path in files:
        if not path.is_file():
            raise DataError("is missing beside its partners; run scripts/make_word_vectors.py.", path=str(path))
    words = tuple(names.read_text(encoding="utf-8").split("\n")[:-1])
    try:
        stored = np.load(array, allow_pickle=False)
    except ValueError:
        raise DataError("is no array; run scripts/make_word_vectors.py.", path=str(array)) from None
    if stored.ndim != 2 or len(stored) != len(words):
        raise DataError("does not fit its list of words; run scripts/make_word_vectors.py.", path=str(array))
    vectors = stored.astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1).mean()
    return WordVectors(words, vectors, WordClasses(classes.read_bytes()))


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
