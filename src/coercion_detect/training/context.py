"""Fit what reads conversations: words, then refusals in context, then events, all on whole voices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from coercion_detect.in_context.context import Context, event_rows, with_said
from coercion_detect.in_context.neighbours import Candidates, around, candidates, numbered
from coercion_detect.in_context.said import Said
from coercion_detect.in_context.trees import Trees
from coercion_detect.in_context.turns import Turn
from coercion_detect.training.boosting import fit_trees
from coercion_detect.training.conversations import Conversation
from coercion_detect.training.said import Terms, fit_said, roles_of

LOWEST = -2.0  # log-odds of a refusal above which it can be pressed against
LIKELY_PRECISION = 0.95
F1_MARGIN = 0.015  # F1 hardly changes within it, and fewer events are found in chats that have none
FEWEST_LIKELY = 10  # conversations that a precision is measured on

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFold:
    """What was read in each conversation out of fold: numbers, refusals, candidates, and the log-odds of events."""

    fold_of: NDArray[np.intp]
    numbers: list[_Floats]
    refusals: list[_Floats]
    candidates: list[Candidates]
    log_odds: list[_Floats]

    def part(self, start: int, stop: int) -> OutOfFold:
        """Return what was read in the conversations ``start`` to ``stop`` (exclusive)."""
        here = slice(start, stop)
        return OutOfFold(
            self.fold_of[here], self.numbers[here], self.refusals[here], self.candidates[here], self.log_odds[here]
        )


def read_out_of_fold(
    conversations: Sequence[Conversation],
    turns: Sequence[Sequence[Turn]],
    fold_of: NDArray[np.intp],
    *,
    jobs: int = 1,
) -> OutOfFold:
    """Read each conversation with what was fitted to other folds; ``fold_of`` has the one of each conversation.

    Each step learns from out-of-fold readings of the step before. What gave those of the other folds did see the labels
    of this one, but nothing that was fitted to a conversation reads it.
    """
    senders = _senders(turns)
    roles, wanted = roles_of(turns), targets(conversations)
    fold_of_message = np.repeat(fold_of, [len(of_one) for of_one in turns])
    numbers: list[_Floats] = [np.empty(0)] * len(turns)
    folds = np.unique(fold_of).tolist()
    fitted = Parallel(n_jobs=jobs)(
        delayed(_fit_said_on)(np.flatnonzero(fold_of_message != number), roles, wanted) for number in folds
    )
    for number, said in zip(folds, fitted, strict=True):
        for i in np.flatnonzero(fold_of == number).tolist():
            numbers[i] = with_said(turns[i], said, senders[i])
    in_order = [around(of_one, who) for of_one, who in zip(numbers, senders, strict=True)]
    refusals = _out_of_fold(in_order, wanted[:, 0], fold_of_message, jobs)
    found, rows = _find(numbers, refusals, senders)
    events = _out_of_fold(rows, wanted[:, 1], fold_of_message, jobs)
    log_odds = [of_one[one.places] for of_one, one in zip(events, found, strict=True)]
    return OutOfFold(fold_of, numbers, refusals, found, log_odds)


def targets(conversations: Sequence[Conversation]) -> NDArray[np.bool_]:
    """Return for every message whether it refuses and whether it presses on, shape (n_messages, 2)."""
    return np.array([("refusal" in m.acts, m.after is not None) for c in conversations for m in c.messages])


def _senders(turns: Sequence[Sequence[Turn]]) -> list[NDArray[np.intp]]:
    return [numbered([turn.sender for turn in of_one]) for of_one in turns]


def _find(
    numbers: Sequence[_Floats], refusals: Sequence[_Floats], senders: Sequence[NDArray[np.intp]]
) -> tuple[list[Candidates], list[_Floats]]:
    """Return the candidates of each conversation, and a row for every message: trees learn from all of them."""
    found, rows = [], []
    for of_one, refused, who in zip(numbers, refusals, senders, strict=True):
        found.append(candidates(of_one, refused, who, lowest=LOWEST))
        rows.append(event_rows(of_one, refused, who))
    return found, rows


def _fit_said_on(rows: NDArray[np.intp], roles: Sequence[Terms], wanted: NDArray[np.bool_]) -> Said:
    with threadpool_limits(1):  # a worker process begins with its own limits
        return fit_said([[role[i] for i in rows.tolist()] for role in roles], wanted[rows])


def _out_of_fold(
    in_order: Sequence[_Floats], wanted: NDArray[np.bool_], fold_of_message: NDArray[np.intp], jobs: int
) -> list[_Floats]:
    """Return log-odds of every message, by conversation, from trees that never saw its fold."""
    rows = np.concatenate(in_order)
    log_odds = np.zeros(len(rows))
    folds = np.unique(fold_of_message).tolist()
    fitted = Parallel(n_jobs=jobs)(delayed(_fit_trees_on)(fold_of_message != number, rows, wanted) for number in folds)
    for number, trees in zip(folds, fitted, strict=True):
        inside = fold_of_message == number
        log_odds[inside] = trees.log_odds(rows[inside])
    return np.split(log_odds, np.cumsum([len(of_one) for of_one in in_order])[:-1])


def _fit_trees_on(there: NDArray[np.bool_], rows: _Floats, wanted: NDArray[np.bool_]) -> Trees:
    with threadpool_limits(1):
        return fit_trees(rows[there], wanted[there])


def choose(conversations: Sequence[Conversation], log_odds: Sequence[_Floats]) -> tuple[float, float]:
    """Choose log-odds for *possible* and *likely*.

    *Possible* is the highest at which the F1 of conversations is within `F1_MARGIN` of the best. *Likely* is right 19
    times in 20.
    """
    strongest = np.array([of_one.max(initial=-np.inf) for of_one in log_odds])
    wanted = np.array([c.persistence for c in conversations])
    order = np.argsort(-strongest, kind="stable")
    ranked, right, given = strongest[order], np.cumsum(wanted[order]), np.arange(1, len(order) + 1)
    usable = np.append(ranked[:-1] != ranked[1:], True) & np.isfinite(ranked)  # the last of equals, with a candidate
    if not usable.any():
        raise ValueError("no conversation has a candidate for an event")
    f1 = np.where(usable, 2 * right / (given + max(right[-1], 1)), -1.0)
    possible = float(ranked[np.flatnonzero(f1 >= f1.max() - F1_MARGIN)[0]])
    reached = np.flatnonzero(usable & (right / given >= LIKELY_PRECISION) & (given >= FEWEST_LIKELY))
    return possible, max(possible, float(ranked[reached[-1]]) if len(reached) else float(ranked[0]))


def fit_context(
    conversations: Sequence[Conversation],
    turns: Sequence[Sequence[Turn]],
    found: OutOfFold,
    *,
    measured: int | None = None,
) -> Context:
    """Fit everything on every conversation; the trees on what was read out of fold, as in use they read new chats.

    Thresholds are those of the out-of-fold reading ``found``, of the first ``measured`` conversations (or of all).
    """
    senders, wanted = _senders(turns), targets(conversations)
    in_order = [around(of_one, who) for of_one, who in zip(found.numbers, senders, strict=True)]
    of_events = _find(found.numbers, found.refusals, senders)[1]
    possible, likely = choose(conversations[:measured], found.log_odds[:measured])
    scores = [round(float(1 / (1 + np.exp(-value))), 6) for value in (possible, likely)]
    with threadpool_limits(1):
        said = fit_said(roles_of(turns), wanted)
        refusal = fit_trees(np.concatenate(in_order), wanted[:, 0])
        event = fit_trees(np.concatenate(of_events), wanted[:, 1])
    return Context(said, refusal, event, LOWEST, *scores)
