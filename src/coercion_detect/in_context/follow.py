"""Follow a conversation message by message: a bounded look back and ahead, so any length is read in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coercion_detect.analysis import Analysis
from coercion_detect.conversation import Event, ReadMessage
from coercion_detect.in_context.context import BEHIND, BEYOND, Context, Reading
from coercion_detect.in_context.neighbours import AHEAD, NOBODY, other_after
from coercion_detect.in_context.turns import Turn
from coercion_detect.joint import sigmoid
from coercion_detect.policy import decide


class Reader:
    """Read turns in their context as they come; what is too far back to matter is forgotten."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._analyses: list[Analysis] = []
        self._turns: list[Turn] = []
        self._first = 0  # the number of the first message that is still held
        self._done = 0  # the number of the first message not yet read

    def read(self, analyses: Sequence[Analysis], turns: Sequence[Turn]) -> Iterator[ReadMessage]:
        """Take messages in, and yield those whose context is complete."""
        self._analyses += analyses
        self._turns += turns
        yield from self._up_to(self._first + len(self._turns) - BEYOND)

    def finish(self) -> Iterator[ReadMessage]:
        """Yield the messages that nothing follows."""
        yield from self._up_to(self._first + len(self._turns))

    def _up_to(self, end: int) -> Iterator[ReadMessage]:
        if end <= self._done:
            return
        reading = self._context.read(self._turns)
        events = self._events(reading, range(self._done - self._first, end - self._first))
        for i in range(self._done - self._first, end - self._first):
            refuses = bool(reading.refusals[i] > 0)
            yield ReadMessage(self._turns[i].sender, self._analyses[i], refuses, events.get(i))
        self._done = end
        forget = max(self._done - BEHIND - self._first, 0)
        del self._analyses[:forget], self._turns[:forget]
        self._first += forget

    def _events(self, reading: Reading, wanted: range) -> dict[int, Event]:
        """Return the events among the messages ``wanted``, by place."""
        found, scores = reading.candidates, sigmoid(reading.events)
        answers = other_after(reading.senders, within=AHEAD)
        thresholds = self._context.thresholds
        events = {}
        columns = (found.places, found.refusals, found.asks, answers[found.places], scores)
        for i, refusal, ask, answer, score in zip(*(column.tolist() for column in columns), strict=True):
            decision = decide(score, thresholds) if i in wanted else None
            if decision is None:
                continue
            others = [tag.tactic.id for tag in self._analyses[i].tags if tag.tactic.id != "persistence"]
            events[i] = Event(
                index=self._first + i,
                sender=self._turns[i].sender,
                refusal_index=self._first + refusal,
                refused_by=self._turns[refusal].sender,
                tactics=("persistence", *others),
                score=score,
                decision=decision,
                rests_on=tuple(sorted(self._first + place for place in (ask, refusal, answer) if place != NOBODY)),
            )
        return events
