"""The shipped numbers are scikit-learn's: on every text of the data set and on anything that can be typed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from coercion_detect import Detector
from coercion_detect.detector import shipped_model
from coercion_detect.model import Model
from coercion_detect.scoring.readable import ReadableScorer
from coercion_detect.text import fold, read
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.pipeline import pipeline_of
from coercion_detect.windows import windows


@cache
def _both() -> tuple[ReadableScorer, Pipeline]:
    model = Model.load(shipped_model())
    return ReadableScorer(model), pipeline_of(model)


def _ours(texts: list[str]) -> NDArray[np.float64]:
    return _both()[0].log_odds([fold(t).split() for t in texts])


def _theirs(texts: list[str]) -> NDArray[np.float64]:
    return np.asarray(_both()[1].decision_function(texts))


def test_scores_equal_scikit_learn_on_every_text(examples: Dataset) -> None:
    assert np.abs(_ours(examples.texts) - _theirs(examples.texts)).max() < 1e-6


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400))
def test_scores_equal_scikit_learn_on_arbitrary_unicode(text: str) -> None:
    assert np.abs(_ours([text]) - _theirs([text])).max() < 1e-6


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["you", "owe", "me", "don’t", "s e x", "tell!!!", "💔", "n0w", "..."]), max_size=50))
def test_scores_equal_scikit_learn_on_known_words(words: list[str]) -> None:
    text = " ".join(words)
    assert np.abs(_ours([text]) - _theirs([text])).max() < 1e-6


def test_the_detector_gives_the_pipelines_probabilities_for_a_single_window(
    detector: Detector, examples: Dataset
) -> None:
    texts = [t for t in examples.texts if len(windows(read(t))) == 1]
    assert len(texts) > 1000
    assert np.abs(detector.scores(texts) - _both()[1].predict_proba(texts)[:, :12]).max() < 1e-6


def test_framing_shares_add_up(examples: Dataset) -> None:
    shares = _both()[1].predict_proba(examples.texts[:50])[:, 14:]
    assert np.allclose(shares.sum(axis=1), 1)


@pytest.mark.parametrize("text", ["", " ", "zzqx"])
def test_a_text_without_known_features_scores_the_bias(text: str) -> None:
    if not len(_both()[0].occurrences(fold(text).split()).rows):
        model = Model.load(shipped_model())
        assert np.allclose(_ours([text]), model.joint.log_odds(model.bias[None, :]))
    assert np.abs(_ours([text]) - _theirs([text])).max() < 1e-6
