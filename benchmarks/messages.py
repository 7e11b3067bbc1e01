"""Make messages of real length from the labelled texts: as many as asked for, the same ones for the same seed."""

from __future__ import annotations

import random
import re
import statistics
from collections.abc import Sequence

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


def make_messages(
    texts: Sequence[str], n: int, *, mean_bytes: float = 75.0, odd: float = 0.02, seed: int = 0
) -> list[str]:
    """Return ``n`` messages made of the sentences of ``texts``, nearly all of them distinct.

    Lengths are spread as those of ``texts``, scaled to ``mean_bytes``: sentences drawn at random are joined until a
    drawn length is reached, and what is too long is cut at a word. Two letters change places in a share ``odd`` of
    the words, since people mistype.
    """
    drawn = random.Random(seed)  # noqa: S311 nothing secret
    sentences = sorted({s for text in texts for s in _SENTENCE_END.split(text) if s})
    scale = mean_bytes / statistics.mean(len(text.encode()) for text in texts)
    lengths = [max(round(len(text.encode()) * scale), 3) for text in texts]
    return [_mistype(_message(sentences, drawn.choice(lengths), drawn), odd, drawn) for _ in range(n)]


def mean_length(messages: Sequence[str]) -> float:
    """Return the mean length in bytes."""
    return statistics.mean(len(message.encode()) for message in messages)


def _message(sentences: Sequence[str], length: int, drawn: random.Random) -> str:
    words: list[str] = []
    left = length + 3  # a cut at a word loses half a word on average
    while True:
        for word in drawn.choice(sentences).split():
            left -= len(word.encode()) + 1
            if left < 0 and words:
                return " ".join(words)
            words.append(word)


def _mistype(message: str, share: float, drawn: random.Random) -> str:
    words = message.split(" ")
    for i, word in enumerate(words):
        if len(word) > 3 and word.isalpha() and drawn.random() < share:
            at = drawn.randrange(1, len(word) - 1)
            words[i] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)
