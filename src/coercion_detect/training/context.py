"""Fit what reads conversations: refusals in context first, then events, both on whole voices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from coercion_detect.context import Context, Regression, standard
from coercion_detect.training.conversations import Conversation
from coercion_detect.turns import Candidate, Turn, candidates, flat, refusal_inputs, refusal_words

C = 0.3
WORDS = 5.0  # how much words count beside numbers
FEWEST = 10  # messages that a word must stand in
SLIGHT = 0.1  # weight below which a word is left out
LOWEST = -1.5  # log-odds from which a refusal in context can open an event
LIKELY_PRECISION = 0.95
NEAR = 0.01

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Numbers, words and labels of many messages."""

    inputs: NDArray[np.float64]
    words: list[list[str]]
    wanted: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was read in each conversation out of fold: refusals, candidates, and the log-odds that these are events."""

    fold_of: NDArray[np.intp]
    refusals: list[list[float]]
    candidates: list[list[Candidate]]
    log_odds: list[list[float]]

    def part(self, start: int, stop: int) -> Found:
        """Return what was read in the conversations ``start`` to ``stop`` (exclusive)."""
        here = slice(start, stop)
        return Found(self.fold_of[here], self.refusals[here], self.candidates[here], self.log_odds[here])


def fit(rows: Rows) -> Regression:
    """Fit one regression; words that turn out to weigh little are left out, and it is fitted again."""
    in_rows = Counter(word for words in rows.words for word in words)
    words = sorted(word for word, n in in_rows.items() if n >= FEWEST)
    center, spread = rows.inputs.mean(axis=0).round(6), np.maximum(rows.inputs.std(axis=0), 1e-3).round(6)
    numbers = standard(rows.inputs, center, spread)
    split = numbers.shape[1]
    for least in (SLIGHT, 0.0):
        vocabulary = {word: i for i, word in enumerate(words)}
        matrix = sparse.hstack([numbers, WORDS * _shares(rows.words, vocabulary)]).tocsr()
        model = LogisticRegression(C=C, max_iter=3000, tol=1e-5).fit(matrix, rows.wanted)
        weights = WORDS * model.coef_[0, split:]
        words = [word for word, weight in zip(words, weights, strict=True) if abs(weight) >= least]
    return Regression(
        center=center,
        spread=spread,
        weights=model.coef_[0, :split].round(6),
        bias=round(float(model.intercept_[0]), 6),
        words={word: round(float(weight), 3) for word, weight in zip(words, weights, strict=True)},
    )


def _shares(rows: Sequence[Sequence[str]], vocabulary: dict[str, int]) -> sparse.csr_matrix:
    places = [[vocabulary[word] for word in words if word in vocabulary] for words in rows]
    lengths = [len(found) for found in places]
    values = np.repeat([1 / np.sqrt(max(n, 1)) for n in lengths], lengths)
    columns = np.array([place for found in places for place in found], dtype=np.intp)
    return sparse.csr_matrix((values, columns, np.cumsum([0, *lengths])), shape=(len(rows), len(vocabulary)))


def refusal_rows(conversations: Sequence[Conversation], turns: Sequence[Sequence[Turn]]) -> Rows:
    """Return every message with what a refusal is read from."""
    places = [(c, t, i) for c, t in zip(conversations, turns, strict=True) for i in range(len(t))]
    return Rows(
        np.array([refusal_inputs(t, i) for _, t, i in places]),
        [flat(refusal_words(t, i)) for _, t, i in places],
        np.array(["refusal" in c.messages[i].acts for c, _, i in places]),
    )


def event_rows(conversations: Sequence[Conversation], found: Sequence[Sequence[Candidate]]) -> Rows:
    """Return every candidate with what an event is read from."""
    places = [(c, candidate) for c, of_one in zip(conversations, found, strict=True) for candidate in of_one]
    return Rows(
        np.array([candidate.inputs for _, candidate in places]),
        [flat(candidate.words) for _, candidate in places],
        np.array([c.messages[candidate.index].after is not None for c, candidate in places]),
    )


def read_out_of_fold(
    conversations: Sequence[Conversation], turns: Sequence[list[Turn]], fold_of: NDArray[np.intp]
) -> Found:
    """Read each conversation with regressions that never saw its fold; ``fold_of`` has the one of each conversation.

    What the events of a fold are learned from are refusals read out of fold, so by regressions that did see that fold:
    no conversation is read by anything that was fitted to it.
    """
    refusals: list[list[float]] = [[] for _ in conversations]
    for number in np.unique(fold_of):
        regression = fit(refusal_rows(*_part(conversations, turns, fold_of != number)))
        for i in np.flatnonzero(fold_of == number):
            t = turns[int(i)]
            refusals[i] = [regression.log_odds(refusal_inputs(t, k), refusal_words(t, k)) for k in range(len(t))]
    found = [list(candidates(t, r, lowest=LOWEST)) for t, r in zip(turns, refusals, strict=True)]
    log_odds: list[list[float]] = [[] for _ in conversations]
    for number in np.unique(fold_of):
        regression = fit(event_rows(*_part(conversations, found, fold_of != number)))
        for i in np.flatnonzero(fold_of == number):
            log_odds[i] = [regression.log_odds(candidate.inputs, candidate.words) for candidate in found[i]]
    return Found(fold_of, refusals, found, log_odds)


def _part(
    conversations: Sequence[Conversation], others: Sequence[_T], inside: NDArray[np.bool_]
) -> tuple[list[Conversation], list[_T]]:
    rows = np.flatnonzero(inside).tolist()
    return [conversations[i] for i in rows], [others[i] for i in rows]


def choose(conversations: Sequence[Conversation], log_odds: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Choose log-odds for *possible* and *likely*.

    *Possible* is the highest at which the F1 of conversations is within `NEAR` of the best: F1 hardly changes over a
    wide range, and a higher one means fewer events in chats that have none. *Likely* is right 19 times in 20.
    """
    strongest = np.array([max(of_one, default=-np.inf) for of_one in log_odds])
    wanted = np.array([c.persistence for c in conversations])
    order = np.argsort(-strongest, kind="stable")
    ranked, right, given = strongest[order], np.cumsum(wanted[order]), np.arange(1, len(order) + 1)
    usable = np.append(ranked[:-1] != ranked[1:], True) & np.isfinite(ranked)  # the last of equals, with a candidate
    if not usable.any():
        raise ValueError("no conversation has a candidate for an event")
    f1 = np.where(usable, 2 * right / (given + max(right[-1], 1)), -1.0)
    possible = float(ranked[np.flatnonzero(f1 >= f1.max() - NEAR)[0]])
    reached = np.flatnonzero(usable & (right / given >= LIKELY_PRECISION) & (given >= 10))
    return possible, max(possible, float(ranked[reached[-1]]) if len(reached) else float(ranked[0]))


def fit_context(
    conversations: Sequence[Conversation], turns: Sequence[list[Turn]], found: Found, *, measured: int | None = None
) -> Context:
    """Fit both regressions on every conversation.

    Thresholds are those of the out-of-fold reading ``found``, of the first ``measured`` conversations (or of all).
    """
    refusal = fit(refusal_rows(conversations, turns))
    event = fit(event_rows(conversations, found.candidates))  # on refusals that were read, not on labelled ones
    possible, likely = choose(conversations[:measured], found.log_odds[:measured])
    scores = [round(float(1 / (1 + np.exp(-value))), 6) for value in (possible, likely)]
    return Context(refusal, event, LOWEST, *scores)
