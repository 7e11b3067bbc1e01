"""Which words a score rests on: each feature's share of the log-odds, laid back onto the words that it covers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coercion_detect.analysis import Evidence
from coercion_detect.model import Model
from coercion_detect.scoring.readings import Occurrences
from coercion_detect.text import Word

MOST = 5  # places shown for one tag
WEAKEST = 0.4  # a word below this share of the strongest word is not marked


def find_evidence(
    words: Sequence[Word], occurrences: Occurrences, *, tactic: str, model: Model
) -> tuple[Evidence, ...]:
    """Return the places of one window that speak for ``tactic``, strongest first.

    ``words`` are those of the window, ``occurrences`` the features found in them. Weights are log-odds: what the words
    of the place add, with their part of the pairs and patterns that they share with others.
    """
    spans = [(w.start + p.start, w.start + p.end) for w in words for p in w.pieces]
    adds = _per_piece(occurrences, len(spans), model.weights_of(occurrences.rows, tactic))
    enough = WEAKEST * max(adds, default=0.0)
    places: list[tuple[int, int, float, int]] = []
    for i, ((start, end), weight) in enumerate(zip(spans, adds, strict=True)):
        if weight <= 0 or weight < enough:
            continue
        if places and places[-1][3] == i - 1:  # neighbours are one place
            first, _, before, _ = places.pop()
            start, weight = first, before + weight
        places.append((start, end, weight, i))
    strongest = sorted(places, key=lambda place: (-place[2], place[0]))[:MOST]
    return tuple(Evidence(start, end, weight) for start, end, weight, _ in strongest)


def _per_piece(occurrences: Occurrences, n_pieces: int, weights: np.ndarray) -> list[float]:
    """Share what each occurrence adds evenly over the pieces that it covers."""
    covered = occurrences.lasts - occurrences.firsts
    share = occurrences.values * weights / covered
    steps = np.bincount(occurrences.firsts, weights=share, minlength=n_pieces + 1)
    steps -= np.bincount(occurrences.lasts, weights=share, minlength=n_pieces + 1)
    added: list[float] = np.cumsum(steps[:n_pieces]).tolist()
    return added
