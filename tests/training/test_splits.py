from __future__ import annotations

import numpy as np
import pytest

from coercion_detect import DataError
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.splits import check_folds, split_groups


def test_no_group_stands_on_both_sides(examples: Dataset) -> None:
    fold_of = split_groups(examples, folds=5, seed=0)
    group_and_fold = set(zip(examples.groups.tolist(), fold_of.tolist(), strict=True))
    assert len(group_and_fold) == len(np.unique(examples.groups))
    assert set(fold_of.tolist()) == {-1, 0, 1, 2, 3, 4}


def test_seed_phrases_are_in_no_fold(examples: Dataset) -> None:
    fold_of = split_groups(examples, folds=5, seed=0)
    assert {e.source for e, fold in zip(examples.examples, fold_of, strict=True) if fold < 0} == {"seed"}


def test_the_order_of_the_file_does_not_matter_and_the_seed_does(small_examples: Dataset) -> None:
    turned = Dataset(small_examples.examples[::-1], small_examples.sha256)
    once = split_groups(small_examples, folds=3, seed=0)
    assert np.array_equal(split_groups(turned, folds=3, seed=0)[::-1], once)
    assert not np.array_equal(split_groups(small_examples, folds=3, seed=1), once)


def test_folds_that_cannot_be_trained_on_are_refused(small_examples: Dataset) -> None:
    n = len(small_examples)
    check_folds(small_examples, np.arange(n) % 3, folds=3, path="own.csv")
    with pytest.raises(DataError, match="too few voices or groups for 4 folds"):
        check_folds(small_examples, np.arange(n) % 3, folds=4, path="own.csv")
    one_fold = np.where(small_examples.tactics[:, 0], 0, np.arange(n) % 3)
    with pytest.raises(DataError, match="has obligation in fewer than two folds"):
        check_folds(small_examples, one_fold, folds=3, path="own.csv")
