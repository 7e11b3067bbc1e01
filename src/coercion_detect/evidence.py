"""Which words a score rests on: each feature's share of the log-odds, laid back onto the characters."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain

import numpy as np

from coercion_detect.analysis import Evidence
from coercion_detect.features import Feature, character_ngrams, word_ngrams
from coercion_detect.model import HEADS, Model
from coercion_detect.scoring.readable import ReadableScorer
from coercion_detect.text import Folded

MOST = 5  # places shown for one tag
SMALLEST = 0.1  # a place below this share of all that speaks for the tactic is left out

_CHUNK = re.compile(r"[^\W_](?:\S*[^\W_])?|\S+")


def find_evidence(
    folded: Folded, *, tactic: str, model: Model, scorer: ReadableScorer, offset: int
) -> tuple[Evidence, ...]:
    """Return the places of one window that speak for ``tactic``, strongest first.

    ``offset`` is where the window begins in the caller's text. Weights are log-odds: what the words of
    the place add, neighbours' pairs and character pieces included.
    """
    adds = _per_character(folded.text, HEADS.index(tactic), model, scorer)
    places: list[tuple[int, int, float]] = []
    for match in _CHUNK.finditer(folded.text):
        start, end = match.span()
        weight = float(adds[start:end].sum())
        if weight <= 0:
            continue
        if places and not folded.text[places[-1][1] : start].strip():
            start, weight = places[-1][0], places[-1][2] + weight
            places.pop()
        places.append((start, end, weight))
    enough = SMALLEST * sum(weight for *_, weight in places)
    strongest = sorted((p for p in places if p[2] >= enough), key=lambda p: (-p[2], p[0]))[:MOST]
    return tuple(_in_callers_text(folded, *place, offset=offset) for place in strongest)


def _in_callers_text(folded: Folded, start: int, end: int, weight: float, *, offset: int) -> Evidence:
    first, last = folded.span(start, end)
    return Evidence(offset + first, offset + last, weight)


def _per_character(text: str, head: int, model: Model, scorer: ReadableScorer) -> np.ndarray:
    """Share every feature's part of the log-odds evenly over the characters it covers."""
    values = scorer.values(text)
    found: list[tuple[int, Feature]] = [
        (row, feature)
        for feature, row in chain(
            ((f, model.words.get(f.name)) for f in word_ngrams(text)),
            ((f, model.characters.get(f.name)) for f in character_ngrams(text)),
        )
        if row is not None
    ]
    times = Counter(row for row, _ in found)
    adds = np.zeros(len(text))
    for row, feature in found:
        share = values[row] * float(model.weights[row, head]) / times[row]
        adds[feature.start : feature.end] += share / (feature.end - feature.start)
    return adds
