"""What the reading of conversations is worth, on whole voices held out, beside two simpler ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coercion_detect.evaluation.bootstrap import Estimate
from coercion_detect.training.context import OutOfFold, choose
from coercion_detect.training.conversations import Conversation

RESAMPLES = 1000


@dataclass(frozen=True, slots=True, eq=False)
class ConversationFigures:
    """Figures of conversations (persistence or not), and of the messages that press on.

    ``first_found`` is the share of conversations with persistence whose first event is found, index exact;
    ``opened_by_others`` the share of conversations without any refusal of intimacy in which an event was found all
    the same. In ordinary chats, which are about anything but intimacy, every event is a false one. ``baselines``
    are F1 of conversations.
    """

    f1: Estimate
    precision: Estimate
    recall: Estimate
    first_found: Estimate
    opened_by_others: Estimate
    false_events_per_1000: Estimate
    ordinary_events_per_1000: Estimate
    ordinary_likely_per_1000: Estimate
    baselines: dict[str, Estimate]


def measure_conversations(
    conversations: Sequence[Conversation],
    found: OutOfFold,
    *,
    ordinary: Sequence[Conversation],
    in_ordinary: OutOfFold,
    baselines: Mapping[str, Sequence[NDArray[np.float64]]],
) -> ConversationFigures:
    """Measure an out-of-fold reading; the threshold of each fold is chosen on the others.

    ``baselines`` give a score for each candidate of each conversation, in place of the reading's log-odds.
    """
    wanted = np.array([c.persistence for c in conversations])
    first = [next((i for i, m in enumerate(c.messages) if m.after is not None), -1) for c in conversations]
    groups = np.unique([c.group for c in conversations], return_inverse=True)[1]
    folds = np.union1d(found.fold_of, in_ordinary.fold_of)
    thresholds = _thresholds(conversations, found, found.log_odds, folds)
    events = _events(found, found.log_odds, {number: possible for number, (possible, _) in thresholds.items()})
    tagged = np.array([bool(of_one) for of_one in events])
    exact = np.array([bool(of_one) and of_one[0] == f for of_one, f in zip(events, first, strict=True)])
    no_refusal = np.array([not any("refusal" in m.acts for m in c.messages) for c in conversations]) & ~wanted
    in_others = np.array([len(of_one) for of_one in events]) * ~wanted
    messages = np.array([len(c.messages) for c in conversations]) * ~wanted

    def estimate(figure: Callable[[NDArray[np.float64]], float], n: int) -> Estimate:
        return _estimate(figure, groups, n)

    def f1_of(there: NDArray[np.bool_]) -> Callable[[NDArray[np.float64]], float]:
        return lambda w: float(2 * (w * (there & wanted)).sum() / max((w * there).sum() + (w * wanted).sum(), 1e-9))

    simple = {}
    for name, scores in baselines.items():
        of_way = _thresholds(conversations, found, scores, folds)
        lowest = {number: possible for number, (possible, _) in of_way.items()}
        there = np.array([bool(of_one) for of_one in _events(found, scores, lowest)])
        simple[name] = estimate(f1_of(there), len(wanted))
    return ConversationFigures(
        f1=estimate(f1_of(tagged), len(wanted)),
        precision=estimate(lambda w: _share(w, tagged & wanted, tagged), int(tagged.sum())),
        recall=estimate(lambda w: _share(w, tagged & wanted, wanted), int(wanted.sum())),
        first_found=estimate(lambda w: _share(w, exact & wanted, wanted), int(wanted.sum())),
        opened_by_others=estimate(lambda w: _share(w, tagged & no_refusal, no_refusal), int(no_refusal.sum())),
        false_events_per_1000=estimate(
            lambda w: float(1000 * (w * in_others).sum() / max((w * messages).sum(), 1)), int(messages.sum())
        ),
        ordinary_events_per_1000=_per_1000(ordinary, in_ordinary, {k: low for k, (low, _) in thresholds.items()}),
        ordinary_likely_per_1000=_per_1000(ordinary, in_ordinary, {k: high for k, (_, high) in thresholds.items()}),
        baselines=simple,
    )


def _thresholds(
    conversations: Sequence[Conversation],
    found: OutOfFold,
    scores: Sequence[NDArray[np.float64]],
    folds: NDArray[np.intp],
) -> dict[int, tuple[float, float]]:
    """Return the log-odds of *possible* and *likely* for each of the folds, chosen on the other folds."""
    chosen = {}
    for number in folds.tolist():
        others = np.flatnonzero(found.fold_of != number).tolist()
        chosen[number] = choose([conversations[i] for i in others], [scores[i] for i in others])
    return chosen


def _events(found: OutOfFold, scores: Sequence[NDArray[np.float64]], lowest: Mapping[int, float]) -> list[list[int]]:
    triples = zip(found.fold_of.tolist(), found.candidates, scores, strict=True)
    return [of_one.places[given >= lowest[number]].tolist() for number, of_one, given in triples]


def _per_1000(chats: Sequence[Conversation], found: OutOfFold, lowest: Mapping[int, float]) -> Estimate:
    if not chats:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    events = np.array([len(of_one) for of_one in _events(found, found.log_odds, lowest)])
    messages = np.array([len(c.messages) for c in chats])
    return _estimate(lambda w: _share(w, 1000 * events, messages), np.arange(len(chats)), int(messages.sum()))


def _share(weights: NDArray[np.float64], part: NDArray[Any], whole: NDArray[Any]) -> float:
    return float((weights * part).sum() / max((weights * whole).sum(), 1e-9))


def _estimate(figure: Callable[[NDArray[np.float64]], float], groups: NDArray[np.intp], n: int) -> Estimate:
    rng = np.random.default_rng(0)
    n_groups = int(groups.max()) + 1
    picks = (rng.integers(0, n_groups, n_groups) for _ in range(RESAMPLES))
    draws = [figure(np.bincount(pick, minlength=n_groups)[groups].astype(np.float64)) for pick in picks]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(figure(np.ones(len(groups))), float(low), float(high), n)
