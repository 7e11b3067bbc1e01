"""What is looked at when a message is read in its context: numbers and words of the message and of those around it.

It is looked back a bounded way and ahead to the next answer, so a conversation of any length is read in one pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log1p

import numpy as np
from numpy.typing import NDArray

from coercion_detect.features import WordClasses
from coercion_detect.joint import N_TACTICS
from coercion_detect.taxonomy import TACTICS

LOOK_BACK = 60  # messages
LOOK_AHEAD = 4
AROUND = 30  # messages back in which something must be asked for, refused or pressed for
SURE = 6.0  # log-odds beyond this say no more
MANY = 12  # words beyond this say no more
LONG = 60  # nor does it matter how much longer than this a message is
_NOBODY = ("none",)  # what stands for the words of a message that is not there
_NEAR = 3  # messages within which somebody is answered
_FADES = 0.35  # what was asked counts less by this with each message since, of six
_REFUSAL, _REQUEST, _ADDRESSED, _REPORTED = N_TACTICS, N_TACTICS + 1, N_TACTICS + 2, N_TACTICS + 3
_PERSISTENCE = TACTICS.index("persistence")
_OTHERS = [i for i in range(N_TACTICS) if i != _PERSISTENCE]


Parts = tuple[tuple[str, tuple[str, ...]], ...]  # words of several messages, each with what is put before its words


@dataclass(frozen=True)
class Turn:
    """What is known of one message on its own: who sent it, its log-odds (18), its words and their classes."""

    sender: str
    log_odds: Sequence[float]
    words: Sequence[str]
    symbols: Sequence[str]

    @cached_property
    def bag(self) -> tuple[str, ...]:
        """Its different words and pairs of neighbours, its beginning and end marked."""
        pairs = (f"{a} {b}" for a, b in pairwise(["<", *self.words, ">"]))
        return tuple(dict.fromkeys([*self.words, *pairs]))

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """Its different pairs and triples of word classes."""
        marked = ["<", *self.symbols, ">"]
        triples = zip(marked, marked[1:], marked[2:], strict=False)
        found = [*(f"@{a} {b}" for a, b in pairwise(marked)), *(f"@{a} {b} {c}" for a, b, c in triples)]
        return tuple(dict.fromkeys(found))

    @cached_property
    def tactic(self) -> float:
        """The log-odds of its strongest tactic."""
        return max(self.log_odds[:N_TACTICS])

    @property
    def asks(self) -> bool:
        """Whether it has a question mark."""
        return "?" in self.words


def make_turn(sender: str, log_odds: NDArray[np.float64], words: Sequence[str], classes: WordClasses) -> Turn:
    """Return a message's turn from its readings and the tokens of its folded text."""
    within = np.minimum(np.maximum(log_odds, -SURE), SURE)
    return Turn(sender, within.tolist(), words, [classes.symbol(word) for word in words])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that comes after somebody else's refusal: what the reading rests on."""

    index: int
    refusal: int
    ask: int | None
    answer: int | None
    inputs: list[float]
    words: Parts


def flat(words: Parts) -> list[str]:
    """Return the words of several messages, each with what is put before it."""
    return [f"{before}{word}" for before, part in words for word in part]


def _answers(turns: Sequence[Turn], i: int, *, ahead: int) -> list[int]:
    """Return what others say in the next messages."""
    return [j for j in range(i + 1, min(len(turns), i + 1 + ahead)) if turns[j].sender != turns[i].sender]


def refusal_words(turns: Sequence[Turn], i: int) -> Parts:
    """Return the words from which a refusal is read: its own, those it answers and those that answer it."""
    before = [j for j in range(max(0, i - _NEAR), i) if turns[j].sender != turns[i].sender]
    after = _answers(turns, i, ahead=_NEAR)
    return (
        ("", turns[i].bag),
        ("", turns[i].patterns),
        ("before:", turns[before[-1]].bag if before else _NOBODY),
        ("answer:", turns[after[0]].bag if after else _NOBODY),
    )


def _around(turns: Sequence[Turn], i: int) -> list[float]:
    """Return how much is asked, pressed for and refused around a message: where nothing is, nothing is pressed on."""
    near = turns[max(0, i - AROUND) : i + 1 + LOOK_AHEAD]
    asked = sorted((turn.log_odds[_REQUEST] for turn in near), reverse=True)[:3]
    tactics = sorted((turn.tactic for turn in near), reverse=True)[:3]
    refused = max(turn.log_odds[_REFUSAL] for turn in near)
    return [asked[0], sum(asked) / len(asked), tactics[0], sum(tactics) / len(tactics), refused]


