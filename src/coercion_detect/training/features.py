"""Count n-grams once with scikit-learn, then weigh any part of the texts: vocabulary and idf from that part alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from coercion_detect.features import WordClasses, tokens, vectorizer_settings


@dataclass(frozen=True, slots=True, eq=False)
class Weighting:
    """What a fit keeps of the counted features, and their idf: words and pairs, character pieces, patterns."""

    names: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    idf: NDArray[np.float64]
    columns: tuple[NDArray[np.intp], ...]

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many features there are of each kind."""
        words, characters, patterns = self.names
        return len(words), len(characters), len(patterns)


class Counts:
    """How often each n-gram stands in each folded text (or window of a text).

    ``extra_words`` are words that need not stand in any text: they are kept by every fit, with the highest idf.
    """

    def __init__(
        self, folded: Sequence[str], *, classes: WordClasses | None = None, extra_words: Sequence[str] = ()
    ) -> None:
        settings = vectorizer_settings()
        extra = [word for word in extra_words if word]
        counter = CountVectorizer(**settings["word"])
        words = counter.fit_transform([*folded, *extra]).tocsr()[: len(folded)]
        word_names = counter.get_feature_names_out()
        self._pairs = np.array([" " in name for name in word_names])
        self._extra = np.zeros(len(word_names), dtype=bool)
        self._extra[[counter.vocabulary_[word] for word in extra]] = True
        # pieces lie within chunks: count those of each different chunk once, then chunks in texts
        chunks = CountVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False)
        in_texts = chunks.fit_transform(folded)
        counter = CountVectorizer(**settings["character"])
        characters = (in_texts @ counter.fit_transform(chunks.get_feature_names_out())).tocsr()
        character_names = counter.get_feature_names_out()
        patterns, pattern_names = sparse.csr_matrix((len(folded), 0)), np.empty(0, dtype=object)
        if classes is not None:
            counter = CountVectorizer(**settings["pattern"])
            patterns = counter.fit_transform([classes.read(tokens(text)) for text in folded]).tocsr()
            pattern_names = counter.get_feature_names_out()
        self._blocks = (words, characters, patterns)
        self._names = (word_names, character_names, pattern_names)

    def fit(self, rows: NDArray[np.intp], *, min_texts: int, min_pattern_texts: int) -> Weighting:
        """Choose vocabulary and idf from the texts ``rows``.

        Every word counts; a pair of words or a character piece must stand in ``min_texts`` of them, a pattern in
        ``min_pattern_texts``.
        """
        in_texts = [np.bincount(block[rows].indices, minlength=block.shape[1]) for block in self._blocks]
        fewest: list[NDArray[np.intp] | int] = [np.where(self._pairs, min_texts, 1), min_texts, min_pattern_texts]
        columns = [np.flatnonzero(df >= least) for df, least in zip(in_texts, fewest, strict=True)]
        columns[0] = np.flatnonzero((in_texts[0] >= fewest[0]) | self._extra)
        df = np.concatenate([of_block[kept] for of_block, kept in zip(in_texts, columns, strict=True)])
        words, characters, patterns = (tuple(names[kept]) for names, kept in zip(self._names, columns, strict=True))
        return Weighting(
            names=(words, characters, patterns),
            idf=np.log((1 + len(rows)) / (1 + df)) + 1,  # scikit-learn's smooth idf
            columns=tuple(columns),
        )

    def tfidf(self, rows: NDArray[np.intp], weighting: Weighting) -> sparse.csr_matrix:
        """Return TF-IDF values of the texts ``rows``, each block divided by its length (`by_length`)."""
        idf = np.split(weighting.idf, np.cumsum(weighting.counts)[:-1])
        blocks = [
            by_length(counts[rows][:, kept] @ sparse.diags(of_block), of_block)
            for counts, kept, of_block in zip(self._blocks, weighting.columns, idf, strict=True)
            if len(kept)
        ]
        return sparse.hstack(blocks).tocsr()


def by_length(tfidf: sparse.csr_matrix, idf: NDArray[np.float64]) -> sparse.csr_matrix:
    """Divide each row by its length, in which every place where a feature stands counts alone: sqrt(sum tf idf^2).

    For features that stand once it is the Euclidean length. It adds up from place to place, so what a piece of text
    adds to a longer one is the same wherever it stands; that is what makes scoring fast.
    """
    squares = tfidf @ idf
    return sparse.diags(1 / np.sqrt(np.where(squares > 0, squares, 1.0))) @ tfidf
