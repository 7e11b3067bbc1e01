"""From scores to decisions: likely, possible, or nothing. Scores and decisions are kept apart."""

from __future__ import annotations

from typing import Literal

from coercion_detect.model import Thresholds

Decision = Literal["likely", "possible"]


def decide(score: float, thresholds: Thresholds) -> Decision | None:
    """Return the decision for one tactic's score; ``None`` means that no tag is given.

    >>> decide(0.7, Thresholds(possible=0.4, likely=0.8))
    'possible'
    """
    if score >= thresholds.likely:
        return "likely"
    return "possible" if score >= thresholds.possible else None
