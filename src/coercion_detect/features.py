"""Word and character n-grams of a folded text: the one definition that training and scoring share.

The definition is scikit-learn's (``TfidfVectorizer`` with ``analyzer="word"`` and ``"char_wb"``), so a
fitted scikit-learn pipeline and the shipped model find the same features. `vectorizer_settings`
gives the settings to scikit-learn; the functions here say in plain Python what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

WORD_RANGE = (1, 2)
CHARACTER_RANGE = (2, 5)
TOKEN = r"[^\W_]+|[?!]"  # noqa: S105 a pattern for words, no secret

_TOKEN = re.compile(TOKEN)
_CHUNK = re.compile(r"\S+")


class Feature(NamedTuple):
    """One n-gram, and the folded characters ``start`` to ``end`` that it covers."""

    name: str
    start: int
    end: int


def words(folded: str) -> list[str]:
    """Return the tokens of a folded text: runs of letters and digits, "?" and "!"."""
    return _TOKEN.findall(folded)


def word_ngrams(folded: str) -> Iterator[Feature]:
    """Yield each word and each pair of neighbours, named as scikit-learn names them."""
    tokens = [(m.group(), *m.span()) for m in _TOKEN.finditer(folded)]
    for name, start, end in tokens:
        yield Feature(name, start, end)
    for (left, start, _), (right, _, end) in pairwise(tokens):
        yield Feature(f"{left} {right}", start, end)


def character_ngrams(folded: str) -> Iterator[Feature]:
    """Yield the 2- to 5-character pieces of each space-separated chunk, padded with one space a side."""
    low, high = CHARACTER_RANGE
    for match in _CHUNK.finditer(folded):
        padded = f" {match.group()} "
        first, last = match.span()
        for size in range(low, high + 1):
            for offset in range(max(len(padded) - size + 1, 1)):
                start = max(first + offset - 1, first)
                yield Feature(padded[offset : offset + size], start, min(first + offset - 1 + size, last))
            if len(padded) <= size:  # scikit-learn counts a chunk shorter than the size once, then stops
                break


def vectorizer_settings() -> dict[str, dict[str, Any]]:
    """Return the arguments that make scikit-learn's ``TfidfVectorizer`` find these features."""
    return {
        "word": {"analyzer": "word", "ngram_range": WORD_RANGE, "token_pattern": TOKEN, "lowercase": False},
        "character": {"analyzer": "char_wb", "ngram_range": CHARACTER_RANGE, "lowercase": False},
    }
