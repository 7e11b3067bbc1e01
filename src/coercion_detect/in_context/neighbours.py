"""What stands around each message of a conversation, in numbers: the messages next to it, and the refusals before it.

It is looked back and ahead a bounded way, so a conversation of any length is read in one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coercion_detect.in_context.turns import REQUEST
from coercion_detect.joint import N_TACTICS

BACK, AHEAD = 6, 4  # messages next to one of which everything is looked at
ANSWERED_WITHIN = 3  # messages
LOOK_BACK = 60  # messages after which a refusal is forgotten
ASKED = 10  # messages before a refusal in which it was asked for what is refused
NOTHING = -30.0  # stands for a number of a message that is not there: below all others
NOBODY = -1
N_SINCE = 8  # numbers of `since_refusal`

_Floats = NDArray[np.float64]
_Places = NDArray[np.intp]


def numbered(senders: Sequence[str]) -> _Places:
    """Return a number for each sender: what they are called says nothing."""
    number_of: dict[str, int] = {}
    return np.array([number_of.setdefault(sender, len(number_of)) for sender in senders], dtype=np.intp)


def around(numbers: _Floats, senders: _Places) -> _Floats:
    """Return the numbers of each message and of those next to it, and whether these are by the same sender."""
    n, places = len(numbers), np.arange(len(numbers))
    columns = []
    for by in range(-BACK, AHEAD + 1):
        there = (places + by >= 0) & (places + by < n)
        other = np.clip(places + by, 0, n - 1)
        columns.append(np.where(there[:, None], numbers[other], NOTHING))
        if by:
            columns.append(np.where(there, senders[other] == senders, -1.0)[:, None])
    return np.hstack(columns)


def other_before(senders: _Places) -> _Places:
    """Return the place of the nearest message by another within `ANSWERED_WITHIN` before each, or `NOBODY`."""
    return _other(senders, range(-1, -ANSWERED_WITHIN - 1, -1))


def other_after(senders: _Places, *, within: int = ANSWERED_WITHIN) -> _Places:
    """Return the place of the nearest message by another within so many after each, or `NOBODY`."""
    return _other(senders, range(1, within + 1))


def _other(senders: _Places, steps: range) -> _Places:
    places = np.arange(len(senders))
    found = np.full(len(senders), NOBODY)
    for by in reversed(steps):
        other = places + by
        there = (other >= 0) & (other < len(senders))
        there[there] = senders[other[there]] != senders[there]
        found[there] = other[there]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Messages after somebody else's refusal: their places, and those of the refusal and of what was asked."""

    places: _Places
    refusals: _Places
    asks: _Places


def candidates(numbers: _Floats, refusals: _Floats, senders: _Places, *, lowest: float) -> Candidates:
    """Find every message that another's refusal stands before, one whose log-odds are above ``lowest``.

    What it goes against is the latest that is more likely a refusal than not, or the surest where none is.
    """
    before, by_others, _ = _look_back(senders)
    of_others = np.where(by_others, refusals[before], NOTHING)
    places = np.flatnonzero((of_others > lowest).any(axis=1))
    of_others = of_others[places]
    refuses = of_others > max(lowest, 0.0)
    latest_or_surest = np.where(refuses.any(axis=1), refuses.argmax(axis=1), of_others.argmax(axis=1))
    named = before[places, latest_or_surest]
    asked, asking = _asked(strengths(numbers), senders, places, named)
    best = asking.argmax(axis=1)
    rows = np.arange(len(places))
    asks = np.where(asking[rows, best] > NOTHING, asked[rows, best], NOBODY)
    return Candidates(places, named, asks)


def since_refusal(numbers: _Floats, refusals: _Floats, senders: _Places) -> _Floats:
    """Return numbers of the surest refusal by others before each message, of the others, and of what lies between.

    They are: the log-odds of the surest refusal, its distance, the log-odds of the next surest, how many refusals are
    expected, how often the sender wrote since, what they had asked for before it, what others asked for since, and
    what they asked for since; `NOTHING` throughout where nobody else wrote before.
    """
    before, by_others, by_sender = _look_back(senders)
    rows, distances = np.arange(len(senders)), np.arange(1, LOOK_BACK + 1)
    of_others = np.where(by_others, refusals[before], NOTHING)
    surest = of_others.argmax(axis=1)
    between = distances <= surest[:, None]
    strength = strengths(numbers)
    asking = _asked(strength, senders, rows, before[rows, surest])[1]
    columns = [
        of_others[rows, surest],
        surest + 1.0,
        np.sort(of_others, axis=1)[:, -2],
        np.where(by_others, 1 / (1 + np.exp(np.minimum(-of_others, 500))), 0.0).sum(axis=1),
        (by_sender & between).sum(axis=1),
        asking.max(axis=1),
        np.where(by_others & between, numbers[before, REQUEST], NOTHING).max(axis=1),
        np.where(by_sender & between, strength[before], NOTHING).max(axis=1),
    ]
    found = np.column_stack(columns)
    found[~by_others.any(axis=1)] = NOTHING
    return found


def strengths(numbers: _Floats) -> _Floats:
    """Return how much each message asks or presses, whichever is more."""
    return np.asarray(np.maximum(numbers[:, REQUEST], numbers[:, :N_TACTICS].max(axis=1)))


def _look_back(senders: _Places) -> tuple[_Places, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the places before each message, nearest first, and which of them are by others and by the same sender."""
    before = np.arange(len(senders))[:, None] - np.arange(1, LOOK_BACK + 1)
    there, before = before >= 0, np.maximum(before, 0)
    same = senders[before] == senders[:, None]
    return before, there & ~same, there & same


def _asked(strength: _Floats, senders: _Places, places: _Places, refusals: _Places) -> tuple[_Places, _Floats]:
    """Return the places before each refusal, and how much the sender of each of ``places`` asked there."""
    asked = refusals[:, None] - np.arange(1, ASKED + 1)
    there, asked = asked >= 0, np.maximum(asked, 0)
    return asked, np.where(there & (senders[asked] == senders[places][:, None]), strength[asked], NOTHING)
