"""What came before changes what a message means: pressure that goes on after somebody else's no.

A conversation is a list of `Message`; its analysis holds one `Analysis` a message, in order, and the events: messages
that press on after another person's refusal of the same intimacy. Counts are counts of messages, not judgements of
people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from coercion_detect.analysis import Analysis
from coercion_detect.errors import InputError
from coercion_detect.inputs import check_text
from coercion_detect.policy import Decision
from coercion_detect.taxonomy import note


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who sent it, what it says, and when, if that is known.

    >>> Message("A", "so… tomorrow then?").sender
    'A'
    """

    sender: str
    text: str
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Message ``index`` presses on after the refusal ``refusal_index`` of another person.

    ``tactics`` are the ids of likely and possible tactics, ``persistence`` first, ``score`` a calibrated value between
    0 and 1, and ``rests_on`` the messages that the reading rests on, in order: what was asked, the refusal, an answer.
    """

    index: int
    sender: str
    refusal_index: int
    refused_by: str
    tactics: tuple[str, ...]
    score: float
    decision: Decision
    rests_on: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SenderCounts:
    """How many messages of one sender there are, and how many of which kind; counts of messages, not of guilt."""

    messages: int
    requests: int
    refusals: int
    with_likely_tactic: int
    events: int


@dataclass(frozen=True, slots=True)
class ConversationAnalysis:
    """What is found in one conversation; never a verdict, as ``note`` says."""

    messages: tuple[Analysis, ...]
    events: tuple[Event, ...]
    counts: Mapping[str, SenderCounts]
    model: str

    @property
    def note(self) -> str:
        """The note that a result is not a verdict."""
        return note()

    def to_dict(self) -> dict[str, Any]:
        """Return the one JSON shape of a conversation; it holds no text."""
        return {
            "messages": [message.to_dict() for message in self.messages],
            "events": [
                asdict(event)
                | {"score": round(event.score, 4), "tactics": list(event.tactics), "rests_on": list(event.rests_on)}
                for event in self.events
            ],
            "counts": {sender: asdict(counts) for sender, counts in self.counts.items()},
            "note": self.note,
            "model": self.model,
        }


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """One message as it is read in its context: by whom, what it says alone, whether it refuses or presses on."""

    sender: str
    analysis: Analysis
    refuses: bool
    event: Event | None


def count_messages(read: Iterable[ReadMessage]) -> dict[str, SenderCounts]:
    """Return the counts of each sender, in order of first appearance."""
    of_sender: dict[str, list[ReadMessage]] = {}
    for one in read:
        of_sender.setdefault(one.sender, []).append(one)
    return {
        sender: SenderCounts(
            messages=len(own),
            requests=sum(one.analysis.acts["request"] >= 0.5 for one in own),
            refusals=sum(one.refuses for one in own),
            with_likely_tactic=sum(any(tag.decision == "likely" for tag in one.analysis.tags) for one in own),
            events=sum(one.event is not None for one in own),
        )
        for sender, own in of_sender.items()
    }


def message_batches(
    messages: Iterable[Message], *, size: int = 1024, characters: int = 200_000
) -> Iterator[list[Message]]:
    """Yield checked messages in lists of at most ``size``, and of no more once they have so many characters.

    An error names the message by its number, from 0.
    """
    try:
        iterator = iter(messages)
    except TypeError:
        raise InputError(f"Hand in a list of Message objects, not {type(messages).__name__}.") from None
    batch: list[Message] = []
    held = 0
    for i, message in enumerate(iterator):
        if not isinstance(message, Message):
            raise InputError(
                f"Message {i} is {type(message).__name__}; hand in Message(sender, text) objects, in the order of time."
            )
        if not isinstance(message.sender, str):
            raise InputError(f"The sender of message {i} must be a string, not {type(message.sender).__name__}.")
        try:
            check_text(message.text)
        except InputError as error:
            raise InputError(f"Message {i}: {error}") from None
        batch.append(message)
        held += len(message.text)
        if len(batch) == size or held >= characters:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch
