"""Read messages in context: which refuse, and which press on after somebody else's refusal.

Two small logistic regressions over what `coercion_detect.turns` looks at; `coercion_detect.training.context` fits them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coercion_detect.errors import ModelError
from coercion_detect.joint import COLUMNS
from coercion_detect.model import Thresholds
from coercion_detect.turns import Parts, Turn, candidate, refusal_inputs, refusal_words

CONTEXT_FILE = "conversation.json"
FAR = 4.0  # standard deviations beyond this say no more: what no training text had must not decide


def standard(
    inputs: NDArray[np.float64], center: NDArray[np.float64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return inputs in standard deviations from their mean, within bounds."""
    return np.minimum(np.maximum((inputs - center) / spread, -FAR), FAR)


@dataclass(frozen=True, eq=False)
class Regression:
    """A logistic regression over standardised numbers and over words, each word as much as there are few of them."""

    center: NDArray[np.float64]
    spread: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: float
    words: Mapping[str, float]

    @cached_property
    def _weights_after(self) -> dict[str, dict[str, float]]:
        """The weights of words by what is put before them."""
        tables: dict[str, dict[str, float]] = {"": {}, "before:": {}, "answer:": {}}
        for name, weight in self.words.items():
            before, found, word = name.rpartition(":")
            tables[before + found][word] = weight
        return tables

    def log_odds(self, inputs: Sequence[float], words: Parts) -> float:
        """Return the log-odds of one message."""
        known: list[float] = []
        for before, part in words:
            known += [weight for weight in map(self._weights_after[before].get, part) if weight is not None]
        of_words = sum(known) / sqrt(len(known)) if known else 0.0
        return float(standard(np.asarray(inputs), self.center, self.spread) @ self.weights) + self.bias + of_words

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        rows = {name: getattr(self, name).tolist() for name in ("center", "spread", "weights")}
        return {**rows, "bias": self.bias, "words": dict(self.words)}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Regression:
        """Return the regression that `to_dict` gave."""
        center, spread, weights = (np.array(plain[name], dtype=np.float64) for name in ("center", "spread", "weights"))
        words = {str(word): float(weight) for word, weight in plain["words"].items()}
        every = np.concatenate([center, spread, weights, [float(plain["bias"])], list(words.values())])
        if not len(center) == len(spread) == len(weights) or not np.isfinite(every).all() or (spread <= 0).any():
            raise ValueError("numbers that do not fit")
        return cls(center, spread, weights, float(plain["bias"]), words)


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """What reads conversations: refusals first, then events; ``possible`` and ``likely`` are thresholds of scores."""

    refusal: Regression
    event: Regression
    lowest: float
    possible: float
    likely: float

    @property
    def thresholds(self) -> Thresholds:
        """The scores from which an event is possible and likely."""
        return Thresholds(possible=self.possible, likely=self.likely)

    def refusals(self, turns: Sequence[Turn], *, start: int = 0) -> list[float]:
        """Return the log-odds that each message from ``start`` on refuses, in its context."""
        places = range(start, len(turns))
        return [self.refusal.log_odds(refusal_inputs(turns, i), refusal_words(turns, i)) for i in places]

    def save(self, path: Path) -> None:
        """Write plain JSON; the same context gives the same bytes."""
        plain = {
            "refusal": self.refusal.to_dict(),
            "event": self.event.to_dict(),
            "lowest": self.lowest,
            "possible": self.possible,
            "likely": self.likely,
        }
        path.write_text(json.dumps(plain, ensure_ascii=False, indent=0) + "\n", encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: Path) -> Context:
        """Read what training wrote; raise `ModelError` where it is missing, damaged or of another version."""
        if not path.is_file():
            raise ModelError(f"{path} is missing: this model cannot read conversations. Train it with conversations.")
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            regressions = Regression.of(plain["refusal"]), Regression.of(plain["event"])
            context = cls(*regressions, *(float(plain[name]) for name in ("lowest", "possible", "likely")))
            if not 0 <= context.possible <= context.likely <= 1:
                raise ValueError("thresholds out of order")
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ModelError(f"{path} is damaged or was changed by hand; train or install it again.") from error
        turns = [Turn(sender, [0.0] * len(COLUMNS), [], []) for sender in "AB"]
        numbers = len(refusal_inputs(turns, 0)), len(candidate(turns, [0.0, 0.0], 1, [0]).inputs)
        if numbers != (len(context.refusal.weights), len(context.event.weights)):
            raise ModelError(f"{path} was made by another version of coercion-detect; train or install it again.")
        return context
