"""What every reader takes and gives: a file as bytes, options, and a chat with notes on what is not in it."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from coercion_detect.conversation import Message
from coercion_detect.errors import DataError

HEAD = 65_536
ME = "Me"  # the exporting phone's owner, where the export has no name for them
UNIVERSAL_TIME = "The export gives universal time; times are shown in this computer's time zone."

# What may be left out, as one and as many.
MEDIA = ("message with media and no text", "messages with media and no text")
SYSTEM = ("system line", "system lines")
DELETED = ("deleted message", "deleted messages")
CALL = ("line about a call", "lines about calls")
REACTION = ("reaction", "reactions")
EMPTY = ("message without text", "messages without text")
UNSENT = ("draft or message that was not sent", "drafts or messages that were not sent")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its name, as errors show it, and its content as UTF-8 without a byte order mark."""

    name: str
    data: bytes

    @property
    def head(self) -> str:
        """The first characters, by which a format is recognised."""
        return self.data[:HEAD].decode("utf-8", errors="ignore")

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield numbered lines without their ends."""
        # one line at a time: a single emoji would make the whole text four bytes a character
        for number, line in enumerate(io.BytesIO(self.data), 1):
            yield number, line.decode("utf-8").rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may say about a file: ``None`` leaves it to the reader."""

    day_first: bool | None = None
    sender: str | None = None
    text: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """One conversation: ``messages`` in the order of time, ``notes`` on what was left out, added or guessed."""

    messages: tuple[Message, ...]
    format: str
    notes: tuple[str, ...] = ()
    title: str = ""


class Tally:
    """Count what a reader leaves out, and say it in one sentence."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, kind: tuple[str, str], *, times: int = 1) -> None:
        """Count one thing left out; ``kind`` names one and many of it."""
        self._counts[kind] += times

    def notes(self, *others: str) -> tuple[str, ...]:
        """Return the sentence, if there is one, and the notes that are not empty."""
        parts = [f"{n:,} {one if n == 1 else many}" for (one, many), n in self._counts.items()]
        return tuple(note for note in (f"Left out: {', '.join(parts)}." if parts else "", *others) if note)


def last_wording(edited: int) -> str:
    """Return the note on edited messages, if there are any."""
    return f"{edited:,} edited: the export holds the last wording only." if edited else ""


def beside_media(captions: int) -> str:
    """Return the note on texts with media beside them, if there are any."""
    return f"{captions:,} with media beside the text: only the text is read." if captions else ""


class Names:
    """Tell senders apart by their id where two share a name."""

    def __init__(self) -> None:
        self._name_of: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, sender_id: str, *, name: str) -> str:
        """Return the name of a sender; it is the same for the same id, and for no other."""
        found = self._name_of.get(sender_id)
        if found is None:
            wanted = name.strip() or "Name unknown"
            found, n = wanted, 1
            while found in self._taken:
                n += 1
                found = f"{wanted} ({n})"
            self._taken.add(found)
            self._name_of[sender_id] = found
        return found


def in_order(messages: Iterable[Message]) -> tuple[tuple[Message, ...], str]:
    """Return the messages in the order of time, and a note where the file had another one."""
    found = tuple(messages)
    times = [message.time.timestamp() for message in found if message.time is not None]
    if len(times) < len(found) or all(a <= b for a, b in itertools.pairwise(times)):
        return found, ""
    order = sorted(range(len(found)), key=times.__getitem__)
    return tuple(found[i] for i in order), "The messages were put in the order of time."


def moment(seconds: float, *, source: Source, line: int | None = None) -> datetime:
    """Return the moment of a Unix time; one that is out of range is a `DataError`."""
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, OSError, ValueError):
        raise DataError(
            "has a time that no calendar holds; export the chat again.", path=source.name, line=line
        ) from None


def iso_moment(value: str, *, source: Source, line: int) -> datetime:
    """Return the moment that an ISO date names; anything else is a `DataError`."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        pass
    raise DataError("has a date that cannot be read. Export the chat again.", path=source.name, line=line)


def many(counts: Mapping[str, int]) -> str:
    """Return the largest of several counts, numbered in their order: ``2 (40 messages), 1 (3 messages)``."""
    largest = sorted(enumerate(counts.values(), 1), key=lambda pair: -pair[1])[:5]
    return ", ".join(f"{number} ({n:,} {'message' if n == 1 else 'messages'})" for number, n in largest)
