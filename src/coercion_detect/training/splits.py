"""Deal groups into folds, and say when folds cannot be trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coercion_detect.errors import DataError
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS
from coercion_detect.training.dataset import Dataset


def split_groups(dataset: Dataset, *, folds: int, seed: int) -> NDArray[np.intp]:
    """Deal whole groups of paraphrases into folds, whatever order the file has.

    Returns each text's fold, or -1 for the seed phrases and what shares a group with them.
    """
    of_seed = {e.group for e in dataset.examples if e.source == "seed"}
    groups = np.array(sorted({e.group for e in dataset.examples} - of_seed))
    np.random.default_rng(seed).shuffle(groups)
    fold_of_group = {str(group): i % folds for i, group in enumerate(groups)}
    return np.array([fold_of_group.get(e.group, -1) for e in dataset.examples], dtype=np.intp)


def check_folds(dataset: Dataset, fold_of: NDArray[np.intp], *, folds: int, path: str) -> None:
    """Raise `DataError` where a fold is empty, or where a training part would lack a label."""
    if len(np.unique(fold_of[fold_of >= 0])) < folds:
        raise DataError(f"has too few voices or groups for {folds} folds; ask for fewer folds.", path=path)
    labels = {
        **{name: dataset.tactics[:, i] for i, name in enumerate(TACTICS)},
        **{name: dataset.acts[:, i] for i, name in enumerate(ACTS)},
        **{name: dataset.framing == i for i, name in enumerate(FRAMINGS)},
    }
    for name, there in labels.items():
        if len(np.unique(fold_of[there & (fold_of >= 0)])) < 2:
            raise DataError(
                f"has {name} in fewer than two folds, so one training part would lack it; add texts with it.", path=path
            )
