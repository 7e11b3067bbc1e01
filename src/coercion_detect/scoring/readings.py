"""What a scorer gives: the readings of many texts as columns, and the places of features in one window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coercion_detect.joint import COLUMNS
from coercion_detect.taxonomy import TACTICS


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """One row a text.

    ``log_odds`` (n, 18), columns as in `coercion_detect.joint`, are those of the strongest window for a tactic, of the
    strongest whole for an act, and of the whole where a tactic is strongest for framing. ``spans`` (n, 12, 2) are first
    and last (exclusive) character of each tactic's strongest window. ``words`` (n,) counts words, ``known`` (n,) those
    of them that training texts had.
    """

    log_odds: NDArray[np.float64]
    spans: NDArray[np.int32]
    known: NDArray[np.int32]
    words: NDArray[np.int32]

    @classmethod
    def empty(cls, n: int) -> Readings:
        """Return readings of ``n`` texts, to be filled."""
        return cls(
            np.empty((n, len(COLUMNS))),
            np.empty((n, len(TACTICS), 2), dtype=np.int32),
            np.empty(n, dtype=np.int32),
            np.empty(n, dtype=np.int32),
        )


def join(parts: Sequence[Readings]) -> Readings:
    """Return the readings of several lists of texts as one."""
    if len(parts) == 1:
        return parts[0]
    names = ("log_odds", "spans", "known", "words")
    return Readings(*(np.concatenate([getattr(part, name) for part in (Readings.empty(0), *parts)]) for name in names))


@dataclass(frozen=True, slots=True, eq=False)
class Occurrences:
    """Each place where a feature stands in a window, with its part of the feature's TF-IDF value.

    Occurrence ``i`` of the feature ``rows[i]`` covers the pieces from ``firsts[i]`` to ``lasts[i]`` (exclusive).
    """

    rows: NDArray[np.integer]
    values: NDArray[np.float64]
    firsts: NDArray[np.integer]
    lasts: NDArray[np.integer]


class Scorer(Protocol):
    """What both scorers do, with the same numbers."""

    def score(self, texts: list[str]) -> Readings:
        """Return the readings of checked texts."""
        ...

    def occurrences(self, window: Sequence[str]) -> Occurrences:
        """Return every known feature of one window of folded pieces, place by place."""
        ...
