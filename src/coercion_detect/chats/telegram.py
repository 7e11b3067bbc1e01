"""Telegram Desktop's JSON: ``result.json`` of one chat, or of a whole account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coercion_detect.chats.chat import (
    CALL,
    EMPTY,
    MEDIA,
    REACTION,
    SYSTEM,
    Chat,
    Names,
    Options,
    Source,
    Tally,
    beside_media,
    in_order,
    last_wording,
)
from coercion_detect.chats.json_text import load, reactions_to, text_of
from coercion_detect.conversation import Message
from coercion_detect.errors import DataError

FORMAT = "telegram"
_MEDIA = ("photo", "file", "media_type", "poll", "location_information", "contact_information")
_FIELDS = (
    *("chats", "left_chats", "list", "messages", "name", "id", "type", "date", "from", "from_id", "text", "action"),
    *("forwarded_from", "edited", "reactions", "count", *_MEDIA),
)


def looks_like(source: Source) -> bool:
    """Tell whether this is the JSON of Telegram Desktop."""
    head = source.head
    if not head.lstrip().startswith("{"):
        return False
    one = '"messages"' in head and '"type"' in head and ('"from_id"' in head or '"date_unixtime"' in head)
    return one or "Here is the data you requested" in head


def read(source: Source, *, options: Options) -> list[Chat]:
    """Read every chat of one file."""
    found = load(source, fields=_FIELDS)
    chats = [found] if "messages" in found else []
    for group in ("chats", "left_chats"):
        inner = found.get(group)
        chats += inner.get("list") or [] if isinstance(inner, dict) else []
    if not chats:
        raise DataError("holds no chat. In Telegram Desktop, export the chat as JSON.", path=source.name)
    return [_chat(chat, source) for chat in chats if isinstance(chat, dict)]


def _chat(chat: dict[str, Any], source: Source) -> Chat:
    tally, names = Tally(), Names()
    messages: list[Message] = []
    forwarded = edited = captions = 0
    entries = chat.get("messages")
    for number, entry in enumerate(entries if isinstance(entries, list) else [], 1):
        if not isinstance(entry, dict):
            raise DataError(f"message {number} is no object. Export the chat again.", path=source.name)
        if entry.get("type") != "message":
            tally.add(CALL if "call" in str(entry.get("action")) else SYSTEM)
            continue
        if reactions := reactions_to(entry):
            tally.add(REACTION, times=reactions)
        text = _text(entry.get("text")).strip()
        has_media = any(name in entry for name in _MEDIA)
        if not text:
            tally.add(MEDIA if has_media else EMPTY)
            continue
        name = text_of(entry.get("from")) or "Deleted account"
        sender = names.of(str(entry.get("from_id") or name), name=name)
        forwarded += "forwarded_from" in entry
        edited += "edited" in entry
        captions += has_media
        messages.append(Message(sender, text, _moment(entry.get("date"), source, number)))
    ordered, order_note = in_order(messages)
    said = f"{forwarded:,} forwarded: read as the words of whoever passed them on." if forwarded else ""
    notes = tally.notes(last_wording(edited), beside_media(captions), said, order_note)
    return Chat(ordered, FORMAT, notes, text_of(chat.get("name")))


def _text(value: object) -> str:
    """Return a text that may stand in pieces: plain ones, and objects for links, bold words, mentions."""
    if isinstance(value, list):
        return "".join(text_of(piece.get("text") if isinstance(piece, dict) else piece) for piece in value)
    return text_of(value)


def _moment(value: object, source: Source, number: int) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        pass
    raise DataError(f"message {number} has no date that can be read. Export the chat again.", path=source.name)
