"""The compiled scorer gives the readable one's numbers, on every text of the data set and on anything typed."""

from __future__ import annotations

import importlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coercion_detect import Detector, backend
from coercion_detect.detector import shipped_model
from coercion_detect.model import Model
from coercion_detect.scoring.readable import ReadableScorer
from coercion_detect.scoring.readings import Readings, Scorer
from coercion_detect.text import read
from coercion_detect.training.dataset import Dataset

pytestmark = pytest.mark.skipif(
    not find_spec("coercion_detect.scoring._compiled"), reason="the compiled scorer was not built here"
)
ODD = [
    "",
    " \n ",
    "zzqx",
    "s e n d  n u d e s",
    "i u r",
    "a b c d\ne f g",
    "hi😀 there 👍🏽",
    "stop!please don't",
    "½ cup ﷺ ok",
    "?!?! ... 'tis he's she's I'm",
    "a.b.c 5'10 2nd s3nd n*des",
    "word " * 400,
    "no. " * 300,
    "haha" * 500,
    "_x_ a_b ＦＵＬＬ aaa'aa",
    "Him. mum's gran? ex-wives/GF!! (bf) he's_she's bf.gf?gf!bf nana'nana dan5",
    "gf.bf." * 40,
]


@cache
def _both() -> tuple[Scorer, Scorer]:
    from coercion_detect.scoring.compiled import CompiledScorer

    model = Model.load(shipped_model())
    return CompiledScorer(model), ReadableScorer(model)


def _assert_same(ours: Readings, theirs: Readings) -> None:
    scores = [1 / (1 + np.exp(-readings.log_odds)) for readings in (ours, theirs)]
    assert np.abs(scores[0] - scores[1]).max(initial=0) < 1e-6
    assert np.array_equal(ours.known, theirs.known) and np.array_equal(ours.words, theirs.words)


def test_every_text_of_the_data_set_scores_the_same(examples: Dataset) -> None:
    ours, theirs = (scorer.score(examples.texts) for scorer in _both())
    _assert_same(ours, theirs)
    assert np.array_equal(ours.spans, theirs.spans)


def test_long_texts_score_the_same(examples: Dataset) -> None:
    rng = np.random.default_rng(0)
    texts = [
        " ".join(examples.texts[i] for i in rng.integers(0, len(examples), rng.integers(2, 15))) for _ in range(200)
    ]
    _assert_same(*(scorer.score(texts) for scorer in _both()))


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_score_the_same(text: str) -> None:
    _assert_same(*(scorer.score([text]) for scorer in _both()))


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=300))
def test_arbitrary_unicode_scores_the_same(text: str) -> None:
    _assert_same(*(scorer.score([text]) for scorer in _both()))


_PIECES = ["you", "owe", "me.", "don’t", "S E X", "tell!!!", "💔", "n0w", "...", "\n", "a", "I", "?", "she's", "2"]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(_PIECES) | st.text(alphabet="aeIst'.!?*-3@ _", max_size=8), max_size=60))
def test_arbitrary_words_score_the_same(words: list[str]) -> None:
    _assert_same(*(scorer.score([" ".join(words)]) for scorer in _both()))


@pytest.mark.parametrize("text", ["If you like me, you would do this for me!", "hi😀 n*des?!", *ODD])
def test_occurrences_are_the_same(text: str) -> None:
    pieces = [piece.text for word in read(text) for piece in word.pieces]
    found = []
    for scorer in _both():
        there = scorer.occurrences(pieces)
        places = zip(there.rows, there.firsts, there.lasts, there.values, strict=True)
        found.append(sorted((int(r), int(a), int(b), round(float(value), 9)) for r, a, b, value in places))
    assert found[0] == found[1]


def test_more_words_than_the_cache_holds_change_nothing() -> None:
    texts = [" ".join(f"w{i + j}x" for j in range(40)) for i in range(0, 90_000, 40)]
    ours, _ = _both()
    once = ours.score(texts[:50]).log_odds
    ours.score(texts)
    assert np.array_equal(ours.score(texts[:50]).log_odds, once)


def test_occurrences_are_found_where_the_memory_of_words_is_full() -> None:
    from coercion_detect.scoring.compiled import CompiledScorer

    ours, window = CompiledScorer(Model.load(shipped_model())), ["you", "owe", "me"] * 100
    wanted = ours.occurrences(window)
    ours.score([" ".join(f"w{i + j}x" for j in range(50)) for i in range(0, 65_500, 50)])
    for _ in range(2):
        assert np.array_equal(ours.occurrences(window).rows, wanted.rows)
    assert ours.score(["you owe me"]).known.tolist() == [3]


def test_threads_share_a_scorer(examples: Dataset) -> None:
    ours, _ = _both()
    alone = ours.score(examples.texts[:2000]).log_odds
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: ours.score(examples.texts[:2000]).log_odds, range(8)):
            assert np.array_equal(found, alone)


def test_threads_change_no_score(detector: Detector, examples: Dataset) -> None:
    texts = examples.texts[:3001]
    assert np.array_equal(detector.scores(texts, threads=3), detector.scores(texts))


def test_the_scorer_in_use_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert backend() == "compiled"
    monkeypatch.setenv("COERCION_DETECT_BACKEND", "readable")
    assert backend() == "readable"
    assert Detector.load().scores(["you owe me"]).shape == (1, 12)


def test_the_kernel_refuses_what_is_no_text() -> None:
    ours, _ = _both()
    with pytest.raises(TypeError, match="list of strings"):
        ours.score([b"bytes"])  # type: ignore[list-item]


def test_a_scorer_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from coercion_detect.scoring import _compiled, compiled

    with monkeypatch.context() as changed:
        changed.setattr(_compiled, "CONSTANTS", (2, *_compiled.CONSTANTS[1:]))
        with pytest.raises(ImportError, match="install coercion-detect again"):
            importlib.reload(compiled)
    importlib.reload(compiled)


def test_kernels_one_after_another_find_every_feature() -> None:
    from coercion_detect.scoring.compiled import CompiledScorer

    model = Model.load(shipped_model())
    wanted = CompiledScorer(model).score(["If you loved me you would do it"]).log_odds
    for _ in range(8):  # what a kernel leaves behind in memory must mean nothing to the next
        assert np.array_equal(CompiledScorer(model).score(["If you loved me you would do it"]).log_odds, wanted)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not say how much memory is in use")
def test_long_words_are_forgotten_before_they_are_many() -> None:
    def in_use() -> int:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    scorer = _both()[0]
    scorer.score(["?." * 15_000])
    before = in_use()
    for i in range(500):  # each takes 360,000 bytes where it is remembered
        scorer.score([f"{i}" + "?." * 15_000])
    assert in_use() - before < 80_000_000
