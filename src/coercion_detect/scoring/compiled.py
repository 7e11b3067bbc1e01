"""The compiled scorer: the numbers of the readable one from ``_compiled.c``, and how it is handed a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coercion_detect import joint, windows
from coercion_detect.features import CHARACTER_RANGE, PATTERN_RANGE
from coercion_detect.identity import kinds
from coercion_detect.model import Model
from coercion_detect.scoring import _compiled
from coercion_detect.scoring.readings import Occurrences, Readings
from coercion_detect.text import fold_word, read

_CONSTANTS = (
    *CHARACTER_RANGE,
    *PATTERN_RANGE,
    windows.WHOLE,
    windows.STRETCH,
    windows.FEWEST,
    windows.PAIR_HANDICAP,
    windows.SENTENCE_HANDICAP,
    joint.MOST,
)
if _compiled.CONSTANTS != _CONSTANTS:  # a scorer left over from an older build would give other numbers, unsaid
    raise ImportError("The compiled scorer is of another version; install coercion-detect again.")


class CompiledScorer:
    """Score texts with a `Model`, without holding the interpreter's lock."""

    def __init__(self, model: Model) -> None:
        self._kernel = _compiled.Kernel(
            model.vocabulary,
            model.counts,
            model.classes.text.decode("utf-8"),
            " ".join(f"{word} {kind}" for word, kind in kinds().items()),
            model.idf,
            model.scales,
            model.quantized,
            model.bias,
            model.joint.stored,
            model.known_below,
            fold_word,
            read,
        )

    def score(self, texts: list[str]) -> Readings:
        """Return the readings of checked texts."""
        readings = Readings.empty(len(texts))
        self._kernel.score(texts, readings.log_odds, readings.spans, readings.known, readings.words)
        return readings

    def occurrences(self, window: Sequence[str]) -> Occurrences:
        """Return every known feature of one window of folded pieces, place by place."""
        rows, values, firsts, lasts = self._kernel.occurrences(list(window))
        return Occurrences(
            np.frombuffer(rows, dtype=np.int32),
            np.frombuffer(values, dtype=np.float64),
            np.frombuffer(firsts, dtype=np.int32),
            np.frombuffer(lasts, dtype=np.int32),
        )
