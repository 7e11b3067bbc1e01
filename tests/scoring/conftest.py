"""The shipped model, as the readable scorer has it."""

from __future__ import annotations

import pytest

from coercion_detect.detector import shipped_model
from coercion_detect.model import Model
from coercion_detect.scoring.ngrams import Ngrams


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load(shipped_model())


@pytest.fixture(scope="module")
def ngrams(model: Model) -> Ngrams:
    return Ngrams(model)
