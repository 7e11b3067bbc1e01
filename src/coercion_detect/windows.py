"""Cut a text into the windows that are scored, so that one sentence of pressure does not drown in harmless ones.

The score of a text is that of its strongest window. A text of ordinary length is one window, and so is each
pair of neighbouring sentences and each sentence; a longer text has stretches of about 30 words instead of the
whole. A part must speak more clearly than a whole: the handicap is taken off its log-odds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WHOLE = 80  # words up to which a text is scored as a whole
STRETCH = 30  # words of a stretch of a longer text
FEWEST = 3  # words of a sentence that is scored alone
PAIR_HANDICAP = 0.5  # log-odds; chosen on whole voices held out, with and without harmless text around
SENTENCE_HANDICAP = 1.0

_SENTENCE = re.compile(r"[^\s].*?(?:[.!?…]+[\"'”’)\]]*(?=\s|$)|\n|$)", re.DOTALL)
_WORD = re.compile(r"\S+")


class Window(NamedTuple):
    """Characters ``start`` to ``end`` of a text, and what is taken off its log-odds."""

    start: int
    end: int
    handicap: float


class _Sentence(NamedTuple):
    start: int
    end: int
    words: int


def windows(text: str) -> list[Window]:
    """Return the windows of ``text``: wholes first, then pairs, then sentences; no word is left out.

    >>> windows("One short message.")
    [Window(start=0, end=18, handicap=0.0)]
    """
    sentences = [s for match in _SENTENCE.finditer(text) for s in _sentences(text, *match.span())]
    if len(sentences) < 2:
        return [Window(0, len(text), 0.0)]
    if sum(s.words for s in sentences) <= WHOLE:
        found = [Window(0, len(text), 0.0)]
    else:
        found = _stretches(sentences)
    if len(sentences) > 2 or len(found) > 1:
        pairs = pairwise(sentences)
        found += [Window(a.start, b.end, PAIR_HANDICAP) for a, b in pairs if a.words + b.words <= STRETCH]
    return found + [Window(s.start, s.end, SENTENCE_HANDICAP) for s in sentences if s.words >= FEWEST]


def _stretches(sentences: Sequence[_Sentence]) -> list[Window]:
    """Return stretches of whole sentences; each begins with the last sentence of the one before it."""
    found: list[Window] = []
    first = 0
    while first < len(sentences):
        last, size = first, sentences[first].words
        while last + 1 < len(sentences) and size + sentences[last + 1].words <= STRETCH:
            last += 1
            size += sentences[last].words
        found.append(Window(sentences[first].start, sentences[last].end, 0.0))
        if last + 1 == len(sentences):
            break
        first = last if last > first else last + 1
    return found


def _sentences(text: str, start: int, end: int) -> list[_Sentence]:
    """Return one sentence, or, where it has no end, half-overlapping pieces of it."""
    spans = [m.span() for m in _WORD.finditer(text, start, end)]
    if len(spans) <= WHOLE:
        return [_Sentence(spans[0][0], spans[-1][1], len(spans))] if spans else []
    step = STRETCH // 2
    cuts = range(0, len(spans) - step, step)
    return [_Sentence(spans[i][0], spans[min(i + STRETCH, len(spans)) - 1][1], STRETCH) for i in cuts]


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """The windows of several texts in one row: text ``i`` has those from ``firsts[i]`` to ``firsts[i + 1]``."""

    windows: list[Window]
    owners: list[int]
    firsts: NDArray[np.intp]
    handicaps: NDArray[np.float64]

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
    found = [windows(text) for text in texts]
    sizes = np.array([len(cut) for cut in found], dtype=np.intp)
    flat = [window for cut in found for window in cut]
    return Spread(
        windows=flat,
        owners=np.repeat(np.arange(len(texts)), sizes).tolist(),
        firsts=np.cumsum(sizes) - sizes,
        handicaps=np.array([window.handicap for window in flat]),
    )
