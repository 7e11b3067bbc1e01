"""CSV and JSON lines of any origin: one message a row, columns by name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from coercion_detect.chats.chat import EMPTY, UNIVERSAL_TIME, Chat, Options, Source, Tally, in_order, moment
from coercion_detect.chats.json_text import text_of
from coercion_detect.conversation import Message
from coercion_detect.errors import DataError
from coercion_detect.inputs import MAX_CHARACTERS

FORMAT = "table"
_SENDERS = ("sender", "from", "author", "name", "user", "speaker", "sender_name", "who")
_TEXTS = ("text", "message", "body", "content", "msg")
_TIMES = ("time", "timestamp", "date", "datetime", "sent", "sent_at", "created_at")
_MILLISECONDS = 10**11  # a Unix time beyond this counts milliseconds: in seconds it would be the year 5138


def looks_like(source: Source) -> bool:
    """Tell whether the name or the first line is that of a table with a sender and a text."""
    if source.name.lower().endswith((".csv", ".jsonl", ".ndjson")):
        return True
    names = {name.strip().lower() for name in _first_row(source)}
    return bool(names & set(_SENDERS)) and bool(names & set(_TEXTS))


def read(source: Source, *, options: Options) -> list[Chat]:
    """Read one table; the columns are those named in ``options``, or those with a usual name."""
    sender = text = ""
    time: str | None = None
    tally = Tally()
    messages = []
    for line, row in rows(source):
        if not text or not _is_csv(source):
            named = 1 if _is_csv(source) else line  # where the names of the columns stand
            text = _column(row, options.text, _TEXTS, source, named, "--text")
            sender = _column(row, options.sender, _SENDERS, source, named, "--sender")
            if options.time is not None:
                time = _column(row, options.time, _TIMES, source, named, "--time")
            else:
                time = _usual(row, _TIMES) or time
        said = text_of(row[text]).strip()
        if not said:
            tally.add(EMPTY)
            continue
        who = str(row[sender]).strip() or "Name unknown"
        messages.append(Message(who, said, _moment(row.get(time) if time else None, source, line)))
    ordered, order_note = in_order(messages)
    timeless = "There are no times in this file; its order is taken as it is." if messages and time is None else ""
    zoned = UNIVERSAL_TIME if any(m.time is not None and m.time.tzinfo is not None for m in ordered) else ""
    return [Chat(ordered, FORMAT, tally.notes(order_note, timeless, zoned))]


def rows(source: Source) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield numbered rows of CSV (comma, semicolon or tab) or JSON lines; raise `DataError` at the first bad one."""
    return _csv_rows(source) if _is_csv(source) else _json_rows(source)


def _is_csv(source: Source) -> bool:
    return not source.data[:200].lstrip().startswith(b"{")


def _first_row(source: Source) -> list[str]:
    if not _is_csv(source):
        return [name for _, row in _some_json(source) for name in row]
    return next(_cells(source, strict=False), [])


def _some_json(source: Source) -> Iterator[tuple[int, dict[str, Any]]]:
    line = source.data.split(b"\n", 1)[0]
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return
    if isinstance(row, dict):
        yield 1, row


def _cells(source: Source, *, strict: bool) -> Iterator[list[str]]:
    first = source.head.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(10 * MAX_CHARACTERS)  # its default refuses a long text as malformed
    lines = io.TextIOWrapper(io.BytesIO(source.data), encoding="utf-8", newline="")
    return csv.reader(lines, delimiter=delimiter, strict=strict)


def _csv_rows(source: Source) -> Iterator[tuple[int, dict[str, Any]]]:
    reader: Any = _cells(source, strict=True)
    line = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        line = reader.line_num + 1
        for cells in reader:
            if cells:
                if len(cells) != len(header):
                    raise DataError(f"has {len(cells)} cells, not {len(header)}.", path=source.name, line=line)
                yield line, dict(zip(header, cells, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        reason = str(error)
    else:
        return
    raise DataError(f"is not well-formed CSV ({reason}).", path=source.name, line=line)


def _json_rows(source: Source) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in source.lines():
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise DataError("is not one JSON object; write one object a line.", path=source.name, line=number)
        yield number, row


def _usual(row: dict[str, Any], usual: tuple[str, ...]) -> str | None:
    by_name = {name.lower(): name for name in reversed(row)}
    return next((by_name[name] for name in usual if name in by_name), None)


def _column(
    row: dict[str, Any], given: str | None, usual: tuple[str, ...], source: Source, line: int, option: str
) -> str:
    found = given if given is not None and given in row else _usual(row, usual) if given is None else None
    if found is None:
        wanted = f"no column {given!r}" if given is not None else f"none of the columns {', '.join(usual[:4])}, …"
        raise DataError(f"has {wanted}. Name the right one with {option}.", path=source.name, line=line)
    return found


def _moment(value: object, source: Source, line: int) -> datetime | None:
    """Return an ISO date, or a Unix time in seconds or milliseconds; nothing for an empty cell."""
    if value is None or value == "":
        return None
    try:
        number = float(str(value))
    except ValueError:
        pass
    else:
        return moment(number / 1000 if abs(number) > _MILLISECONDS else number, source=source, line=line)
    try:
        return datetime.fromisoformat(str(value).strip())
    except ValueError:
        pass
    raise DataError("has a time that cannot be read; write 2026-05-31T18:05.", path=source.name, line=line)
