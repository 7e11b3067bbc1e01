"""Fit what the words of a message say in its conversation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from coercion_detect.in_context.neighbours import NOBODY, numbered, other_after, other_before
from coercion_detect.in_context.said import ROLES, Said
from coercion_detect.in_context.turns import Turn

C = 0.3
TERMS = 5.0  # how much terms are scaled up, so that the regularisation leaves them room
FEWEST = 10  # messages that a term must stand in
SLIGHT = 0.3  # a term that weighs less for both is left out

Terms = Sequence[Sequence[str]]  # of many messages


def roles_of(turns: Sequence[Sequence[Turn]]) -> list[Terms]:
    """Return the terms of every message of every conversation, of those it answers, and of those that answer it."""
    roles: list[list[Sequence[str]]] = [[] for _ in ROLES]
    for of_one in turns:
        senders = numbered([turn.sender for turn in of_one])
        places = np.arange(len(of_one)), other_before(senders), other_after(senders)
        for role, of_role in zip(roles, places, strict=True):
            role += [of_one[place].terms if place != NOBODY else () for place in of_role.tolist()]
    return list(roles)


def fit_said(roles: Sequence[Terms], wanted: NDArray[np.bool_]) -> Said:
    """Fit both regressions; terms that turn out to weigh little are left out, and they are fitted again.

    ``wanted`` has shape (n_messages, 2): whether a message refuses, and whether it presses on.
    """
    known = []
    for role in roles:
        in_messages = Counter(term for terms in role for term in set(terms))
        known.append(sorted(term for term, n in in_messages.items() if n >= FEWEST))
    if not any(known):
        raise ValueError("no term stands in enough messages to learn from; add conversations")
    if not (wanted.any(axis=0) & ~wanted.all(axis=0)).all():
        raise ValueError("some messages must refuse and some press on, and others not; add conversations")
    for least in (SLIGHT, 0.0):
        matrix = _matrix(roles, known)
        models = [LogisticRegression(C=C, max_iter=3000, tol=1e-5).fit(matrix, column) for column in wanted.T]
        weights = TERMS * np.column_stack([model.coef_[0] for model in models])
        parts = np.split(weights, np.cumsum([len(terms) for terms in known])[:-1])
        heaviest = max(np.abs(part).max(initial=0) for part in parts)
        kept = [np.abs(part).max(axis=1, initial=0) >= min(least, heaviest) for part in parts]  # one at the least
        known = [[t for t, keep in zip(terms, of, strict=True) if keep] for terms, of in zip(known, kept, strict=True)]
        parts = [part[of] for part, of in zip(parts, kept, strict=True)]
    plain = {
        role: dict(zip(terms, part.round(2).tolist(), strict=True))
        for role, terms, part in zip(ROLES, known, parts, strict=True)
    }
    return Said.of({**plain, "bias": [round(float(model.intercept_[0]), 6) for model in models]})


def _matrix(roles: Sequence[Terms], known: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    """Return the known terms of each message, one block of columns for each role."""
    first = 0
    columns: list[list[int]] = [[] for _ in roles[0]]
    for role, terms in zip(roles, known, strict=True):
        place = {term: first + number for number, term in enumerate(terms)}
        for found, of_one in zip(columns, role, strict=True):
            found += [place[term] for term in of_one if term in place]
        first += len(terms)
    lengths = np.array([len(found) for found in columns])
    values = np.repeat(TERMS / np.sqrt(np.maximum(lengths, 1)), lengths)
    flat = np.array([place for found in columns for place in found], dtype=np.intp)
    return sparse.csr_matrix((values, flat, np.cumsum([0, *lengths])), shape=(len(columns), first))
