"""Runs: pieces of different lengths that lie one after another in one array, and arrays that grow at their end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_Floats = NDArray[np.float64]
_Numbers = NDArray[np.int64]


def places_of(firsts: _Numbers, sizes: _Numbers) -> _Numbers:
    """Return ``firsts[0]``, ``firsts[0] + 1`` and so on, as many as ``sizes[0]``; then those of the next run."""
    until = np.cumsum(sizes)
    return np.repeat(firsts - until + sizes, sizes) + np.arange(sizes.sum())


def add_up(rows: NDArray[Any], sizes: _Numbers) -> _Floats:
    """Add up the rows of each run."""
    sums = np.zeros((len(sizes), rows.shape[1]))
    there = sizes > 0
    if there.any():
        sums[there] = np.add.reduceat(rows, (np.cumsum(sizes) - sizes)[there], axis=0, dtype=np.float64)
    return sums


def add_known(adds: NDArray[np.float32], rows: _Numbers, sizes: _Numbers) -> _Floats:
    """Add up ``adds`` of the features ``rows``, several at each place; ``sizes`` counts the places of each run.

    The last of ``adds`` is that of the unknown, which most n-grams are: it is left out.
    """
    known = np.flatnonzero(rows != len(adds) - 1)
    until = np.searchsorted(known, np.append(0, np.cumsum(sizes)) * rows.shape[1])
    return add_up(adds.take(rows.ravel()[known], axis=0), np.diff(until))


class Growing:
    """Rows of numbers, with room for more."""

    def __init__(self, width: int, dtype: DTypeLike) -> None:
        self._room = np.zeros((1024, width), dtype=dtype)
        self._n = 0

    def __len__(self) -> int:
        return self._n

    @property
    def rows(self) -> NDArray[Any]:
        """The rows that were put in."""
        return self._room[: self._n]

    def extend(self, rows: NDArray[Any]) -> None:
        """Put rows at the end."""
        until = self._n + len(rows)
        if until > len(self._room):
            room = np.zeros((max(until, 2 * len(self._room)), self._room.shape[1]), dtype=self._room.dtype)
            room[: self._n] = self.rows
            self._room = room
        self._room[self._n : until] = rows
        self._n = until

    def clear(self) -> None:
        """Forget all rows."""
        self._n = 0
