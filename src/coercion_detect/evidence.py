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
WEAKEST = 0.4  # a word below this share of the strongest word is not marked

_CHUNK = re.compile(r"[^\W_](?:\S*[^\W_])?|\S+")


def find_evidence(
    folded: Folded, *, tactic: str, model: Model, scorer: ReadableScorer, offset: int
) -> tuple[Evidence, ...]:
    """Return the places of one window that speak for ``tactic``, strongest first.

    ``offset`` is where the window begins in the caller's text. Weights are log-odds: what the words of
    the place add, neighbours' pairs and character pieces included.
    """
    adds = _per_character(folded.text, HEADS.index(tactic), model, scorer)
    words = [(*m.span(), float(adds[m.start() : m.end()].sum())) for m in _CHUNK.finditer(folded.text)]
    enough = WEAKEST * max((weight for *_, weight in words), default=0.0)
    places: list[tuple[int, int, float]] = []
    for start, end, weight in words:
        if weight <= 0 or weight < enough:
            continue
        if places and not folded.text[places[-1][1] : start].strip():
            first, _, before = places.pop()
            start, weight = first, before + weight
        places.append((start, end, weight))
    strongest = sorted(places, key=lambda place: (-place[2], place[0]))[:MOST]
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
