"""Cut a long text into short windows, so that one sentence of pressure does not drown in eighty others.

A text of ordinary length is one window. A longer one is cut into sentences; each window takes as many
whole sentences as fit, and the next one begins with the last sentence of the one before it, so that a
thought which spans two sentences is seen whole. A sentence without an end is cut at words.
"""

from __future__ import annotations

import re

WHOLE = 60  # words up to which a text stays one window
SIZE = 30  # words that a window of a longer text aims at

_SENTENCE = re.compile(r"[^\s].*?(?:[.!?…]+[\"'”’)\]]*(?=\s|$)|\n|$)", re.DOTALL)
_WORD = re.compile(r"\S+")

Span = tuple[int, int]


def windows(text: str) -> list[Span]:
    """Return the windows of ``text`` as ``(start, end)`` offsets, in order, nothing left out.

    >>> windows("One short message.")
    [(0, 18)]
    """
    if len(text) <= WHOLE * 2 or len(text.split(None, WHOLE)) <= WHOLE:
        return [(0, len(text))]
    sentences = [piece for match in _SENTENCE.finditer(text) for piece in _pieces(text, *match.span())]
    found: list[Span] = []
    first = 0
    while first < len(sentences):
        last, size = first, sentences[first][2]
        while last + 1 < len(sentences) and size + sentences[last + 1][2] <= SIZE:
            last += 1
            size += sentences[last][2]
        found.append((sentences[first][0], sentences[last][1]))
        if last + 1 == len(sentences):
            break
        first = last if last > first else last + 1
    return found or [(0, len(text))]


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int, int]]:
    """Return a sentence as ``(start, end, words)``, cut into half-overlapping pieces if it has no end."""
    spans = [m.span() for m in _WORD.finditer(text, start, end)]
    if len(spans) <= SIZE:
        return [(spans[0][0], spans[-1][1], len(spans))] if spans else []
    step = SIZE // 2
    cuts = range(0, max(len(spans) - step, 1), step)
    return [(spans[i][0], spans[min(i + SIZE, len(spans)) - 1][1], SIZE) for i in cuts]
