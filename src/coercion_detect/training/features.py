"""Count n-grams once with scikit-learn, then weigh any part of the texts: vocabulary and idf from that part alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from coercion_detect.features import vectorizer_settings


@dataclass(frozen=True, slots=True, eq=False)
class Weighting:
    """What a fit keeps of the counted features, and their idf; words and pairs come first."""

    words: tuple[str, ...]
    characters: tuple[str, ...]
    idf: NDArray[np.float64]
    word_columns: NDArray[np.intp]
    character_columns: NDArray[np.intp]


class Counts:
    """How often each n-gram stands in each folded text (or window of a text).

    ``extra_words`` are words that need not stand in any text: they are kept by every fit, with the highest idf.
    """

    def __init__(self, folded: Sequence[str], *, extra_words: Sequence[str] = ()) -> None:
        settings = vectorizer_settings()
        extra = [word for word in extra_words if word]
        counter = CountVectorizer(**settings["word"])
        self._words = counter.fit_transform([*folded, *extra]).tocsr()[: len(folded)]
        self._word_names = counter.get_feature_names_out()
        self._pairs = np.array([" " in name for name in self._word_names])
        self._extra = np.zeros(len(self._word_names), dtype=bool)
        self._extra[[counter.vocabulary_[word] for word in extra]] = True
        # pieces lie within chunks: count those of each different chunk once, then chunks in texts
        chunks = CountVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False)
        in_texts = chunks.fit_transform(folded)
        counter = CountVectorizer(**settings["character"])
        self._characters = (in_texts @ counter.fit_transform(chunks.get_feature_names_out())).tocsr()
        self._character_names = counter.get_feature_names_out()

    def fit(self, rows: NDArray[np.intp], *, min_texts: int) -> Weighting:
        """Choose vocabulary and idf from the texts ``rows``.

        Every word counts; a pair of words or a character piece must stand in ``min_texts`` of them.
        """
        word_df = _texts_with(self._words[rows])
        character_df = _texts_with(self._characters[rows])
        words = np.flatnonzero((word_df >= np.where(self._pairs, min_texts, 1)) | self._extra)
        characters = np.flatnonzero(character_df >= min_texts)
        df = np.concatenate([word_df[words], character_df[characters]])
        return Weighting(
            words=tuple(self._word_names[words]),
            characters=tuple(self._character_names[characters]),
            idf=np.log((1 + len(rows)) / (1 + df)) + 1,  # scikit-learn's smooth idf
            word_columns=words,
            character_columns=characters,
        )

    def tfidf(self, rows: NDArray[np.intp], weighting: Weighting) -> sparse.csr_matrix:
        """Return TF-IDF values of the texts ``rows``; each block has Euclidean length 1."""
        split = len(weighting.words)
        blocks = (
            (self._words[rows][:, weighting.word_columns], weighting.idf[:split]),
            (self._characters[rows][:, weighting.character_columns], weighting.idf[split:]),
        )
        return sparse.hstack([normalize(counts @ sparse.diags(idf)) for counts, idf in blocks]).tocsr()


def _texts_with(counts: sparse.csr_matrix) -> NDArray[np.intp]:
    return np.bincount(counts.indices, minlength=counts.shape[1])
