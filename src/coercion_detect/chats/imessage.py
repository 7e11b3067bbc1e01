"""iMessage and SMS of an iPhone: the text of imessage-exporter, and the CSV of iMazing."""

from __future__ import annotations

import re
from datetime import datetime

from coercion_detect.chats.chat import (
    DELETED,
    EMPTY,
    ME,
    MEDIA,
    REACTION,
    SYSTEM,
    Chat,
    Options,
    Source,
    Tally,
    beside_media,
    in_order,
    iso_moment,
)
from coercion_detect.chats.table import rows
from coercion_detect.conversation import Message
from coercion_detect.errors import DataError

FORMAT = "imessage"
_CSV_KEYS = ("Chat Session", "Message Date", "Sender Name", "Text")
_START = re.compile(r"([A-Z][a-z]{2} \d{1,2}, \d{4} +\d{1,2}:\d{2}:\d{2} [AP]M)(?: \((?:Read|Delivered)[^)]*\))?( .+)?")
_ATTACHMENT = re.compile(r"(?:/Users/|/var/|~/Library/|attachments/|[A-Za-z]:\\).*|Attachment missing!")
_EFFECT = re.compile(r"Sent with [A-Z][A-Za-z ]+|This message responded to an earlier message\.")
_UNSENT = re.compile(r".+ unsent (?:this|a) message.*")


def looks_like(source: Source) -> bool:
    """Tell whether this is what one of the two tools writes."""
    first, _, rest = source.head.partition("\n")
    if all(key in first for key in _CSV_KEYS):
        return True
    return _START.fullmatch(first.rstrip()) is not None and bool(rest.strip())


def read(source: Source, *, options: Options) -> list[Chat]:
    """Read one export."""
    return _csv(source) if "Chat Session" in source.head.partition("\n")[0] else [_text(source)]


def _text(source: Source) -> Chat:
    tally = Tally()
    messages: list[Message] = []
    again = captions = 0
    block: list[str] = []
    when, start_line = "", 0

    def finish() -> None:
        nonlocal again, captions
        if not any(line.strip() for line in block):
            return
        sender, *body = block
        own = [line for line in body if not line.startswith("    ")]
        again += sum(_START.fullmatch(line.strip()) is not None for line in body if line.startswith("    "))
        said, reactions = _said(own)
        if reactions:
            tally.add(REACTION, times=reactions)
        has_media = any(map(_ATTACHMENT.match, own))
        text = "\n".join(said).strip()
        if text and not _UNSENT.fullmatch(text):
            captions += has_media
            messages.append(Message(sender, text, _moment(when, source, start_line)))
        else:
            tally.add(DELETED if text else MEDIA if has_media else EMPTY)

    for number, line in source.lines():
        start = _START.fullmatch(line)
        if start is None:
            block.append(line)
            continue
        finish()
        block = []
        when, start_line = start[1], number
        if start[2]:
            tally.add(SYSTEM)  # an announcement stands behind its date, in one line
    finish()
    ordered, order_note = in_order(messages)
    said = f"{again:,} of the replies also stand under what they answer: read once." if again else ""
    return Chat(ordered, FORMAT, tally.notes(said, beside_media(captions), order_note))


def _said(body: list[str]) -> tuple[list[str], int]:
    """Return what was written, without other lines of the exporter's own, and how many reactions stand below."""
    cut = next((i for i, line in enumerate(body) if line in ("Tapbacks:", "Reactions:")), len(body))
    said = [line for line in body[:cut] if not _ATTACHMENT.match(line) and not _EFFECT.fullmatch(line)]
    return said, sum(bool(line.strip()) for line in body[cut + 1 :])


def _moment(value: str, source: Source, line: int) -> datetime:
    try:
        return datetime.strptime(" ".join(value.split()), "%b %d, %Y %I:%M:%S %p")
    except ValueError:
        pass
    raise DataError("has a date that cannot be read. Export the chat again.", path=source.name, line=line)


def _csv(source: Source) -> list[Chat]:
    chats: dict[str, tuple[list[Message], Tally]] = {}
    for line, row in rows(source):
        messages, tally = chats.setdefault(row["Chat Session"], ([], Tally()))
        text = row["Text"].strip()
        if row.get("Type") == "Notification":
            tally.add(SYSTEM)
        elif row.get("Deleted Date"):
            tally.add(DELETED)
        elif not text:
            tally.add(MEDIA if row.get("Attachment") else EMPTY)
        else:
            name = row["Sender Name"] or row.get("Sender ID") or "Number unknown"
            sender = ME if row.get("Type") == "Outgoing" else name
            messages.append(Message(sender, text, iso_moment(row["Message Date"], source=source, line=line)))
    found = []
    for title, (messages, tally) in chats.items():
        ordered, order_note = in_order(messages)
        found.append(Chat(ordered, FORMAT, tally.notes(order_note), title))
    return found
