"""Train anew fold by fold, and measure each text by heads that never saw its fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coercion_detect.evaluation.bootstrap import RESAMPLES
from coercion_detect.evaluation.crossfit import Decisions, cross_fit
from coercion_detect.evaluation.evaluate import measure_decisions
from coercion_detect.evaluation.labelled import Labelled
from coercion_detect.evaluation.results import Evaluation
from coercion_detect.taxonomy import TACTICS
from coercion_detect.training.conversations import Conversation
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.messages import with_messages
from coercion_detect.training.splits import check_folds, split_groups
from coercion_detect.training.train import NAME, Settings, cut_and_count, out_of_fold, split_voices
from coercion_detect.training.vectors import WordVectors


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidated:
    """A cross-validation: its figures, and what a baseline needs to be measured on the same folds."""

    evaluation: Evaluation
    labelled: Labelled
    decisions: Decisions
    fold_of: NDArray[np.intp]


def cross_validate(
    dataset: Dataset,
    *,
    by: Literal["voice", "group"] = "voice",
    name: str = "examples.csv",
    conversations: Sequence[Conversation] = (),
    vectors: WordVectors | None = None,
    settings: Settings | None = None,
    resamples: int = RESAMPLES,
    show_text: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> CrossValidated:
    """Train anew in each fold of whole voices or groups, and measure each text by heads that never saw its fold.

    Messages of ``conversations`` are dealt into the folds and learned from as well; they are not measured.
    """
    n_texts, dataset = len(dataset), with_messages(dataset, conversations)
    settings = settings or Settings()
    split = split_voices if by == "voice" else split_groups
    fold_of = split(dataset, folds=settings.folds, seed=settings.seed)
    check_folds(dataset, fold_of, folds=settings.folds, path=name)
    progress(f"training {settings.folds} times, each without one fold of whole {by}s")
    cut, counts = cut_and_count(dataset, vectors=vectors)
    log_odds = out_of_fold(dataset, counts, cut, fold_of, vectors=vectors, settings=settings)
    decisions = cross_fit(dataset, log_odds, cut, fold_of)
    labelled = labelled_rows(dataset, decisions.rows, name=name)
    progress(f"measuring {len(labelled):,} texts")
    evaluation = measure_decisions(
        labelled,
        decisions,
        model=f"{NAME}, trained anew in each fold",
        method=(
            f"Out of fold, {settings.folds} folds of whole {by}s: weights, second stage and thresholds were each "
            "chosen without the texts they are measured on. Seed phrases are in every training part and not measured."
        ),
        resamples=resamples,
        show_text=show_text,
    )
    return CrossValidated(evaluation, labelled, decisions, fold_of[:n_texts])


def labelled_rows(dataset: Dataset, rows: NDArray[np.intp], *, name: str) -> Labelled:
    """Return the texts ``rows`` of a data set as labelled texts."""
    return Labelled(
        name=name,
        sha256=dataset.sha256,
        texts=[dataset.texts[i] for i in rows],
        ids=tuple(dataset.examples[i].id for i in rows),
        tactics=dataset.tactics[rows],
        known=np.ones(len(TACTICS), dtype=bool),
        acts=dataset.acts[rows],
        framing=dataset.framing[rows],
        groups=dataset.groups[rows],
    )
