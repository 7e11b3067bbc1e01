"""Cut a text into the windows that are scored, so that one sentence of pressure does not drown in harmless ones.

The score of a text is that of its strongest window. A text of ordinary length is one window, and so is each
pair of neighbouring sentences and each sentence; a longer text has stretches of about 30 words instead of the
whole. A part must speak more clearly than a whole: the handicap is taken off its log-odds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coercion_detect.text import Word

WHOLE = 80  # words up to which a text is scored as a whole
STRETCH = 30  # words of a stretch of a longer text
FEWEST = 3  # words of a sentence that is scored alone
PAIR_HANDICAP = 0.5  # log-odds; chosen on whole voices held out, with and without harmless text around
SENTENCE_HANDICAP = 1.0


class Window(NamedTuple):
    """Words ``first`` to ``last`` (exclusive) of a text, and what is taken off their log-odds."""

    first: int
    last: int
    handicap: float


def windows(words: Sequence[Word]) -> list[Window]:
    """Return the windows of a text: wholes first, then pairs, then sentences; no word is left out.

    >>> from coercion_detect.text import read
    >>> windows(read("One short message."))
    [Window(first=0, last=3, handicap=0.0)]
    """
    return windows_of(len(words), [i for i, word in enumerate(words, 1) if word.ends])


def windows_of(size: int, ends: Sequence[int]) -> list[Window]:
    """Return the windows of a text of ``size`` words, of which those before ``ends`` end a sentence."""
    sentences = _sentences(size, ends)
    if len(sentences) < 2:
        return [Window(0, size, 0.0)]
    found = [Window(0, size, 0.0)] if size <= WHOLE else _stretches(sentences)
    if len(sentences) > 2 or len(found) > 1:
        pairs = ((a, d) for (a, _), (_, d) in pairwise(sentences))
        found += [Window(a, d, PAIR_HANDICAP) for a, d in pairs if d - a <= STRETCH]
    return found + [Window(a, b, SENTENCE_HANDICAP) for a, b in sentences if b - a >= FEWEST]


def _sentences(size: int, ends: Sequence[int]) -> list[tuple[int, int]]:
    """Return first and last word of each sentence; one without an end is cut into half-overlapping pieces."""
    last_end = ends[-1] if ends else 0
    found: list[tuple[int, int]] = []
    for first, last in pairwise([0, *ends, size] if last_end < size else [0, *ends]):
        if last - first <= WHOLE:
            found.append((first, last))
        else:
            step = STRETCH // 2
            found += [(a, min(a + STRETCH, last)) for a in range(first, last - step, step)]
    return found


def _stretches(sentences: Sequence[tuple[int, int]]) -> list[Window]:
    """Return stretches of whole sentences; each begins with the last sentence of the one before it."""
    found: list[Window] = []
    first = 0
    while first < len(sentences):
        last, size = first, sentences[first][1] - sentences[first][0]
        while last + 1 < len(sentences) and size + sentences[last + 1][1] - sentences[last + 1][0] <= STRETCH:
            last += 1
            size += sentences[last][1] - sentences[last][0]
        found.append(Window(sentences[first][0], sentences[last][1], 0.0))
        if last + 1 == len(sentences):
            break
        first = last if last > first else last + 1
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """The windows of several texts in one row: text ``i`` has those from ``firsts[i]`` to ``firsts[i + 1]``.

    ``owners`` and ``handicaps`` have the text of each window, and what is taken off its log-odds.
    """

    windows: list[Window]
    owners: NDArray[np.intp]
    firsts: NDArray[np.intp]
    handicaps: NDArray[np.float64]

    @classmethod
    def of(cls, found: Sequence[Sequence[Window]]) -> Spread:
        """Lay out the windows of each text."""
        flat = list(chain.from_iterable(found))
        sizes = np.fromiter(map(len, found), np.intp, len(found))
        handicaps = np.fromiter((window.handicap for window in flat), np.float64, len(flat))
        return cls(flat, np.repeat(np.arange(len(found)), sizes), np.cumsum(sizes) - sizes, handicaps)

    def bounds(self, begins: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return first and last (exclusive) word of each window where the texts' words lie in one row."""
        first, last, _ = (np.array(column) for column in zip(*self.windows, strict=True))
        return begins[self.owners] + first, begins[self.owners] + last

    def first_of_strongest(self, values: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the first window of each text that reaches its highest value, shape (n_texts, columns)."""
        highest = np.maximum.reduceat(values, self.firsts, axis=0)
        places = np.where(values == highest[self.owners], np.arange(len(values))[:, None], len(values))
        found: NDArray[np.intp] = np.minimum.reduceat(places, self.firsts, axis=0)
        return found

    def strongest(self, log_odds: NDArray[np.float64], *, parts: int) -> NDArray[np.float64]:
        """Return the highest log-odds of each text, shape (n_texts, heads).

        In the first ``parts`` columns every window counts, less its handicap; in the others wholes alone do.
        """
        reached = log_odds - self.handicaps[:, None]
        reached[self.handicaps > 0, parts:] = -np.inf
        highest: NDArray[np.float64] = np.maximum.reduceat(reached, self.firsts, axis=0)
        return highest


def pieces_of(words: Sequence[Word], window: Window) -> list[str]:
    """Return the pieces of the words of one window."""
    return [piece.text for word in words[window.first : window.last] for piece in word.pieces]
