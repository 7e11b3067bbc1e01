"""What a person is shown of a conversation: senders as letters, events with the messages around them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from coercion_detect.analysis import Analysis
from coercion_detect.conversation import ConversationAnalysis, Event, Message
from coercion_detect.taxonomy import Tactic, tactic

AROUND = 3


@dataclass(frozen=True, slots=True)
class Span:
    """Messages ``start`` up to ``end`` that are shown together, ``skipped`` ones that are not before them."""

    start: int
    end: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Marked characters of a message, and the numbers (from 1) of the tags that rest on them."""

    start: int
    end: int
    tags: tuple[int, ...]


def letter(number: int) -> str:
    """Return A for 0, B for 1, and AA after Z.

    >>> letter(0), letter(25), letter(26)
    ('A', 'Z', 'AA')
    """
    return ("" if number < 26 else letter(number // 26 - 1)) + chr(ord("A") + number % 26)


def by_letter(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return the messages with A, B, C for their senders, in the order in which they first appear."""
    letters: dict[str, str] = {}
    for message in messages:
        letters.setdefault(message.sender, letter(len(letters)))
    return tuple(Message(letters[message.sender], message.text, message.time) for message in messages)


def likely(analysis: Analysis) -> bool:
    """Tell whether a message has a likely tactic."""
    return any(tag.decision == "likely" for tag in analysis.tags)


def spans(found: ConversationAnalysis, *, around: int = AROUND, with_likely: bool = False) -> tuple[Span, ...]:
    """Return what is shown: each event, what it rests on, and ``around`` messages before and after.

    ``with_likely`` adds the messages with a likely tactic that go against no refusal.
    """
    centres = {i for event in found.events for i in (event.index, event.refusal_index, *event.rests_on)}
    if with_likely:
        centres |= {i for i, analysis in enumerate(found.messages) if likely(analysis)}
    shown: list[tuple[int, int]] = []
    for centre in sorted(centres):
        start, end = max(0, centre - around), min(len(found.messages), centre + around + 1)
        if shown and start <= shown[-1][1] + 1:  # a gap of one would take as much room as the message
            shown[-1] = (shown[-1][0], max(end, shown[-1][1]))
        else:
            shown.append((start, end))
    ends = [0, *(end for _, end in shown)]
    return tuple(Span(start, end, start - ends[i]) for i, (start, end) in enumerate(shown))


def everything(found: ConversationAnalysis) -> tuple[Span, ...]:
    """Return one span with every message."""
    return (Span(0, len(found.messages), 0),) if found.messages else ()


def elsewhere(found: ConversationAnalysis, *, shown: Sequence[Span]) -> int:
    """Count the messages with a likely tactic that are not shown."""
    total = sum(likely(analysis) for analysis in found.messages)
    return total - sum(likely(found.messages[i]) for span in shown for i in range(span.start, span.end))


def event_tactics(event: Event, analysis: Analysis) -> tuple[Tactic, ...]:
    """Return the tactics that only the event has: persistence, and what no tag of its own message names."""
    tagged = {tag.tactic.id for tag in analysis.tags} - {"persistence"}
    return tuple(tactic(name) for name in event.tactics if name not in tagged)


def stretches(text: str, analysis: Analysis) -> tuple[Stretch, ...]:
    """Return the evidence of every tag as stretches that do not overlap; a space between two joins them."""
    evidence = [(e.start, e.end, number) for number, tag in enumerate(analysis.tags, 1) for e in tag.evidence]
    edges = sorted({edge for start, end, _ in evidence for edge in (start, end)})
    found: list[Stretch] = []
    for first, last in itertools.pairwise(edges):
        tags = tuple(sorted({number for a, b, number in evidence if a <= first and last <= b}))
        words = text[first:last]
        start, end = last - len(words.lstrip()), first + len(words.rstrip())
        if not tags or not words.strip():
            continue
        if found and found[-1].tags == tags and not text[found[-1].end : start].strip():
            found[-1] = Stretch(found[-1].start, end, tags)
        else:
            found.append(Stretch(start, end, tags))
    return tuple(found)


def counted(number: int, one: str, many: str) -> str:
    """Return a number with what it counts.

    >>> counted(1, "message", "messages"), counted(2000, "message", "messages")
    ('1 message', '2,000 messages')
    """
    return f"{number:,} {one if number == 1 else many}"


def when(time: datetime | None) -> str:
    """Return a time as it is shown: the phone's own, or this computer's where the export gives universal time."""
    if time is None:
        return ""
    return f"{time.astimezone() if time.tzinfo is not None else time:%Y-%m-%d %H:%M}"


def period(messages: Sequence[Message]) -> str:
    """Return the first and the last time of a conversation, or nothing where none is known."""
    known = [when(message.time)[:10] for message in messages if message.time is not None]
    return "" if not known else known[0] if known[0] == known[-1] else f"{known[0]} to {known[-1]}"
