"""From a data set to a model: out-of-fold scores first, then the second stage and thresholds, then the final fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from coercion_detect.features import WordClasses
from coercion_detect.joint import sigmoid
from coercion_detect.model import HEADS, Model, quantize
from coercion_detect.taxonomy import TACTICS
from coercion_detect.text import read
from coercion_detect.training.conversations import Conversation
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.features import Counts, Weighting
from coercion_detect.training.heads import Heads, fit_heads, targets
from coercion_detect.training.joint import fit_joint
from coercion_detect.training.messages import with_messages
from coercion_detect.training.thresholds import choose_thresholds
from coercion_detect.training.vectors import WordVectors, add_block, fold_back
from coercion_detect.windows import Spread, pieces_of, windows

NAME = "tactics-en"
MIN_COVERAGE = 0.55


@dataclass(frozen=True, slots=True)
class Settings:
    """What a training run can be told.

    ``c`` and ``framing_c`` are the inverse of the regularisation, ``min_texts`` is how many texts a pair of words
    or a character piece must stand in, ``min_pattern_texts`` how many a pattern of word classes, ``vector_scale`` how
    much the word vectors count beside the n-grams.
    """

    c: float = 20.0
    framing_c: float = 4.0
    folds: int = 5
    min_texts: int = 3
    min_pattern_texts: int = 5
    vector_scale: float = 0.5
    seed: int = 0
    jobs: int = 2


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A model, with what it takes to measure it: the heads' out-of-fold log-odds of every window.

    ``dataset`` has the texts that were learned from, messages of conversations last; ``log_odds`` has shape
    (n_windows, 16), ``cut`` says which text each window belongs to. Seed phrases are in every training part and in no
    fold (-1): they are shown, never measured.
    """

    model: Model
    dataset: Dataset
    log_odds: NDArray[np.float64]
    cut: Spread
    fold_of: NDArray[np.intp]
    with_vectors: bool


