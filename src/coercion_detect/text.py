"""From a text as somebody typed it to folded words, with a way back to the caller's characters.

Folding undoes what hides a word without changing what it says: case, Unicode compatibility forms,
accents, look-alike letters, invisible characters, drawn-out letters ("pleeease"), spaced and starred
words ("s e n d", "n*des"), and leet inside words ("s3nd"; numbers stay numbers). It reads every word that says who
somebody is as the word for its kind, and keeps of the marks only "?" and "!".

A text is split at its white space and each word folded on its own, so a word is folded once and remembered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeVar

from coercion_detect.identity import kinds
from coercion_detect.lookalikes import LEET, LOOKALIKES, common_words, masked_words


class Piece(NamedTuple):
    """What is left of a typed word, or a part of it, without spaces: "what?!" gives "what" and "?".

    ``start`` and ``end`` count the caller's characters from the beginning of the typed word.
    """

    text: str
    start: int
    end: int


class Word(NamedTuple):
    """Characters ``start`` to ``end`` of a text, what they fold to, and whether they end a sentence."""

    start: int
    end: int
    pieces: tuple[Piece, ...]
    ends: bool


_T = TypeVar("_T")


class Remembered(dict[str, _T]):
    """What a function says of each word, worked out once; all is forgotten where it gets too much.

    Long words (addresses, files in letters) are hardly met again and take much room: they are not remembered.
    """

    LONGEST = 64  # characters
    MOST = 65536  # words

    def __init__(self, function: Callable[[str], _T]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, word: str) -> _T:
        answer = self._function(word)
        if len(word) <= self.LONGEST:
            if len(self) >= self.MOST:
                self.clear()
            self[word] = answer
        return answer


_make = tuple.__new__  # of a named tuple: twice as fast as its own, and a long file has millions of words


def read(text: str) -> list[Word]:
    """Return the words of ``text``, in order."""
    words: list[Word] = []
    letters = []  # places of words that are a single letter
    lines, before = "\n" in text, 0
    for match, (pieces, ends, letter) in zip(_RAW.finditer(text), map(_FOLDED.__getitem__, text.split()), strict=True):
        start, end = match.span()
        if lines and words and "\n" in text[before:start]:
            words[-1] = words[-1]._replace(ends=True)
        if letter:
            letters.append(len(words))
        words.append(_make(Word, (start, end, pieces, ends)))
        before = end
    return _close_up(words, letters) if len(letters) > 2 else words


def fold(text: str) -> str:
    """Fold ``text``: the pieces of its words with one space between, as the features read it."""
    return " ".join(piece.text for word in read(text) for piece in word.pieces)


def fold_word(word: str) -> tuple[tuple[Piece, ...], bool, bool]:
    """Return a word's pieces, whether it ends a sentence, and whether it is a single letter."""
    return _FOLDED[word]


def _fold_word(word: str) -> tuple[tuple[Piece, ...], bool, bool]:
    """Work out what `fold_word` says."""
    plain = _PLAIN.fullmatch(word.lower().replace("’", "'"))  # most words; the rules below would say the same
    if plain and not _RUN_OF_LETTERS.search(letters := plain[1]):
        text = "".join([kinds().get(part, part) for part in letters.split("'")])
        return (_make(Piece, (text, 0, len(letters))),), word.endswith("."), len(word) == 1
    characters = [_fold_character(c) for c in word]
    folded = "".join(characters)
    letter = len(folded) == 1 and "a" <= folded <= "z"
    starts = [i for i, piece in enumerate(characters) for _ in piece]
    ends = [i + 1 for i in starts]
    for pattern, replace in _RULES:
        if pattern.search(folded):
            folded, starts, ends = _rewrite(folded, starts, ends, pattern, replace)
    chunks = (m.span() for m in _RAW.finditer(folded))
    pieces = tuple(Piece(folded[a:b], starts[a], ends[b - 1]) for a, b in chunks)
    return pieces, _SENTENCE_END.search(word) is not None, letter


_FOLDED = Remembered(_fold_word)


def _close_up(words: list[Word], letters: list[int]) -> list[Word]:
    """Join runs of three or more single letters with one space between; three only where they make a common word."""
    runs: list[list[int]] = []
    for i in letters:
        apart = not runs or runs[-1][-1] != i - 1 or words[i - 1].ends or words[i].start > words[i - 1].end + 1
        if apart:
            runs.append([])
        runs[-1].append(i)
    joined = words
    for run in reversed([run for run in runs if len(run) > 2]):
        first, last = words[run[0]], words[run[-1]]
        spelt = "".join(words[i].pieces[0].text for i in run)
        if len(spelt) > 3 or spelt in common_words() or spelt in masked_words(3):
            length = last.end - first.start
            pieces = tuple(Piece(piece.text, 0, length) for piece in fold_word(spelt)[0])
            joined = [*joined[: run[0]], Word(first.start, last.end, pieces, last.ends), *joined[run[-1] + 1 :]]
    return joined


