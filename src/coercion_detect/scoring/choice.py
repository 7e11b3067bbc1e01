"""Which scorer serves: the compiled one where it was built, the readable one everywhere else."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Literal

from coercion_detect.model import Model
from coercion_detect.scoring.readings import Scorer

Backend = Literal["compiled", "readable"]


def backend() -> Backend:
    """Return the scorer in use: ``compiled`` or ``readable``.

    ``COERCION_DETECT_BACKEND=readable`` in the environment asks for the readable one.
    """
    if os.environ.get("COERCION_DETECT_BACKEND") == "readable":
        return "readable"
    return "compiled" if find_spec("coercion_detect.scoring._compiled") else "readable"


def make_scorer(model: Model) -> Scorer:
    """Return a scorer for ``model``."""
    if backend() == "compiled":
        from coercion_detect.scoring.compiled import CompiledScorer

        return CompiledScorer(model)
    from coercion_detect.scoring.readable import ReadableScorer

    return ReadableScorer(model)
