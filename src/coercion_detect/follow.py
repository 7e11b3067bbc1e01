"""Follow a conversation message by message: a bounded look back and ahead, so any length is read in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp

from coercion_detect.analysis import Analysis
from coercion_detect.context import Context
from coercion_detect.conversation import Event, ReadMessage
from coercion_detect.policy import decide
from coercion_detect.turns import LOOK_AHEAD, LOOK_BACK, Candidate, Turn, candidates

_AHEAD = 2 * LOOK_AHEAD  # an answer is read by the answer to it
_BEHIND = LOOK_BACK + 10  # what a refusal answers


class Reader:
    """Read turns in their context as they come; what is too far back to matter is forgotten."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._analyses: list[Analysis] = []
        self._turns: list[Turn] = []
        self._refusals: list[float] = []  # of those whose context is complete
        self._first = 0  # the number of the first message that is still held
        self._done = 0  # the number of the first message not yet read

    def read(self, analyses: Sequence[Analysis], turns: Sequence[Turn]) -> Iterator[ReadMessage]:
        """Take messages in, and yield those whose context is complete."""
        self._analyses += analyses
        self._turns += turns
        yield from self._up_to(self._first + len(self._turns) - _AHEAD)

    def finish(self) -> Iterator[ReadMessage]:
        """Yield the messages that nothing follows."""
        yield from self._up_to(self._first + len(self._turns))

    def _up_to(self, end: int) -> Iterator[ReadMessage]:
        if end <= self._done:
            return
        refusals = self._refusals + self._context.refusals(self._turns, start=len(self._refusals))
        found = candidates(self._turns, refusals, lowest=self._context.lowest, start=self._done - self._first)
        events = {candidate.index: self._event(candidate) for candidate in found if candidate.index < end - self._first}
        for i in range(self._done - self._first, end - self._first):
            yield ReadMessage(self._turns[i].sender, self._analyses[i], refusals[i] > 0, events.get(i))
        self._done = end
        forget = max(self._done - _BEHIND - self._first, 0)
        self._refusals = refusals[forget : len(self._turns) - LOOK_AHEAD]
        del self._analyses[:forget], self._turns[:forget]
        self._first += forget

    def _event(self, candidate: Candidate) -> Event | None:
        context, i = self._context, candidate.index
        score = _sigmoid(context.event.log_odds(candidate.inputs, candidate.words))
        decision = decide(score, context.thresholds)
        if decision is None:
            return None
        others = [tag.tactic.id for tag in self._analyses[i].tags if tag.tactic.id != "persistence"]
        around = (candidate.ask, candidate.refusal, candidate.answer)
        return Event(
            index=self._first + i,
            sender=self._turns[i].sender,
            refusal_index=self._first + candidate.refusal,
            refused_by=self._turns[candidate.refusal].sender,
            tactics=("persistence", *others),
            score=score,
            decision=decision,
            rests_on=tuple(sorted(self._first + place for place in around if place is not None)),
        )


def _sigmoid(log_odds: float) -> float:
    small = exp(-abs(log_odds))  # never too large for a float
    return 1 / (1 + small) if log_odds >= 0 else small / (1 + small)