def train(
    dataset: Dataset,
    *,
    version: str,
    conversations: Sequence[Conversation] = (),
    vectors: WordVectors | None = None,
    settings: Settings = Settings(),
    progress: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Train on ``dataset`` and the messages of ``conversations``.

    The same data and settings give the same model, byte for byte.
    """
    with threadpool_limits(1):  # sums over several threads come in another order, and with it other last digits
        return _train(with_messages(dataset, conversations), version, vectors, settings, progress)


def _train(
    dataset: Dataset,
    version: str,
    vectors: WordVectors | None,
    settings: Settings,
    progress: Callable[[str], None],
) -> Trained:
    cut, counts = cut_and_count(dataset, vectors=vectors)
    fold_of = split_voices(dataset, folds=settings.folds, seed=settings.seed)
    progress(f"scoring {len(dataset):,} texts out of fold, {settings.folds} folds of whole voices")
    log_odds = out_of_fold(dataset, counts, cut, fold_of, vectors=vectors, settings=settings)
    wanted, scored = targets(dataset), np.flatnonzero(fold_of >= 0)
    joint = fit_joint(
        log_odds[cut.firsts][scored],
        wanted[scored],
        dataset.framing[scored],
        has_tactic=dataset.has_tactic[scored],
        known=dataset.known_together[scored],
        jobs=settings.jobs,
    )
    measured = np.flatnonzero((fold_of >= 0) & ~dataset.is_message)
    scores = sigmoid(cut.strongest(joint.log_odds(log_odds), parts=len(TACTICS))[measured, : len(TACTICS)])
    progress("fitting the final heads on every text")
    weighting, heads = fit_rows(
        dataset, counts, cut, np.arange(len(dataset)), vectors=vectors, settings=settings, jobs=settings.jobs
    )
    scales, quantized = quantize(heads.weights)
    model = Model(
        name=NAME,
        version=version,
        vocabulary="".join(f"{name}\n" for block in weighting.names for name in block).encode("utf-8"),
        counts=weighting.counts,
        classes=vectors.classes if vectors else WordClasses(b""),
        idf=weighting.idf.astype(np.float16).astype(np.float32),
        scales=scales,
        quantized=quantized,
        bias=np.round(heads.bias, 6),
        joint=joint,
        thresholds=choose_thresholds(scores, wanted[measured, : len(TACTICS)]),
        min_coverage=MIN_COVERAGE,
        unseen_idf=round(float(np.log(1 + len(dataset)) + 1), 6),
        data_sha256=dataset.sha256,
    )
    return Trained(model, dataset, log_odds, cut, fold_of, vectors is not None)


def cut_and_count(dataset: Dataset, *, vectors: WordVectors | None) -> tuple[Spread, Counts]:
    """Cut every text into its windows and count their n-grams, once for all folds."""
    words = [read(text) for text in dataset.texts]
    cut = Spread.of([windows(of_text) for of_text in words])
    cuts = zip(cut.owners.tolist(), cut.windows, strict=True)
    folded = [" ".join(pieces_of(words[i], window)) for i, window in cuts]
    if vectors is None:
        return cut, Counts(folded)
    return cut, Counts(folded, classes=vectors.classes, extra_words=vectors.words)


def split_voices(dataset: Dataset, *, folds: int, seed: int) -> NDArray[np.intp]:
    """Deal whole voices into folds; a group lies within one voice, so no group is ever split.

    Returns each text's fold, or -1 for the seed phrases.
    """
    seed_voices = {int(v) for v, e in zip(dataset.voices, dataset.examples, strict=True) if e.source == "seed"}
    voices = np.array([v for v in np.unique(dataset.voices) if v not in seed_voices])
    np.random.default_rng(seed).shuffle(voices)
    fold_of_voice = {int(v): i % folds for i, v in enumerate(voices)}
    return np.array([fold_of_voice.get(int(v), -1) for v in dataset.voices], dtype=np.intp)


def fit_rows(
    dataset: Dataset,
    counts: Counts,
    cut: Spread,
    rows: NDArray[np.intp],
    *,
    vectors: WordVectors | None,
    settings: Settings,
    jobs: int = 1,
) -> tuple[Weighting, Heads]:
    """Fit vocabulary, idf and heads on the texts ``rows``, each as a whole; weights are for the n-grams alone."""
    wholes = cut.firsts[rows]
    weighting = counts.fit(wholes, min_texts=settings.min_texts, min_pattern_texts=settings.min_pattern_texts)
    matrix = counts.tfidf(wholes, weighting)
    if vectors is None:
        return weighting, _heads(matrix, dataset, rows, settings, jobs)
    word_vectors = settings.vector_scale * vectors.rows(weighting.names[0])
    heads = _heads(add_block(matrix, word_vectors), dataset, rows, settings, jobs)
    return weighting, Heads(fold_back(heads.weights, word_vectors), heads.bias)


def _heads(matrix: sparse.csr_matrix, dataset: Dataset, rows: NDArray[np.intp], settings: Settings, jobs: int) -> Heads:
    return fit_heads(matrix, dataset, rows, c=settings.c, framing_c=settings.framing_c, jobs=jobs)


def out_of_fold(
    dataset: Dataset,
    counts: Counts,
    cut: Spread,
    fold_of: NDArray[np.intp],
    *,
    vectors: WordVectors | None,
    settings: Settings,
) -> NDArray[np.float64]:
    """Score each text's windows with heads that never saw its fold; vocabulary and idf are fitted anew each time.

    Returns the heads' log-odds, shape (n_windows, 16); those of the seed phrases are not a number.
    """
    log_odds = np.full((len(cut.windows), len(HEADS)), np.nan)
    fold_of_window = fold_of[cut.owners]

    def score(number: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        inside, outside = np.flatnonzero(fold_of_window == number), np.flatnonzero(fold_of != number)
        with threadpool_limits(1):  # a worker process begins with its own limits
            weighting, heads = fit_rows(dataset, counts, cut, outside, vectors=vectors, settings=settings)
        return inside, heads.log_odds(counts.tfidf(inside, weighting))

    parts = Parallel(n_jobs=settings.jobs)(delayed(score)(number) for number in range(settings.folds))
    for inside, scored in parts:
        log_odds[inside] = scored
    return log_odds
