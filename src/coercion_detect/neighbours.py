"""What stands around each message of a conversation, in numbers: the messages next to it, and the refusals before it.

It is looked back and ahead a bounded way, so a conversation of any length is read in one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coercion_detect.joint import N_TACTICS
from coercion_detect.turns import REQUEST

BACK, AHEAD = 6, 4  # messages next to one of which everything is looked at
NEAR = 3  # messages within which somebody is answered
LOOK_BACK = 60  # messages after which a refusal is forgotten
ASKED = 10  # messages before a refusal in which it was asked for what is refused
NOTHING = -10.0  # stands for a number of a message that is not there: below all others
NOBODY = -1

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
    """Return the place of the nearest message by another within `NEAR` before each, or `NOBODY`."""
    return _other(senders, range(-1, -NEAR - 1, -1))


def other_after(senders: _Places, *, within: int = NEAR) -> _Places:
    """Return the place of the nearest message by another after each, or `NOBODY`."""
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
    """Messages after somebody else's refusal: their places, the refusal, what was asked before it, and numbers."""

    places: _Places
    refusals: _Places
    asks: _Places
    inputs: _Floats


def candidates(numbers: _Floats, refusals: _Floats, senders: _Places, *, lowest: float) -> Candidates:
    """Find every message that another's refusal stands before, and say what lies between the two.

    ``refusals`` are log-odds; one below ``lowest`` opens nothing, and the latest that does is the one pressed against.
    """
    back = np.arange(1, LOOK_BACK + 1)
    before = np.arange(len(senders))[:, None] - back
    there, before = before >= 0, np.maximum(before, 0)
    other = there & (senders[before] != senders[:, None])
    opens = other & (refusals[before] > lowest)
    places = np.flatnonzero(opens.any(axis=1))
    before, other, opens = before[places], other[places], opens[places]
    own = there[places] & ~other
    by_others = np.where(other, refusals[before], NOTHING)
    latest, surest = opens.argmax(axis=1), by_others.argmax(axis=1)
    rows = np.arange(len(places))
    since = back <= latest[:, None]  # between the refusal and the message
    strength = np.maximum(numbers[:, REQUEST], numbers[:, :N_TACTICS].max(axis=1))
    named = before[rows, latest]
    asked = named[:, None] - np.arange(1, ASKED + 1)
    there, asked = asked >= 0, np.maximum(asked, 0)
    theirs = there & (senders[asked] == senders[places][:, None])
    asking = np.where(theirs, strength[asked], NOTHING)
    inputs = [
        by_others[rows, latest],
        latest + 1,
        by_others[rows, surest],
        surest + 1,
        np.sort(by_others, axis=1)[:, -2],
        (1 / (1 + np.exp(-by_others))).sum(axis=1),
        (own & since).sum(axis=1),
        asking.max(axis=1),
        np.where(other & since, numbers[before, REQUEST], NOTHING).max(axis=1),
        np.where(own & since, strength[before], NOTHING).max(axis=1),
    ]
    ask = np.where(theirs.any(axis=1), asked[rows, asking.argmax(axis=1)], NOBODY)
    return Candidates(places, named, ask, np.column_stack(inputs).astype(np.float64))