def refusal_inputs(turns: Sequence[Turn], i: int) -> list[float]:
    """Return the numbers from which a refusal is read: the message's own, and those of the messages around it."""
    turn = turns[i]
    after = _answers(turns, i, ahead=_NEAR)
    near = [j for j in range(max(0, i - _NEAR), i) if turns[j].sender != turn.sender]
    nothing = [-SURE] * (N_TACTICS + 6)
    next_ = turns[after[0]].log_odds if after else nothing
    last = turns[near[-1]].log_odds if near else nothing
    before = [j for j in range(max(0, i - 6), i) if turns[j].sender != turn.sender]
    asked = max(
        (max(turns[j].log_odds[_REQUEST], turns[j].tactic) - _FADES * (i - j - 1) for j in before), default=-SURE
    )
    request = max((turns[j].log_odds[_REQUEST] - _FADES * (i - j - 1) for j in before), default=-SURE)
    refusal, length = turn.log_odds[_REFUSAL], log1p(min(len(turn.words), LONG))
    question = float(bool(before) and turns[before[-1]].asks)
    reaction = [next_[_REFUSAL], max(next_[:N_TACTICS]), next_[_REQUEST], float(bool(after))]
    return [
        turn.tactic,
        asked,
        request,
        question,
        length,
        *turn.log_odds,
        *reaction,
        last[_REQUEST],
        max(last[:N_TACTICS]),
        last[_ADDRESSED],
        refusal * asked / SURE,
        max(asked, 0.0) * refusal,
        max(asked, 0.0) * turn.log_odds[_REQUEST],
        max(asked, 0.0) * turn.tactic,
        *(refusal * value for value in reaction),
        *(max(asked, 0.0) * value for value in reaction),
        max(request, -1.0) * length,
        max(request, -1.0) * question,
        *_around(turns, i),
    ]


def candidates(
    turns: Sequence[Turn], refusals: Sequence[float], *, lowest: float, start: int = 0
) -> Iterator[Candidate]:
    """Yield every message from ``start`` on that comes after another sender's refusal, with what an event is read from.

    ``refusals`` are the log-odds of a refusal in context; one below ``lowest`` opens nothing.
    """
    open_: list[int] = []  # refusals within reach
    for i, turn in enumerate(turns):
        open_ = [r for r in open_ if i - r <= LOOK_BACK]
        against = [r for r in open_ if turns[r].sender != turn.sender]
        if against and i >= start:
            yield candidate(turns, refusals, i, against)
        if refusals[i] > lowest:
            open_.append(i)


def candidate(turns: Sequence[Turn], refusals: Sequence[float], i: int, against: Sequence[int]) -> Candidate:
    """Return what is read of message ``i`` after the refusals ``against``, the latest last; distance makes all fade."""
    turn, r = turns[i], against[-1]
    surest = max(against, key=lambda j: refusals[j] - 0.05 * (i - j))
    between = range(r + 1, i)
    own_since = [j for j in between if turns[j].sender == turn.sender]
    theirs_since = [j for j in between if turns[j].sender != turn.sender]
    asks = [j for j in range(max(0, r - 10), r) if turns[j].sender == turn.sender]
    strength = {j: max(turns[j].log_odds[_REQUEST], turns[j].tactic) for j in asks}
    ask = max(asks, key=lambda j: strength[j] - 0.1 * (r - j), default=None)
    answers = _answers(turns, i, ahead=LOOK_AHEAD)
    said_before = {word for j in range(max(0, r - 4), r + 1) for word in turns[j].words}
    telling = {word for word, symbol in zip(turn.words, turn.symbols, strict=True) if word != symbol}
    taken_up = len(telling & said_before)
    no_again = max((refusals[j] - 0.5 * (j - i - 1) for j in answers[:2]), default=-SURE)
    own, tactic = turn.log_odds, turn.tactic
    inputs = [
        refusals[r],
        refusals[surest],
        log1p(i - r),
        float(not own_since),
        log1p(len(own_since)),
        -SURE if ask is None else strength[ask] - 0.1 * (r - ask),
        no_again,
        float(not answers),
        max((turns[j].log_odds[_REQUEST] for j in theirs_since), default=-SURE),
        float(min(sum(refusals[j] > 0 for j in against), 4)),
        refusals[i],
        max(own[j] for j in _OTHERS),
        log1p(min(len(turn.words), LONG)),
        tactic * max(no_again, -3.0) / SURE,
        own[_REQUEST] * refusals[r] / SURE,
        max(refusals[r], -2.0) * max(no_again, -2.0),
        float(min(taken_up, MANY)),
        taken_up / max(len(telling), 1),
        float(min(len(telling), MANY)),
        *own[: N_TACTICS + 5],
        *_around(turns, i),
    ]
    answer = answers[0] if answers else None
    said = (turns[answer].bag, turns[answer].patterns) if answer is not None else (_NOBODY,)
    words = (("", turn.bag), ("", turn.patterns), *(("answer:", part) for part in said))
    return Candidate(i, r, ask, answer, inputs, words)
