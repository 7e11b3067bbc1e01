"""The shipped numbers are scikit-learn's: on every text of the data set and on anything that can be typed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from coercion_detect import Detector
from coercion_detect.detector import shipped_model
from coercion_detect.model import Model
from coercion_detect.scoring.readable import ReadableScorer, _batches
from coercion_detect.scoring.runs import Growing
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


def test_spans_are_characters_of_windows(examples: Dataset) -> None:
    texts = [*examples.texts[::97], "", " No.  Why not?\nWell then, do it! "]
    spans = _both()[0].score(texts).spans.tolist()
    for text, of_tactics in zip(texts, spans, strict=True):
        words = read(text)
        cuts = (words[window.first : window.last] for window in windows(words))
        assert {(a, b) for a, b in of_tactics} <= {(cut[0].start, cut[-1].end) if cut else (0, 0) for cut in cuts}


def test_forgotten_words_change_nothing(monkeypatch: pytest.MonkeyPatch, examples: Dataset) -> None:
    model, texts = Model.load(shipped_model()), examples.texts[:600]
    wanted = ReadableScorer(model).score(texts).log_odds
    monkeypatch.setattr("coercion_detect.scoring.readable._MOST", 50)
    forgetful = ReadableScorer(model)
    assert np.array_equal(forgetful.score(texts).log_odds, wanted)
    assert np.abs(forgetful.log_odds([["you", "owe", "me"]]) - _ours(["you owe me"])).max() < 1e-9


def test_threads_share_what_is_remembered(monkeypatch: pytest.MonkeyPatch, examples: Dataset) -> None:
    model, texts = Model.load(shipped_model()), examples.texts[:1500]
    wanted = _both()[0].score(texts).log_odds
    monkeypatch.setattr("coercion_detect.scoring.readable._MOST", 500)
    shared = ReadableScorer(model)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: shared.score(texts).log_odds, range(8)):
            assert np.array_equal(found, wanted)


def _failing(
    extend: Callable[[Growing, NDArray[Any]], None], *, calls: int, failure: type[BaseException]
) -> Callable[[Growing, NDArray[Any]], None]:
    """Return ``extend`` that works ``calls`` times, then raises."""
    made = count()

    def fails(self: Growing, rows: NDArray[Any]) -> None:
        if next(made) >= calls:
            raise failure
        extend(self, rows)

    return fails


@pytest.mark.parametrize("failure", [MemoryError, KeyboardInterrupt])
def test_what_fails_half_way_leaves_nothing_half_learned(
    monkeypatch: pytest.MonkeyPatch, examples: Dataset, failure: type[BaseException]
) -> None:
    model, texts, more = Model.load(shipped_model()), examples.texts[:20], [*examples.texts[20:40], "z q x v j"]
    wanted = ReadableScorer(model).score([*texts, *more]).log_odds
    for calls in range(10):  # four columns of pieces, one of typed words; then the same of the word that is spelt out
        scorer = ReadableScorer(model)
        scorer.score(texts)
        with monkeypatch.context() as patch, pytest.raises(failure):
            patch.setattr(Growing, "extend", _failing(Growing.extend, calls=calls, failure=failure))
            scorer.score(more)
        assert np.abs(scorer.score([*texts, *more]).log_odds - wanted).max() < 1e-9


def test_texts_are_scored_at_once_where_they_are_few_and_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coercion_detect.scoring.readable._BATCH", 3)
    monkeypatch.setattr("coercion_detect.scoring.readable._BATCH_CHARACTERS", 10)
    texts = ["a", "b", "c", "", "d" * 11, "e" * 5, "f" * 5, "g", "h" * 10]
    sizes = list(map(len, _batches(texts)))
    assert [text for batch in _batches(texts) for text in batch] == texts and sizes == [3, 1, 1, 2, 1, 1]
    assert not list(_batches([]))


def test_the_size_of_batches_changes_nothing(monkeypatch: pytest.MonkeyPatch, examples: Dataset) -> None:
    wanted = _both()[0].score(examples.texts[:300])
    monkeypatch.setattr("coercion_detect.scoring.readable._BATCH_CHARACTERS", 1000)
    found = _both()[0].score(examples.texts[:300])
    assert np.abs(found.log_odds - wanted.log_odds).max() < 1e-9 and np.array_equal(found.spans, wanted.spans)


def test_long_words_are_forgotten_before_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coercion_detect.scoring.readable._MOST_CHARACTERS", 1000)
    scorer = ReadableScorer(Model.load(shipped_model()))
    for i in range(20):
        scorer.score([f"{i}" + "?." * 200])
        assert max(sum(map(len, known)) for known in (scorer._typed, scorer._pieces)) <= 2000
    scorer.score(["you owe me"])
    assert scorer._typed.n_characters == sum(map(len, scorer._typed))
