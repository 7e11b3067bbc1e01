"""Cut a text into the windows that are scored, so that one sentence of pressure does not drown in harmless ones.

The score of a text is that of its strongest window. A text of ordinary length is one window, and so is each
pair of neighbouring sentences and each sentence; a longer text has stretches of about 30 words instead of the
whole. A part must speak more clearly than a whole: the handicap is taken off its log-odds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coercion_detect.text import Word, read

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

    >>> windows(read("One short message."))
    [Window(first=0, last=3, handicap=0.0)]
    """
    sentences = _sentences(words)
    if len(sentences) < 2:
        return [Window(0, len(words), 0.0)]
    found = [Window(0, len(words), 0.0)] if len(words) <= WHOLE else _stretches(sentences)
    if len(sentences) > 2 or len(found) > 1:
        pairs = ((a, d) for (a, _), (_, d) in pairwise(sentences))
        found += [Window(a, d, PAIR_HANDICAP) for a, d in pairs if d - a <= STRETCH]
    return found + [Window(a, b, SENTENCE_HANDICAP) for a, b in sentences if b - a >= FEWEST]


def _sentences(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Return first and last word of each sentence; one without an end is cut into half-overlapping pieces."""
    ends = [i for i, word in enumerate(words, 1) if word.ends]
    if words and (not ends or ends[-1] < len(words)):
        ends.append(len(words))
    found: list[tuple[int, int]] = []
    for first, last in pairwise([0, *ends]):
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
    """The windows of several texts in one row: text ``i`` has those from ``firsts[i]`` to ``firsts[i + 1]``."""

    words: list[list[Word]]
    windows: list[Window]
    owners: list[int]
    firsts: NDArray[np.intp]
    handicaps: NDArray[np.float64]

    def pieces(self) -> list[list[str]]:
        """Return what each window folds to, piece by piece."""
        return [pieces_of(self.words[i], window) for i, window in zip(self.owners, self.windows, strict=True)]

    def span(self, window: int) -> tuple[int, int]:
        """Return the first and last (exclusive) character of a window; none of an empty text."""
        first, last, _ = self.windows[window]
        words = self.words[self.owners[window]][first:last]
        return (words[0].start, words[-1].end) if words else (0, 0)

    def spans(self) -> NDArray[np.int32]:
        """Return the first and last (exclusive) character of each window, shape (n_windows, 2)."""
        return np.array([self.span(window) for window in range(len(self.windows))], dtype=np.int32).reshape(-1, 2)

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


def spread(texts: Sequence[str]) -> Spread:
    """Cut every text into its windows."""
    words = [read(text) for text in texts]
    found = [windows(of_text) for of_text in words]
    sizes = np.array([len(cut) for cut in found], dtype=np.intp)
    flat = [window for cut in found for window in cut]
    return Spread(
        words=words,
        windows=flat,
        owners=np.repeat(np.arange(len(texts)), sizes).tolist(),
        firsts=np.cumsum(sizes) - sizes,
        handicaps=np.array([window.handicap for window in flat]),
    )


def pieces_of(words: Sequence[Word], window: Window) -> list[str]:
    """Return the pieces of the words of one window."""
    return [piece.text for word in words[window.first : window.last] for piece in word.pieces]
