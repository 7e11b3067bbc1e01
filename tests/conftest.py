"""What tests share: the shipped model, loaded once, and the repository's data."""

from __future__ import annotations

from pathlib import Path

import pytest

from coercion_detect import Detector
from coercion_detect.training.dataset import Dataset, load_examples

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def detector() -> Detector:
    return Detector.load()


@pytest.fixture(scope="session")
def examples() -> Dataset:
    return load_examples(ROOT / "data" / "examples.csv")


@pytest.fixture(scope="session")
def small_examples(examples: Dataset) -> Dataset:
    """Return six voices with every tactic, and the seed phrases: enough to train on in seconds."""
    voices = sorted({e.voice for e in examples.examples if e.voice.startswith("p")})[:6]
    chosen = tuple(e for e in examples.examples if e.source == "seed" or e.voice in voices)
    return Dataset(chosen, "0" * 64)
