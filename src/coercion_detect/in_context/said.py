"""What the words of a message say in its conversation: a logistic regression over its own and its neighbours' terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROLES = ("own", "before", "answer")  # whose terms: the message's, those it answers, those that answer it
WANTED = ("refusal", "event")  # what is read from them


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Weights of terms for each role and what is read; each term counts as much as there are few of them.

    ``row_of`` gives the row of a term in ``weights``, shape (n_terms + 1, 3 roles, 3): for a refusal, for an event, and
    1 where the term is known in that role. The last row, of unknown terms, is 0.
    """

    row_of: Mapping[str, int]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def log_odds(
        self, terms: Sequence[Sequence[str]], before: NDArray[np.intp], after: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Return log-odds, shape (n_messages, 2); places ``before`` and ``after`` may be `NOBODY`."""
        of_one = self.sums(terms)
        of_one = np.concatenate([of_one, np.zeros((1, *of_one.shape[1:]))])  # where nobody's place, -1, leads to
        total = of_one[:-1, 0] + of_one[before, 1] + of_one[after, 2]
        return np.asarray(total[:, :2] / np.sqrt(np.maximum(total[:, 2:], 1)) + self.bias)

    def sums(self, terms: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Return the sums of the weights of each message's terms, shape (n_messages, 3, 3)."""
        unknown = len(self.weights) - 1
        found = map(self.row_of.get, chain.from_iterable(terms), repeat(unknown))
        rows = np.fromiter(found, dtype=np.intp)
        lengths = np.fromiter(map(len, terms), dtype=np.intp, count=len(terms))
        firsts = np.cumsum(lengths) - lengths
        sums = np.zeros((len(terms), len(ROLES), 3))
        some = lengths > 0  # reduceat gives an empty stretch its next row
        if some.any():
            sums[some] = np.add.reduceat(self.weights[rows], firsts[some], axis=0)
        return sums

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: for each role the terms it knows with both weights."""
        tables: dict[str, dict[str, list[float]]] = {role: {} for role in ROLES}
        for term, row in self.row_of.items():
            for role, (refusal, event, known) in zip(ROLES, self.weights[row].tolist(), strict=True):
                if known:
                    tables[role][term] = [refusal, event]
        return {**tables, "bias": self.bias.tolist()}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Said:
        """Return what `to_dict` gave; raise `ValueError` where its numbers do not fit."""
        row_of: dict[str, int] = {}
        for role in ROLES:
            for term in plain[role]:
                row_of.setdefault(term, len(row_of))
        weights = np.zeros((len(row_of) + 1, len(ROLES), 3))
        for number, role in enumerate(ROLES):
            rows = [row_of[term] for term in plain[role]]
            weights[rows, number, :2] = np.array(list(plain[role].values()), dtype=np.float64).reshape(len(rows), 2)
            weights[rows, number, 2] = 1
        bias = np.array(plain["bias"], dtype=np.float64)
        if bias.shape != (2,) or not np.isfinite(weights).all() or not np.isfinite(bias).all():
            raise ValueError("numbers that do not fit")
        return cls(row_of, weights, bias)
