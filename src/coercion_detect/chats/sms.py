"""SMS Backup & Restore: one XML file with the text messages of a whole phone.

Document types and entities are refused, so the file cannot name other files or grow in memory.
"""

from __future__ import annotations

import re
import xml.parsers.expat
from dataclasses import dataclass, field

from coercion_detect.chats.chat import (
    EMPTY,
    ME,
    MEDIA,
    UNIVERSAL_TIME,
    UNSENT,
    Chat,
    Options,
    Source,
    Tally,
    in_order,
    moment,
)
from coercion_detect.conversation import Message
from coercion_detect.errors import DataError

FORMAT = "sms"
_RECEIVED, _SENT = "1", "2"
_FROM = "137"
_UNKNOWN = ("", "null", "(Unknown)")
_REFERENCE = re.compile(rb"&#(5[56]\d{3});&#(5[67]\d{3});|&#(\d{1,8});")


@dataclass(slots=True)
class _Phone:
    """What is known so far: messages and counts by conversation, and the message that is being read."""

    source: Source
    chats: dict[str, tuple[list[Message], Tally]] = field(default_factory=dict)
    elements: int = 0
    stated: str = ""
    open: dict[str, str] | None = None
    texts: list[str] = field(default_factory=list)
    media: bool = False
    sender: str = ""
    line: int = 1


def looks_like(source: Source) -> bool:
    """Tell whether this is XML with text messages in it."""
    return "<smses" in source.head or "<calls" in source.head


def read(source: Source, *, options: Options) -> list[Chat]:
    """Read every conversation of one backup."""
    phone = _Phone(source)
    parser = xml.parsers.expat.ParserCreate("utf-8")  # not what the file declares: it is UTF-8 by now

    def start(name: str, attributes: dict[str, str]) -> None:
        phone.line = parser.CurrentLineNumber
        _start(phone, name, attributes)

    def refuse(*_: object) -> int:
        raise DataError(
            "declares a document type or an entity, which no backup does; it is not read.",
            path=source.name,
            line=parser.CurrentLineNumber,
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: _end(phone, name)
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(_mended(source.data), True)
    except xml.parsers.expat.ExpatError as error:
        line = error.lineno
    else:
        return _chats(phone)
    raise DataError("is not well-formed XML; it may be cut off. Make the backup again.", path=source.name, line=line)


def _start(phone: _Phone, name: str, attributes: dict[str, str]) -> None:
    if name == "calls":
        raise DataError("holds calls, not messages. Hand in the backup of the messages.", path=phone.source.name)
    if name == "smses":
        phone.stated = attributes.get("count", "")
    elif name == "sms":
        phone.elements += 1
        _add(
            phone, attributes, box=attributes.get("type", ""), text=attributes.get("body", ""), sender=_who(attributes)
        )
    elif name == "mms":
        phone.elements += 1
        phone.open, phone.texts, phone.media, phone.sender = attributes, [], False, ""
    elif name == "part" and phone.open is not None:
        kind = attributes.get("ct", "")
        if kind == "text/plain":
            phone.texts.append(attributes.get("text", ""))
        phone.media = phone.media or kind not in ("text/plain", "application/smil")
    elif name == "addr" and attributes.get("type") == _FROM:
        phone.sender = attributes.get("address", "")


def _end(phone: _Phone, name: str) -> None:
    if name == "mms" and phone.open is not None:
        attributes, phone.open = phone.open, None
        group = "~" in attributes.get("address", "")
        # a group has one name for all, so its members go by their numbers
        sender = phone.sender if group and phone.sender else _who(attributes)
        texts = [text for text in phone.texts if text not in _UNKNOWN]
        _add(phone, attributes, box=attributes.get("msg_box", ""), text="\n".join(texts), sender=sender)


def _who(attributes: dict[str, str]) -> str:
    name = attributes.get("contact_name", "")
    return (attributes.get("address", "") if name in _UNKNOWN else name) or "Number unknown"


def _add(phone: _Phone, attributes: dict[str, str], *, box: str, text: str, sender: str) -> None:
    messages, tally = phone.chats.setdefault(_who(attributes), ([], Tally()))
    if box not in (_RECEIVED, _SENT):
        tally.add(UNSENT)
    elif text.strip() in _UNKNOWN:
        tally.add(MEDIA if phone.media else EMPTY)
    else:
        milliseconds = attributes.get("date", "")
        if not milliseconds.isascii() or not milliseconds.isdigit():
            raise DataError(
                "has a message without a date. Make the backup again.", path=phone.source.name, line=phone.line
            )
        time = moment(int(milliseconds) / 1000, source=phone.source, line=phone.line)
        messages.append(Message(ME if box == _SENT else sender, text.strip(), time))
    phone.media = False


def _chats(phone: _Phone) -> list[Chat]:
    stated = ""
    if phone.stated.isdigit() and int(phone.stated) != phone.elements:
        stated = f"The file says that it holds {int(phone.stated):,} messages; {phone.elements:,} were found."
    found = []
    for title, (messages, tally) in phone.chats.items():
        ordered, order_note = in_order(messages)
        found.append(Chat(ordered, FORMAT, tally.notes(order_note, stated, UNIVERSAL_TIME), title))
    return found


def _mended(data: bytes) -> bytes:
    # the app writes an emoji as the two halves that Java makes of it, which XML forbids
    return _REFERENCE.sub(_character, data) if b"&#" in data else data


def _character(match: re.Match[bytes]) -> bytes:
    if match[3] is not None:
        return _one(int(match[3]))
    high, low = int(match[1]), int(match[2])
    if 0xD800 <= high < 0xDC00 <= low < 0xE000:
        return chr(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00).encode()
    return _one(high) + _one(low)


def _one(number: int) -> bytes:
    allowed = (
        number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
    )
    return b"&#%d;" % (number if allowed else 0xFFFD)
