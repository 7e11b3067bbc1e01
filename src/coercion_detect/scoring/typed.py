"""The words of many texts, as columns of numbers; what a typed word folds to is worked out once and remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, filterfalse, pairwise

import numpy as np
from numpy.typing import NDArray

from coercion_detect.scoring.pieces import Pieces
from coercion_detect.scoring.runs import Growing
from coercion_detect.text import Piece, fold_word, read

_Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of several texts, one after another: text ``i`` has those from ``firsts[i]`` to ``firsts[i + 1]``.

    ``rows`` say what the words fold to, ``starts`` and ``stops`` are characters of the text, ``ends`` says which words
    end a sentence.
    """

    firsts: _Numbers
    rows: _Numbers
    starts: _Numbers
    stops: _Numbers
    ends: NDArray[np.bool_]

    def spans(self, firsts: _Numbers, lasts: _Numbers) -> _Numbers:
        """Return the first and last (exclusive) character of words ``firsts`` to ``lasts``; 0 where there is none."""
        spans = np.zeros((len(firsts), 2), dtype=np.int64)
        there = lasts > firsts
        spans[there, 0], spans[there, 1] = self.starts[firsts[there]], self.stops[lasts[there] - 1]
        return spans

    def sentence_ends(self) -> list[list[int]]:
        """Return, for each text, how many words there are up to each end of a sentence."""
        ends = np.flatnonzero(self.ends)
        until = np.searchsorted(ends, self.firsts)
        counts = (ends + 1 - np.repeat(self.firsts[:-1], np.diff(until))).tolist()
        return [counts[a:b] for a, b in pairwise(until.tolist())]


class Typed(dict[str, int]):
    """The number of each typed word that was met."""

    def __init__(self, pieces: Pieces) -> None:
        super().__init__()
        self._pieces = pieces
        self._columns = Growing(2, np.int64)  # row of what it folds to, and whether it ends a sentence
        self._letters: set[str] = set()  # those of the words that are a single letter
        self.n_characters = 0  # of all these words

    def clear(self) -> None:
        """Forget everything that was met."""
        super().clear()
        self._columns.clear()
        self._letters.clear()
        self.n_characters = 0

    def read(self, texts: Sequence[str]) -> Words:
        """Return the words that `coercion_detect.text.read` finds; only a text that is not plain is read by it."""
        typed = [text.split() for text in texts]
        new = filterfalse(self.__contains__, chain.from_iterable(typed))
        self._learn({word: fold_word(word) for word in new})
        others = {i: read(texts[i]) for i, words in enumerate(typed) if not self._is_plain(texts[i], words)}
        for i, words in others.items():
            typed[i] = [texts[i][word.start : word.end] for word in words]  # a word that is spelt out has spaces
            spelt = zip(typed[i], words, strict=True)
            self._learn({key: (word.pieces, word.ends, False) for key, word in spelt if key not in self})
        found = self._plain(typed)
        for i, words in others.items():
            there = slice(found.firsts[i], found.firsts[i + 1])
            found.starts[there] = [word.start for word in words]
            found.stops[there] = [word.end for word in words]
            found.ends[there] = [word.ends for word in words]
        return found

    def _plain(self, typed: Sequence[Sequence[str]]) -> Words:
        """Return the words of texts that have one space between words."""
        flat = list(chain.from_iterable(typed))
        firsts = np.cumsum([0, *map(len, typed)])
        numbers = np.fromiter(map(self.__getitem__, flat), np.int64, len(flat))
        rows, ends = self._columns.rows.take(numbers, axis=0).T
        lengths = np.fromiter(map(len, flat), np.int64, len(flat))
        until = np.append(0, np.cumsum(lengths + 1))
        starts = until[:-1] - np.repeat(until[firsts[:-1]], np.diff(firsts))
        return Words(firsts, rows, starts, starts + lengths, ends > 0)

    def _is_plain(self, text: str, words: Sequence[str]) -> bool:
        """Whether there is one space between words, and no word that may be spelt out in letters."""
        if " ".join(words) != text:
            return False
        letters = sum(map(self._letters.__contains__, words))
        return letters < 3 or not any(map(self._letters.issuperset, zip(words, words[1:], words[2:], strict=False)))

    def _learn(self, folded: Mapping[str, tuple[Sequence[Piece], bool, bool]]) -> None:
        """Work out what new words fold to; of each, the answer of `fold_word`."""
        if folded:
            rows = self._pieces.rows([" ".join([piece.text for piece in pieces]) for pieces, _, _ in folded.values()])
            self._columns.extend(np.column_stack([rows, [ends for _, ends, _ in folded.values()]]))
            self._letters.update(word for word, (_, _, letter) in folded.items() if letter)
            self.n_characters += sum(map(len, folded))
            self.update(zip(folded, range(len(self), len(self) + len(folded)), strict=True))
