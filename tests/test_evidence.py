from __future__ import annotations

import numpy as np
import pytest

from coercion_detect import Detector
from coercion_detect.evidence import MOST, Passage, find_evidence
from coercion_detect.scoring.choice import make_scorer
from coercion_detect.scoring.readings import Occurrences
from coercion_detect.text import read
from coercion_detect.training.dataset import Dataset


def _passage(text: str, values: dict[tuple[int, int], float]) -> Passage:
    """Return a passage in which one feature has these values, by the first and last piece that it covers."""
    firsts, lasts = np.array([*values], dtype=np.int32).reshape(-1, 2).T
    rows = np.zeros(len(values), dtype=np.int32)
    pieces = [(word.start, piece) for word in read(text) for piece in word.pieces]
    return Passage(pieces, Occurrences(rows, np.array([*values.values()]), firsts, lasts))


def _weight(detector: Detector) -> float:
    return float(detector.model.weights_of(np.array([0]), np.array([3]))[0])


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({(1, 2): 1.0}, [("two", 1.0)]),
        ({(1, 3): 1.0, (4, 5): 0.8}, [("two three", 1.0), ("five", 0.8)]),
        ({(0, 1): 0.8, (4, 5): 1.0}, [("five", 1.0), ("one", 0.8)]),
        ({(0, 1): 0.1, (4, 5): 1.0}, [("five", 1.0)]),
        ({(0, 1): -1.0}, []),
        ({}, []),
    ],
)
def test_places_are_what_adds_enough_strongest_first(
    detector: Detector, values: dict[tuple[int, int], float], found: list[tuple[str, float]]
) -> None:
    text, sign = "one two  three four five", 1 / _weight(detector)
    passage = _passage(text, {place: value * sign for place, value in values.items()})
    (places,) = find_evidence([passage], heads=[3], model=detector.model)
    shown = [(" ".join(text[place.start : place.end].split()), round(place.weight, 6)) for place in places]
    assert shown == found


def test_passages_together_have_the_evidence_that_they_have_alone(detector: Detector, examples: Dataset) -> None:
    scorer = make_scorer(detector.model)
    passages, heads = [], []
    for number, text in enumerate(["", "👍🏽", *examples.texts[:200]]):
        pieces = [(word.start, piece) for word in read(text) for piece in word.pieces]
        passages.append(Passage(pieces, scorer.occurrences([piece.text for _, piece in pieces])))
        heads.append(number % 12)
    together = find_evidence(passages, heads=heads, model=detector.model)
    alone = [
        find_evidence([passage], heads=[head], model=detector.model)[0]
        for passage, head in zip(passages, heads, strict=True)
    ]
    assert together == alone
    assert together[0] == () and max(map(len, together)) == MOST
