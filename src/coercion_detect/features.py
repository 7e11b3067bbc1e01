"""Three kinds of n-grams of a folded text: what training and scoring mean by them.

Words and pairs of words; pieces of words; and patterns, which are n-grams of word classes: frequent words stand for
themselves, any other word for the words that mean something like it ("if you <> me" for "if you loved me"), so a turn
of phrase is known again in words that no training text had. The definitions are scikit-learn's (``TfidfVectorizer``
with ``analyzer="word"`` and ``"char_wb"``), so a fitted scikit-learn pipeline and the shipped model find the same
features: `vectorizer_settings` gives the settings to scikit-learn. The scorers find n-grams many at a time, in ways of
their own; `word_ngrams`, `character_ngrams` and `pattern_ngrams` are the plain reference to which tests hold both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from operator import itemgetter
from typing import Any

from coercion_detect.text import Remembered, fold, fold_word

WORD_RANGE = (1, 2)
CHARACTER_RANGE = (3, 5)
PATTERN_RANGE = (2, 4)
TOKEN = r"[^\W_]+|[?!]"  # noqa: S105 a pattern for words, no secret
BEGIN, END, UNKNOWN, NUMBER = "<", ">", "#", "#0"  # class symbols; no word looks like one

_TOKEN = re.compile(TOKEN)


class _Symbols(dict[str, str]):
    """The class of every word that has one; any other is a number or unknown, and is not remembered."""

    def __missing__(self, token: str) -> str:
        return NUMBER if token.isdecimal() else UNKNOWN


@dataclass(frozen=True)
class WordClasses:
    """Which words are read alike in patterns (class-based n-grams; Brown et al. 1992).

    ``text`` is a file of lines in UTF-8: the first holds the words that stand for themselves, each further line the
    words of one class.
    """

    text: bytes

    @cached_property
    def _symbols(self) -> _Symbols:
        own, *classes = self.text.decode("utf-8").split("\n")[:-1] or [""]
        symbols = _Symbols({word: f"#{number}" for number, line in enumerate(classes, 1) for word in line.split()})
        symbols.update({word: word for word in [*own.split(), "?", "!"]})
        return symbols

    def symbol(self, token: str) -> str:
        """Return the class of a token: itself, ``#`` and a number, or ``#`` alone for a word of no class."""
        return self._symbols[token]

    def symbols(self, tokens: Iterable[str]) -> list[str]:
        """Return the class of each token."""
        return list(map(self._symbols.__getitem__, tokens))

    def read(self, tokens: Iterable[str]) -> str:
        """Return tokens as the text of which patterns are the n-grams; nothing where there is no token."""
        symbols = self.symbols(tokens)
        return " ".join([BEGIN, *symbols, END]) if symbols else ""


def tokens(folded: str) -> list[str]:
    """Return the tokens of a folded text: runs of letters and digits, "?" and "!"."""
    return _TOKEN.findall(folded)


def typed_tokens(text: str) -> list[str]:
    """Return the tokens of a text as somebody typed it: those of its folded text, each typed word read once."""
    found = list(map(_TOKENS_OF_WORD.__getitem__, text.split()))
    if b"\1\1\1" in bytes(map(_IS_LETTER, found)):  # three in a row may be a word spelt out
        return tokens(fold(text))
    return list(chain.from_iterable(map(_TOKENS, found)))


def _tokens_of_word(word: str) -> tuple[tuple[str, ...], bool]:
    """Return the tokens of a typed word, and whether it is a single letter."""
    pieces, _, letter = fold_word(word)
    return tuple(tokens(" ".join(piece.text for piece in pieces))), letter


_TOKENS_OF_WORD = Remembered(_tokens_of_word)
_TOKENS, _IS_LETTER = itemgetter(0), itemgetter(1)


def word_ngrams(found: Sequence[str]) -> Iterator[str]:
    """Yield each token, and each pair of neighbours with a space between."""
    yield from found
    for left, right in pairwise(found):
        yield f"{left} {right}"


def character_ngrams(piece: str) -> Iterator[str]:
    """Yield the 3- to 5-character pieces of a piece of text without spaces, padded with one space a side."""
    padded = f" {piece} "
    for size in range(CHARACTER_RANGE[0], CHARACTER_RANGE[1] + 1):
        yield from (padded[i : i + size] for i in range(max(len(padded) - size + 1, 1)))
        if len(padded) <= size:  # scikit-learn counts one shorter than the size once, then stops
            break


def pattern_ngrams(symbols: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Yield each pattern of two to four class symbols, with the first and last (exclusive) symbol that it covers."""
    for size in range(PATTERN_RANGE[0], PATTERN_RANGE[1] + 1):
        for first in range(len(symbols) - size + 1):
            yield " ".join(symbols[first : first + size]), first, first + size


def vectorizer_settings() -> dict[str, dict[str, Any]]:
    """Return the arguments that make scikit-learn's ``TfidfVectorizer`` find these features.

    Patterns are found in what `WordClasses.read` returns.
    """
    return {
        "word": {"analyzer": "word", "ngram_range": WORD_RANGE, "token_pattern": TOKEN, "lowercase": False},
        "character": {"analyzer": "char_wb", "ngram_range": CHARACTER_RANGE, "lowercase": False},
        "pattern": {"analyzer": "word", "ngram_range": PATTERN_RANGE, "token_pattern": r"\S+", "lowercase": False},
    }
