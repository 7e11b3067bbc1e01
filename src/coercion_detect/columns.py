"""What is found in many texts, column by column: for files, frames and whatever else needs no evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coercion_detect.joint import FRAMING, FRAMING_OF_TAGGED, N_SCORES, N_TACTICS, sigmoid
from coercion_detect.model import Model
from coercion_detect.scoring.readings import Readings
from coercion_detect.taxonomy import TACTICS


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One row a text, in the order of the texts.

    ``scores`` (n, 12) and ``acts`` (n, 2) are float32; ``likely`` and ``possible`` (n, 12) say which tags the text
    has, each at most once; ``framing`` (n,) is a number in `FRAMINGS`; ``coverage`` (n,) is the share of its words
    that the model knows, and ``read`` (n,) whether that is enough: the other texts have no tags.
    """

    scores: NDArray[np.float32]
    acts: NDArray[np.float32]
    likely: NDArray[np.bool_]
    possible: NDArray[np.bool_]
    framing: NDArray[np.int8]
    coverage: NDArray[np.float32]
    read: NDArray[np.bool_]
    model: str

    @classmethod
    def of(cls, readings: Readings, *, model: Model) -> Columns:
        """Decide from readings, as `Detector.analyze` does."""
        scores = sigmoid(readings.log_odds[:, :N_SCORES])
        coverage = readings.known / np.maximum(readings.words, 1)
        read = coverage >= model.min_coverage
        lowest = np.array([(h.possible, h.likely) for h in (model.thresholds[name] for name in TACTICS)])
        likely = read[:, None] & (scores[:, :N_TACTICS] >= lowest[:, 1])
        possible = read[:, None] & (scores[:, :N_TACTICS] >= lowest[:, 0]) & ~likely
        tagged = np.asarray((likely | possible).any(axis=1))[:, None]
        framing = np.where(tagged, readings.log_odds[:, FRAMING_OF_TAGGED], readings.log_odds[:, FRAMING])
        return cls(
            scores=scores[:, :N_TACTICS].astype(np.float32),
            acts=scores[:, N_TACTICS:].astype(np.float32),
            likely=likely,
            possible=possible,
            framing=np.column_stack([framing, np.zeros(len(framing))]).argmax(axis=1).astype(np.int8),
            coverage=coverage.astype(np.float32),
            read=read,
            model=model.title,
        )
