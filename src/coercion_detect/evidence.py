"""Which words a score rests on: each feature's share of the log-odds, laid back onto the words that it covers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from coercion_detect.analysis import Evidence
from coercion_detect.model import Model
from coercion_detect.scoring.readings import Occurrences
from coercion_detect.text import Piece

MOST = 5  # places shown for one tag
WEAKEST = 0.4  # a word below this share of the strongest word is not marked


class Passage(NamedTuple):
    """A window of a text: its pieces, each with the place of its word in the text, and the features found in them."""

    pieces: list[tuple[int, Piece]]
    occurrences: Occurrences


def find_evidence(passages: Sequence[Passage], *, heads: Sequence[int], model: Model) -> list[tuple[Evidence, ...]]:
    """Return for each passage the places that speak for its head, strongest first.

    Weights are log-odds: what the words of a place add, with their part of the pairs and patterns that they share with
    others. ``heads`` are numbers, one a passage. Many passages are read much faster together than one by one.
    """
    if not passages:
        return []
    adds = _per_piece(passages, heads, model)
    return [_places(passage.pieces, of_pieces) for passage, of_pieces in zip(passages, adds, strict=True)]


def _per_piece(passages: Sequence[Passage], heads: Sequence[int], model: Model) -> list[list[float]]:
    """Share what each occurrence adds evenly over the pieces that it covers."""
    found = [passage.occurrences for passage in passages]
    counts = [len(one.rows) for one in found]
    begins = [0, *accumulate(len(passage.pieces) + 1 for passage in passages)]  # one more, where the last piece ends
    rows, values = np.concatenate([one.rows for one in found]), np.concatenate([one.values for one in found])
    firsts, lasts = np.concatenate([one.firsts for one in found]), np.concatenate([one.lasts for one in found])
    share = values * model.weights_of(rows, np.array(heads).repeat(counts)) / (lasts - firsts)
    offsets = np.array(begins[:-1]).repeat(counts)
    steps = np.bincount(firsts + offsets, weights=share, minlength=begins[-1])
    steps -= np.bincount(lasts + offsets, weights=share, minlength=begins[-1])
    flat = steps.tolist()
    return [list(accumulate(flat[a : b - 1])) for a, b in pairwise(begins)]


def _places(pieces: Sequence[tuple[int, Piece]], adds: Sequence[float]) -> tuple[Evidence, ...]:
    """Return the strongest pieces of one passage; neighbours are one place."""
    enough = WEAKEST * max(adds, default=0.0)
    places: list[tuple[float, int, int]] = []  # weight below zero, start, end: the strongest is the first of them
    was_marked = False
    for (word, piece), weight in zip(pieces, adds, strict=True):
        is_marked = weight >= enough and weight > 0
        if is_marked:
            before, first, _ = places.pop() if was_marked else (0.0, word + piece.start, 0)
            places.append((before - weight, first, word + piece.end))
        was_marked = is_marked
    return tuple([Evidence(start, end, -weight) for weight, start, end in sorted(places)[:MOST]])
