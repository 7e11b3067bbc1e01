"""From a text as somebody typed it to a folded text, with a way back to the caller's characters.

Folding undoes what hides a word without changing what it says: case, Unicode compatibility forms,
accents, look-alike letters, invisible characters, drawn-out letters ("pleeease"), spaced and starred
words ("s e n d", "n*des"), and leet inside words ("s3nd"; numbers stay numbers). It reads every word that says who
somebody is as the word for its kind, and keeps of the marks only "?" and "!".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from coercion_detect.identity import kinds
from coercion_detect.lookalikes import LEET, LOOKALIKES, common_words, masked_words


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; character ``i`` of it stands for ``original[starts[i]:ends[i]]``."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the caller's offsets for the folded characters ``start`` to ``end``."""
        return self.starts[start], self.ends[end - 1]


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

_SPACED = re.compile(r"(?<![^\s])[a-z](?: [a-z]){2,}(?![^\s])")
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
_SPACES = re.compile(r" {2,}")


def _unspace(match: re.Match[str]) -> str:
    """Close up spaced letters; three of them only where they make a common word ("y o u", not "i u r")."""
    word = match.group().replace(" ", "")
    return word if len(word) > 3 or word in common_words() or word in masked_words(3) else match.group()


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
    (_SPACED, _unspace),
    (_MASK, _unmask),
    (_LEET_WORD, _unleet),
    (_RUN_OF_LETTERS, lambda m: m.group(1)),
    (_WORD, _kind),
    (_APOSTROPHE, lambda m: ""),
    (_QUESTION, lambda m: f" {m.group()[0]} "),
    (_MARKS, lambda m: " "),
    (_SPACES, lambda m: " "),
)


def fold(text: str) -> str:
    """Fold ``text``; the string alone, as the features read it."""
    folded = text.translate(_ASCII) if text.isascii() else "".join(map(_fold_character, text))
    for pattern, replace in _RULES:
        folded = pattern.sub(replace, folded)
    return folded


def fold_traced(text: str) -> Folded:
    """Fold ``text`` and keep, for every folded character, the caller's characters it stands for."""
    if text.isascii():
        folded = text.translate(_ASCII)
        starts: Sequence[int] = range(len(text))
        ends: Sequence[int] = range(1, len(text) + 1)
        if len(folded) != len(text):
            kept = [i for i, c in enumerate(text) if _fold_character(c)]
            starts, ends = kept, [i + 1 for i in kept]
    else:
        pieces = [_fold_character(c) for c in text]
        folded = "".join(pieces)
        starts = [i for i, piece in enumerate(pieces) for _ in piece]
        ends = [i + 1 for i in starts]
    for pattern, replace in _RULES:
        if pattern.search(folded):
            folded, starts, ends = _rewrite(folded, starts, ends, pattern, replace)
    return Folded(folded, starts, ends)


_ASCII = {i: _fold_character(chr(i)) for i in range(128)}


def _rewrite(
    text: str,
    starts: Sequence[int],
    ends: Sequence[int],
    pattern: re.Pattern[str],
    replace: Callable[[re.Match[str]], str],
) -> tuple[str, Sequence[int], Sequence[int]]:
    """Apply one rule to the whole text and carry the offsets along."""
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