@lru_cache(maxsize=65536)
def _fold_character(character: str) -> str:
    """Fold one character on its own: "É" to "e", a zero-width space to "", a tab to " "."""
    if character.isspace():
        return " "
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept = (LOOKALIKES.get(c, c) for c in plain if unicodedata.category(c) not in _DROPPED)
    return "".join(" " if c.isspace() else c for c in kept)


_DROPPED = {"Mn", "Me", "Cf", "Cc", "Cs", "Sk"}  # accents, invisible and control characters, skin tones
# "^", "`" and the like are Sk as well; none of them carries wording.

# Each rule is a pattern and what stands in its place: a text as long as the match maps character by
# character, any other length maps to the whole match.
_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_RAW = re.compile(r"\S+")
_PLAIN = re.compile(r"([a-z]+(?:'[a-z]+)*)[.,;:]*")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_DOTTED = re.compile(r"(?<![a-z0-9])[a-z](?:([.\-_*~/|+])[a-z](?:\1[a-z])+)(?![a-z0-9])")
_MASK = re.compile(r"(?<![^\s\"'(])[a-z]+(?:[*#@$!%]+[a-z]+)+|(?<![^\s\"'(])[a-z]+\*+(?![a-z])")
_LEET_WORD = re.compile(r"(?<![a-z0-9@$])(?=[a-z]*[013457@$])[a-z0-9@$]*[a-z][a-z0-9@$]*")
_LEET_SHOWS = re.compile(r"[a-z][013457@$]+[a-z]|^[013457$][a-z]{2}")
_UNIT = re.compile(r"\d+(?:st|nd|rd|th|am|pm|[kmgt]b?|kg|mg|ml|cm|mm|km|ft|in|lbs?|hrs?|mins?|secs?|yrs?|[a-z])$")
_RUN_OF_LETTERS = re.compile(r"([a-z])\1{2,}")
_WORD = re.compile(r"(?<![^\W_])[a-z]+(?![^\W_])")
_APOSTROPHE = re.compile(r"(?<=[a-z])'(?=[a-z])")
_QUESTION = re.compile(r"[?!]+")
_MARKS = re.compile(r"(?:[^\w\s?!\u2190-\U0010ffff]|_)+")  # from the arrows on there are emoji; they stay


def _unmask(match: re.Match[str]) -> str:
    """Return the likeliest word that a starred one stands for, if there is one."""
    masked = match.group()
    for word in masked_words(len(masked)):
        if all(m == w or not m.isalpha() for m, w in zip(masked, word, strict=True)):
            return word
    bare = re.sub(r"[*#%]", "", masked)
    return bare if "*" in masked and len(bare) > 2 else masked


def _unleet(match: re.Match[str]) -> str:
    """Turn digits into letters in a word that shows its leet, or that is a common word without it."""
    word = match.group()
    if _UNIT.match(word):
        return word
    readings = [word.translate(table) for table in LEET]
    number = word.rstrip("0123456789")  # "room5" is a word with its number
    for reading in readings:
        if reading in common_words() and not (number != word and number in common_words()):
            return reading
    return readings[0] if _LEET_SHOWS.search(word) else word


def _kind(match: re.Match[str]) -> str:
    """Return the word that an identity word is read as, or the word itself."""
    return kinds().get(match.group(), match.group())


_RULES: tuple[_Rule, ...] = (
    (_DOTTED, lambda m: re.sub(r"[^a-z]", "", m.group())),
    (_MASK, _unmask),
    (_LEET_WORD, _unleet),
    (_RUN_OF_LETTERS, lambda m: m.group(1)),
    (_WORD, _kind),
    (_APOSTROPHE, lambda m: ""),
    (_QUESTION, lambda m: f" {m.group()[0]} "),
    (_MARKS, lambda m: " "),
)


def _rewrite(
    text: str,
    starts: list[int],
    ends: list[int],
    pattern: re.Pattern[str],
    replace: Callable[[re.Match[str]], str],
) -> tuple[str, list[int], list[int]]:
    """Apply one rule to a word and carry the offsets along."""
    pieces: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    done = 0
    for match in pattern.finditer(text):
        start, end = match.span()
        new = replace(match)
        pieces += (text[done:start], new)
        new_starts += starts[done:start]
        new_ends += ends[done:start]
        if len(new) == end - start:
            new_starts += starts[start:end]
            new_ends += ends[start:end]
        else:
            new_starts += [starts[start]] * len(new)
            new_ends += [ends[end - 1]] * len(new)
        done = end
    pieces.append(text[done:])
    new_starts += starts[done:]
    new_ends += ends[done:]
    return "".join(pieces), new_starts, new_ends
