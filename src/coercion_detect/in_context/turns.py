"""What is known of each message of a conversation on its own: who sent it, its readings, its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log1p

import numpy as np
from numpy.typing import NDArray

from coercion_detect.features import BEGIN, END, WordClasses
from coercion_detect.joint import COLUMNS, N_TACTICS

LONG = 60  # words: it does not matter how much longer than this a message is
REQUEST = N_TACTICS + 1  # its place among the numbers, which begin with the tactics
N_NUMBERS = len(COLUMNS) + 2


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """One message: its sender, its numbers (log-odds, length, whether it has a question mark), its terms.

    Terms are words, pairs of neighbours, and pairs of word classes, its beginning and end marked.
    """

    sender: str
    numbers: NDArray[np.float64]
    terms: tuple[str, ...]


def make_turn(sender: str, log_odds: NDArray[np.float64], words: Sequence[str], classes: WordClasses) -> Turn:
    """Return a message's turn from its readings and the tokens of its folded text."""
    numbers = np.empty(N_NUMBERS)
    numbers[:-2] = log_odds
    numbers[-2:] = log1p(min(len(words), LONG)), "?" in words
    return Turn(sender, numbers, terms(words, classes))


def terms(words: Sequence[str], classes: WordClasses) -> tuple[str, ...]:
    """Return the words, the pairs of words, and the pairs of word classes, each as often as it stands there."""
    symbols = [BEGIN, *classes.symbols(words), END]
    pairs = map(" ".join, pairwise([BEGIN, *words, END]))
    return (*words, *pairs, *(f"@{a} {b}" for a, b in pairwise(symbols)))
