"""Signal, as common tools write it: signal-export (``chat.md``, ``data.json``) and signal-back (CSV)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from coercion_detect.chats.chat import (
    CALL,
    DELETED,
    EMPTY,
    ME,
    MEDIA,
    REACTION,
    UNIVERSAL_TIME,
    UNSENT,
    Chat,
    Options,
    Source,
    Tally,
    beside_media,
    in_order,
    iso_moment,
    moment,
)
from coercion_detect.chats.json_text import text_of
from coercion_detect.chats.table import rows
from coercion_detect.conversation import Message
from coercion_detect.errors import DataError

FORMAT = "signal"
_START = re.compile(r"\[(\d{4}-\d\d-\d\d),? (\d\d:\d\d(?::\d\d)?)\] (.+?): ?(.*)")
_REACTIONS = re.compile(r"\n\(- .* -\)\s*$")
_STICKER = re.compile(r"\n?\(\( .* \)\)")
_LINK = re.compile(r"!?\[[^\]\n]*\]\((?:\./|\.\./)?(?:media|exported_stickers)/[^)\n]*\)")
_QUOTE = re.compile(r"^\s*(?:> .*(?:\n|$))+", re.MULTILINE)
_CALL = re.compile(r"(?:Incoming|Outgoing|Missed) (?:voice |video )?call(?: \([^)]*\))?")
_JSON_KEYS = ('"date"', '"sender"', '"body"', '"quote"', '"attachments"')
_CSV_KEYS = ("THREAD_ID", "ADDRESS", "DATE_SENT", "BODY")
# the last five bits of a Signal row's type
_INBOX, _SENT = 20, 23


def looks_like(source: Source) -> bool:
    """Tell whether this is what one of the tools writes."""
    head = source.head
    first = head.partition("\n")[0]
    if all(key in first for key in _CSV_KEYS) or all(key in first for key in _JSON_KEYS):
        return True
    start = next((line for line in head.splitlines() if line.strip()), "")
    return _START.match(start) is not None


def read(source: Source, *, options: Options) -> list[Chat]:
    """Read one export."""
    first = source.head.partition("\n")[0]
    if all(key in first for key in _CSV_KEYS):
        return _csv(source)
    tally = Tally()
    entries = _json(source, tally) if first.startswith("{") else _markdown(source, tally)
    messages = []
    quotes = captions = 0
    for line, sender, raw, when in entries:
        text = raw.strip()
        if reactions := _REACTIONS.search(text):
            tally.add(REACTION, times=reactions[0].count(": "))
        answer, quoted = _QUOTE.subn("", _REACTIONS.sub("", text))
        said = _STICKER.sub("", _LINK.sub("", answer)).strip()
        if said == "(This message was deleted)":
            tally.add(DELETED)
        elif _CALL.fullmatch(said):
            tally.add(CALL)
        elif not said:
            tally.add(MEDIA if text else EMPTY)
        else:
            quotes += quoted > 0
            captions += said != answer.strip()
            messages.append(Message(sender, said, iso_moment(when, source=source, line=line)))
    ordered, order_note = in_order(messages)
    quoting = f"{quotes:,} with a quoted message: only the answer is read." if quotes else ""
    return [Chat(ordered, FORMAT, tally.notes(quoting, beside_media(captions), order_note))]


_Entry = tuple[int, str, str, str]  # line, sender, text, time


def _markdown(source: Source, tally: Tally) -> Iterator[_Entry]:
    entry: _Entry | None = None
    more: list[str] = []
    for number, line in source.lines():
        start = _START.match(line)
        if start is None:
            if entry is not None:
                more.append(line.rstrip())
            elif line.strip():
                tally.add(("line before the first message", "lines before the first message"))
            continue
        if entry is not None:
            yield _whole(entry, more)
        entry, more = (number, start[3], start[4], f"{start[1]}T{start[2]}"), []
    if entry is not None:
        yield _whole(entry, more)


def _whole(entry: _Entry, more: list[str]) -> _Entry:
    return (entry[0], entry[1], "\n".join([entry[2].rstrip(), *more]), entry[3])


def _json(source: Source, tally: Tally) -> Iterator[_Entry]:
    for line, row in rows(source):
        body = "(This message was deleted)" if row.get("deleted") else text_of(row.get("body"))
        if row.get("attachments") or row.get("sticker"):
            body += "\n((  ))"  # as the Markdown writes a sticker
        if reactions := row.get("reactions"):
            tally.add(REACTION, times=len(reactions))
        yield line, text_of(row.get("sender")) or "Name unknown", body, str(row.get("date"))


def _csv(source: Source) -> list[Chat]:
    chats: dict[str, tuple[list[Message], Tally]] = {}
    for line, row in rows(source):
        messages, tally = chats.setdefault(row["THREAD_ID"], ([], Tally()))
        try:
            box = int(row.get("TYPE") or row.get("MESSAGE_BOX") or 0) & 31
            milliseconds = int(row["DATE_SENT"])
        except ValueError:
            box, milliseconds = -1, 0
        if box == -1:
            raise DataError("has a type or date that is no number. Export it again.", path=source.name, line=line)
        text = row["BODY"].strip()
        if box not in (_INBOX, _SENT):
            tally.add(UNSENT if box in (21, 22, 24, 27) else CALL if box in (1, 2, 3) else EMPTY)
        elif not text:
            tally.add(EMPTY)
        else:
            sender = ME if box == _SENT else row["ADDRESS"] or "Number unknown"
            messages.append(Message(sender, text, moment(milliseconds / 1000, source=source, line=line)))
    found = []
    for title, (messages, tally) in chats.items():
        ordered, order_note = in_order(messages)
        found.append(Chat(ordered, FORMAT, tally.notes(order_note, UNIVERSAL_TIME), title))
    return found
