"""Changes that must not move a score, and changes that may move it in one direction only.

Each takes a text and a random generator and returns the changed text, or the text itself where it has nothing
to change. Swaps go both ways, so a set of texts keeps its balance.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

Change = Callable[[str, np.random.Generator], str]

_NAMES = (
    "Emma Liam Olivia Noah Aisha Omar Fatima Yusuf Priya Arjun Ananya Rahul Chioma Emeka Ngozi Tunde Mei Wei "
    "Siobhan Cormac Agnieszka Piotr Lucia Mateo Thandi Sipho Ayesha Bilal Grace Daniel Ruth Samuel Marie Jean"
).split()
_NAME = re.compile(r"\b(" + "|".join(_NAMES) + r")\b")

_PRONOUNS = {
    "he": "she", "him": "her", "his": "her", "himself": "herself",
    "she": "he", "her": "him", "hers": "his", "herself": "himself",
}  # fmt: skip
_GENDER = {
    "boyfriend": "girlfriend", "husband": "wife", "man": "woman", "men": "women", "guy": "girl", "bf": "gf",
    "brother": "sister", "father": "mother", "dad": "mum", "uncle": "aunt", "son": "daughter", "mr": "mrs",
}  # fmt: skip
_GENDER |= {b: a for a, b in _GENDER.items()}
_ORIENTATION = {
    "gay": "bi", "bi": "gay", "lesbian": "bisexual", "bisexual": "lesbian", "queer": "gay", "trans": "queer",
}  # fmt: skip
_RELIGION = {
    "church": "mosque", "mosque": "temple", "temple": "church", "pastor": "imam", "imam": "rabbi", "rabbi": "pastor",
    "christian": "muslim", "muslim": "hindu", "hindu": "jewish", "jewish": "christian", "priest": "imam",
    "bible": "quran", "quran": "bible", "god": "allah", "allah": "god",
}  # fmt: skip
_NATIONALITY = {
    "american": "nigerian", "nigerian": "indian", "indian": "polish", "polish": "mexican", "mexican": "irish",
    "irish": "chinese", "chinese": "british", "british": "brazilian", "brazilian": "american", "german": "turkish",
}  # fmt: skip

_HARMLESS = (
    "The bus was ten minutes late again.",
    "We had soup and bread for lunch.",
    "It rained all afternoon, so the match was moved to Thursday.",
    "My sister is painting her kitchen green.",
    "The library closes at six on Fridays.",
    "I need a new battery for the clock.",
    "They are fixing the lift on the third floor.",
    "The cat slept on the printer.",
    "Parking near the station costs four pounds now.",
    "Her train gets in just after noon.",
)


def swap_words(table: dict[str, str]) -> Change:
    """Return a change that replaces whole words by the table, keeping capitals."""
    pattern = re.compile(r"\b(" + "|".join(sorted(table, key=len, reverse=True)) + r")\b", re.IGNORECASE)

    def other(match: re.Match[str]) -> str:
        word = match.group()
        new = table[word.lower()]
        return new.upper() if word.isupper() and len(word) > 1 else new.capitalize() if word[0].isupper() else new

    return lambda text, _: pattern.sub(other, text)


def swap_names(text: str, rng: np.random.Generator) -> str:
    """Replace each known first name by another one."""
    return _NAME.sub(lambda m: str(rng.choice([n for n in _NAMES if n != m.group()])), text)


def typo(text: str, rng: np.random.Generator) -> str:
    """Exchange two neighbouring letters inside one longer word."""
    places = [m.start() + i for m in re.finditer(r"[a-z]{5,}", text) for i in range(1, len(m.group()) - 2)]
    if not places:
        return text
    i = int(rng.choice(places))
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def pad(sentences: int) -> Change:
    """Return a change that puts harmless sentences around a text, half before and half after."""

    def around(text: str, rng: np.random.Generator) -> str:
        chosen = [_HARMLESS[i] for i in rng.integers(0, len(_HARMLESS), sentences)]
        ended = text if text.rstrip()[-1:] in ".!?…" else text + "."
        return " ".join([*chosen[: sentences // 2], ended, *chosen[sentences // 2 :]])

    return around


def _each_word(share: float, change: Callable[[str], str], shortest: int = 3) -> Change:
    """Return a change of about ``share`` of the words, and at least of one."""

    def some(text: str, rng: np.random.Generator) -> str:
        found = list(re.finditer(rf"[A-Za-z]{{{shortest},}}", text))
        if not found:
            return text
        chosen = {i for i in range(len(found)) if rng.random() < share} or {int(rng.integers(len(found)))}
        for i in sorted(chosen, reverse=True):
            start, end = found[i].span()
            text = text[:start] + change(found[i].group()) + text[end:]
        return text

    return some


def _leet(word: str) -> str:
    return word[0] + word[1:-1].translate(str.maketrans("aeiost", "431057")) + word[-1]


def _starred(word: str) -> str:
    return re.sub(r"(?<=.)[aeiou](?=.)", "*", word, count=1)


def _lookalike(word: str) -> str:
    return word.translate(str.maketrans("aeopcxy", "\u0430\u0435\u043e\u0440\u0441\u0445\u0443"))


_OBFUSCATIONS: dict[str, Change] = {
    "leet": _each_word(0.5, _leet),
    "spaced": _each_word(0.25, " ".join),
    "starred": _each_word(0.3, _starred),
    "invisible": _each_word(0.5, "\u200b".join),
    "lookalike": _each_word(0.5, _lookalike),
}

SWAPS: dict[str, Change] = {
    "names": swap_names,
    "pronouns": swap_words(_PRONOUNS),
    "gender": swap_words(_GENDER | _PRONOUNS),
    "orientation": swap_words(_ORIENTATION),
    "religion": swap_words(_RELIGION),
    "nationality": swap_words(_NATIONALITY),
}
SURFACE: dict[str, Change] = {
    "upper_case": lambda text, _: text.upper(),
    "lower_case": lambda text, _: text.lower(),
    "no_marks": lambda text, _: re.sub(r"[.,!;:]+(?=\s|$)", "", text),
    "emoji": lambda text, _: text + " 🙂",
    "typo": typo,
}
PADDING: dict[str, Change] = {f"padding_{n}": pad(n) for n in (5, 20, 80)}
OBFUSCATIONS: dict[str, Change] = {f"obfuscation_{kind}": change for kind, change in _OBFUSCATIONS.items()}
