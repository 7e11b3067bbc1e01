"""Signal, as sigtop writes it in text: fields, an empty line, the message, an empty line."""

from __future__ import annotations

import itertools
import re
from datetime import datetime

from coercion_detect.chats.chat import (
    CALL,
    EMPTY,
    ME,
    MEDIA,
    REACTION,
    SYSTEM,
    UNIVERSAL_TIME,
    Chat,
    Options,
    Source,
    Tally,
    beside_media,
    in_order,
)
from coercion_detect.conversation import Message
from coercion_detect.errors import DataError

FORMAT = "sigtop"
_FIELD = re.compile(r"(From|Type|Sent|Received|Attachment|Reaction|Edited): (.*)")
_DETAIL = re.compile(r" \([^()]*\)$")  # a number or an id behind the name


def looks_like(source: Source) -> bool:
    """Tell whether this is sigtop's text."""
    return source.head.startswith("Conversation: ") and "\nType: " in source.head


def read(source: Source, *, options: Options) -> list[Chat]:
    """Read one conversation."""
    tally = Tally()
    messages: list[Message] = []
    quotes = edited = captions = 0
    for line, fields, body in _blocks(source, tally):
        kind = fields.get("Type", "")
        if kind not in ("incoming", "outgoing"):
            tally.add(CALL if "call" in kind else SYSTEM)
            continue
        said = [text for text in body if not text.startswith((">", "|"))]
        quotes += any(text.startswith(">") for text in body)
        if "Edited" in fields:
            edited += 1
            said = _last_version(body)
        text = "\n".join(said).strip()
        if not text:
            tally.add(MEDIA if "Attachment" in fields else EMPTY)
            continue
        captions += "Attachment" in fields
        sender = ME if kind == "outgoing" else _DETAIL.sub("", fields.get("From", "")) or "Name unknown"
        messages.append(Message(sender, text, _moment(fields.get("Sent", fields.get("Received", "")), source, line)))
    ordered, order_note = in_order(messages)
    notes = tally.notes(
        f"{quotes:,} with a quoted message: only the answer is read." if quotes else "",
        f"{edited:,} edited: only the last wording is read." if edited else "",
        beside_media(captions),
        order_note,
        UNIVERSAL_TIME,
    )
    return [Chat(ordered, FORMAT, notes)]


def _blocks(source: Source, tally: Tally) -> list[tuple[int, dict[str, str], list[str]]]:
    """Return line, fields and body of every message; a message begins with From or Type after an empty line."""
    lines = list(source.lines())
    starts = [
        i
        for i in range(1, len(lines))
        if not lines[i - 1][1]
        and (lines[i][1].startswith("Type: ") or (_has_type(lines, i) and lines[i][1].startswith("From: ")))
    ]
    blocks: list[tuple[int, dict[str, str], list[str]]] = []
    for i, end in itertools.pairwise([*starts, len(lines)]):
        fields: dict[str, str] = {}
        first = lines[i][0]
        while i < end and (found := _FIELD.match(lines[i][1])):
            fields[found[1]] = found[2]
            if found[1] == "Reaction":
                tally.add(REACTION)
            i += 1
        blocks.append((first, fields, [text for _, text in lines[i:end]]))
    return blocks


def _has_type(lines: list[tuple[int, str]], i: int) -> bool:
    return i + 1 < len(lines) and lines[i + 1][1].startswith("Type: ")


def _last_version(body: list[str]) -> list[str]:
    """Return the first version in an edit history, which is the newest."""
    said: list[str] = []
    versions = 0
    in_text = False
    for line in body:
        if line.startswith("| Version: "):
            versions, in_text = versions + 1, False
        elif line == "|":
            in_text = True
        elif versions == 1 and in_text and line.startswith("| ") and not line.startswith("| >"):
            said.append(line[2:])
    return said


def _moment(value: str, source: Source, line: int) -> datetime:
    try:
        return datetime.strptime(value, "%a, %d %b %Y %H:%M:%S %z")
    except ValueError:
        pass
    raise DataError("has a date that cannot be read. Export the chat again.", path=source.name, line=line)
