"""Average precision on a held-out fifth of whole voices, so that speed is not compared blind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coercion_detect.taxonomy import TACTICS
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.train import Settings, cut_and_count, out_of_fold, split_voices
from coercion_detect.training.vectors import WordVectors


def held_out(dataset: Dataset, *, folds: int = 5, seed: int = 0) -> NDArray[np.bool_]:
    """Say for each text whether its voice is held out; seed phrases never are."""
    return np.asarray(split_voices(dataset, folds=folds, seed=seed) == 0)


def macro_average_precision(scores: NDArray[np.float64], wanted: NDArray[np.bool_]) -> float:
    """Return the mean over the tactics of the average precision."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(wanted, scores, average="macro"))


def ours_held_out(dataset: Dataset, out: NDArray[np.bool_], vectors: WordVectors | None) -> NDArray[np.float64]:
    """Train our heads without the texts ``out``, and return their scores, uncalibrated, shape (n_out, 12)."""
    cut, counts = cut_and_count(dataset, vectors=vectors)
    fold_of = np.where(out, 0, 1)
    settings = Settings(folds=1, jobs=1)
    log_odds = out_of_fold(dataset, counts, cut, fold_of, vectors=vectors, settings=settings)
    return cut.strongest(log_odds, parts=len(TACTICS))[out, : len(TACTICS)]
