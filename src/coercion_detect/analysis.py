"""What an analysis says: frozen results that carry their evidence, their explanation and the note.

No result keeps the text, so a logged or stored result never leaks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from coercion_detect.policy import Decision
from coercion_detect.taxonomy import Tactic, note


@dataclass(frozen=True, slots=True)
class Evidence:
    """Characters ``text[start:end]``, in the text as the caller sent it, and what they add to the log-odds."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Tag:
    """One likely or possible tactic.

    ``score`` is a calibrated value between 0 and 1, ``threshold`` the one it reached, ``evidence`` the
    places it rests on, strongest first, and ``window`` the part of a long text where it scored highest.
    """

    tactic: Tactic
    score: float
    threshold: float
    decision: Decision
    evidence: tuple[Evidence, ...]
    window: tuple[int, int]
    link: str

    def to_dict(self) -> dict[str, Any]:
        """Return the tag in the one JSON shape."""
        return {
            "tactic": self.tactic.id,
            "title": self.tactic.title,
            "score": round(self.score, 4),
            "threshold": round(self.threshold, 4),
            "decision": self.decision,
            "evidence": [asdict(e) | {"weight": round(e.weight, 4)} for e in self.evidence],
            "summary": self.tactic.summary,
            "link": self.link,
        }


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the model finds in one text; never a verdict, as ``note`` says.

    ``tags`` stand strongest first. ``read`` is false where too few words are known to the model
    (``coverage`` is their share): the text was then not read, which is not the same as nothing found.
    """

    tags: tuple[Tag, ...]
    scores: Mapping[str, float]
    acts: Mapping[str, float]
    framing: str
    coverage: float
    read: bool
    model: str

    @property
    def note(self) -> str:
        """The note that a result is not a verdict."""
        return note()

    def to_dict(self) -> dict[str, Any]:
        """Return the one JSON shape that library, command line, service and files share."""
        return {
            "tags": [tag.to_dict() for tag in self.tags],
            "scores": {name: round(score, 4) for name, score in self.scores.items()},
            "acts": {name: round(score, 4) for name, score in self.acts.items()},
            "framing": self.framing,
            "coverage": round(self.coverage, 4),
            "read": self.read,
            "note": self.note,
            "model": self.model,
        }
