from __future__ import annotations

import numpy as np

from coercion_detect.scoring.runs import Growing, add_known, add_up, places_of


def test_places_are_those_of_each_run() -> None:
    assert places_of(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
    assert places_of(np.empty(0, np.int64), np.empty(0, np.int64)).tolist() == []


def test_a_run_of_nothing_adds_up_to_nothing() -> None:
    rows = np.array([[1.0], [2.0], [4.0]])
    assert add_up(rows, np.array([0, 2, 0, 1, 0])).tolist() == [[0], [3], [0], [4], [0]]
    assert add_up(rows[:0], np.array([0, 0])).tolist() == [[0], [0]]


def test_small_numbers_are_added_up_as_large_ones() -> None:
    rows = np.array([[2.0**24], [1.0]], dtype=np.float32)
    assert add_up(rows, np.array([2])).tolist() == [[2.0**24 + 1]]


def test_what_is_unknown_adds_nothing() -> None:
    adds = np.array([[1.0], [10.0], [100.0]], dtype=np.float32)  # the last is the unknown
    rows = np.array([[0, 2], [1, 1], [2, 2], [2, 0]])
    assert add_known(adds, rows, np.array([2, 0, 1, 1])).tolist() == [[21], [0], [0], [1]]


def test_an_array_grows_at_its_end_and_forgets() -> None:
    growing = Growing(2, np.int64)
    for i in range(3000):
        growing.extend(np.array([[i, -i]]))
    assert len(growing) == 3000 and growing.rows[2999].tolist() == [2999, -2999]
    growing.clear()
    assert len(growing) == 0 and growing.rows.shape == (0, 2)
