"""WhatsApp's "Export chat": ``_chat.txt`` from iOS (brackets) or a text file from Android (a dash).

The layout follows the phone's region, so the order of day and month is decided over the whole file. The reader is our
own: the known parsers need pandas, and drop what they do not understand.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from datetime import datetime

from coercion_detect.chats.chat import (
    CALL,
    DELETED,
    EMPTY,
    MEDIA,
    SYSTEM,
    Chat,
    Options,
    Source,
    Tally,
    beside_media,
    last_wording,
)
from coercion_detect.conversation import Message
from coercion_detect.errors import DataError

FORMAT = "whatsapp"
_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_SPACE = "[ \u00a0\u202f]"
_DATE = rf"(\d{{1,4}})({_SPACE}?[./-]{_SPACE}?)(\d{{1,2}})\%d(\d{{2,4}})\.?"  # the same separator twice
_TIME = rf"(\d{{1,2}})[:.](\d{{2}})(?:[:.](\d{{2}}))?(?:{_SPACE}?([AaPp])\.?{_SPACE}?[Mm]\.?)?"
_WHEN = rf"{_DATE},?{_SPACE}+(?:[^\W\d]+{_SPACE}+)?{_TIME}"  # a word in between: "klo", "at"
_START = re.compile(rf"[{_MARKS}]*(?:\[{_WHEN % 2}\]|{_WHEN % 10}{_SPACE}[-–]){_SPACE}(.*)", re.DOTALL)
_SENDER = re.compile(rf"[{_MARKS}]*(?:~{_SPACE}?)?(.+?)[{_MARKS}]*: ?(.*)", re.DOTALL)
# such lines may hold a colon in a group's name, and nobody is called so
_SYSTEM_START = re.compile(r".* (?:changed|created|added|removed|turned on|turned off|pinned|updated) .*", re.DOTALL)
_EDITED = re.compile(rf"\s*[{_MARKS}]?<This message was edited>\s*$")
_CALLS = re.compile(
    r"(?:Missed (?:group )?(?:voice|video) call|(?:Voice|Video|Silenced voice|Silenced video) call)(?:[,.] ?.*)?$"
)
_DELETED = re.compile(r"(?:This message was deleted(?: by .+)?|You deleted this message(?: as admin)?)\.?$")
_EMPTY = re.compile(r"(?:null|Waiting for this message\. This may take a while\.)?$")
_MEDIA = re.compile(
    r"<Media omitted>|<View once (?:message|voice message|photo|video) omitted>|<attached: [^>\n]+>"
    r"|^.+ \(file attached\)$"
    r"|^(?:.+ • .*)?(?:image|video|video note|audio|sticker|GIF|document|Contact card) omitted$"
    r"|^(?:live )?location: https?://\S+$|^Live location shared$",
    re.MULTILINE,
)
_OWN = ("line that WhatsApp marks as its own", "lines that WhatsApp marks as its own")


@dataclass(slots=True)
class _Line:
    """One message as it stands in the file: the three numbers of its date, the time, and what follows."""

    number: int
    date: tuple[int, int, int]
    separator: str
    time: tuple[int, int, int]
    first: str
    more: list[str] = field(default_factory=list)


def looks_like(source: Source) -> bool:
    """Tell whether one of the first lines is dated as WhatsApp dates them."""
    return any(_START.match(line) for line in source.head.splitlines()[:40])


def read(source: Source, *, options: Options) -> list[Chat]:
    """Read one export; raise `DataError` where a date fits no calendar."""
    lines, before = _split(source)
    if not lines:
        raise DataError("has no line as WhatsApp writes them. Name the format with --format.", path=source.name)
    day_first, order_note = _day_first(lines, source, given=options.day_first)
    tally = Tally()
    if before:
        tally.add(("line before the first message", "lines before the first message"), times=before)
    edited = captions = 0
    messages = []
    for line in lines:
        time = _moment(line, source, day_first=day_first)
        found = _SENDER.match(line.first)
        if found is None or _SYSTEM_START.fullmatch(found[1]):
            tally.add(SYSTEM)
            continue
        raw = "\n".join([found[2], *line.more])
        text = raw.translate(_NO_MARKS).strip()
        text, was_edited = _EDITED.subn("", text)
        kind = _kind(raw, text)
        rest = _MEDIA.sub("", text).strip() if kind is None else text
        if kind is None and not rest:
            kind = MEDIA
        if kind is not None:
            tally.add(kind)
            continue
        edited += was_edited
        captions += rest != text
        messages.append(Message(found[1].strip(), rest, time))
    notes = tally.notes(
        last_wording(edited),
        beside_media(captions),
        order_note,
    )
    return [Chat(tuple(messages), FORMAT, notes)]


_NO_MARKS = dict.fromkeys(map(ord, _MARKS))


def _split(source: Source) -> tuple[list[_Line], int]:
    lines: list[_Line] = []
    before = 0
    for number, line in source.lines():
        start = _START.match(line)
        fields = _fields(start) if start else None
        if fields is not None:
            lines.append(_Line(number, *fields))
        elif lines:
            lines[-1].more.append(line)
        else:
            before += bool(line.strip())
    return lines, before


def _fields(start: re.Match[str]) -> tuple[tuple[int, int, int], str, tuple[int, int, int], str] | None:
    groups = start.groups()
    a, separator, b, c, hour, minute, second, half = groups[:8] if groups[0] is not None else groups[8:16]
    hours = int(hour)
    if half is not None:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half in "Pp" else 0)
    time = (hours, int(minute), int(second or 0))
    if hours > 23 or time[1] > 59 or time[2] > 59:
        return None  # no time of day: somebody's own text
    return (int(a), int(b), int(c)), separator.strip(), time, groups[16]


def _kind(raw: str, text: str) -> tuple[str, str] | None:
    """Return what a line is, where it is no message of a person."""
    if _EMPTY.match(text):
        return EMPTY
    if _DELETED.match(text):
        return DELETED
    if _CALLS.match(text):
        return CALL
    # iOS puts a mark before every line of its own, in every language
    return _OWN if raw.startswith("\u200e") and not _MEDIA.search(text) else None


def _day_first(lines: list[_Line], source: Source, *, given: bool | None) -> tuple[bool, str]:
    if given is not None or lines[0].date[0] > 31:
        return given is not False, ""
    day = next((line for line in lines if line.date[0] > 12), None)
    month = next((line for line in lines if line.date[1] > 12), None)
    if day and month:
        later = max(day, month, key=lambda line: line.number)
        raise DataError(
            "has a date in another order than the lines before it. Export the chat again, or hand in its parts.",
            path=source.name,
            line=later.number,
        )
    if day or month or lines[0].separator == ".":
        return month is None, ""
    dates = [(line.date[2], *line.date[:2]) for line in lines]
    back_if_day = sum((y, b, a) > (y2, b2, a2) for (y, a, b), (y2, a2, b2) in itertools.pairwise(dates))
    back_if_month = sum(one > two for one, two in itertools.pairwise(dates))
    if back_if_day != back_if_month:
        return back_if_day < back_if_month, ""
    note = "Days and months cannot be told apart in this file; dates are read day first. Say --month-first if not."
    return True, note if any(line.date[0] != line.date[1] for line in lines) else ""


def _moment(line: _Line, source: Source, *, day_first: bool) -> datetime:
    a, b, c = line.date
    if a > 31:
        year, month, day = a, b, c
    else:
        year, month, day = (c, b, a) if day_first else (c, a, b)
    try:
        return datetime(year + 2000 if year < 100 else year, month, day, *line.time)
    except ValueError:
        pass
    order = "day" if day_first else "month"
    raise DataError(
        f"has a date that no calendar holds when read {order} first. Say --day-first or --month-first.",
        path=source.name,
        line=line.number,
    )
