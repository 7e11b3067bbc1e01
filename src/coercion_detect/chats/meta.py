"""Messenger and Instagram: the ``message_1.json`` of a download, and the files of end-to-end encrypted chats.

The older files write UTF-8 as if each byte were a character ("Ã©" for "é"); it is put right.
"""

from __future__ import annotations

import re
from typing import Any

from coercion_detect.chats.chat import (
    CALL,
    DELETED,
    EMPTY,
    MEDIA,
    REACTION,
    UNIVERSAL_TIME,
    Chat,
    Options,
    Source,
    Tally,
    in_order,
    moment,
)
from coercion_detect.chats.json_text import load, text_of
from coercion_detect.conversation import Message
from coercion_detect.errors import DataError

FORMAT = "meta"
_MEDIA = ("photos", "videos", "audio_files", "files", "gifs", "sticker", "share", "media")
_FIELDS = (
    *("messages", "title", "threadName", "sender_name", "senderName", "timestamp_ms", "timestamp", "content", "text"),
    *("is_unsent", "isUnsent", "call_duration", "missed", "type", "uri", *_MEDIA),
)
_REACTION = re.compile(
    r"(?:.+ )?(?:Reacted \S+ to (?:your|a|his|her|their) message|[Ll]iked (?:a|your) message)\.?\s*$"
)
_ATTACHMENT = re.compile(r".+ sent (?:an attachment|a (?:photo|video|GIF|link|sticker|voice message))\.\s*$")
_CALLED = re.compile(r".+ (?:called you|started a (?:video|voice|audio) (?:call|chat)|missed (?:your|a) .*call).*$")


def looks_like(source: Source) -> bool:
    """Tell whether this is the JSON of a Messenger or Instagram thread."""
    head = source.head
    sender = '"sender_name"' in head or '"senderName"' in head
    return head.lstrip().startswith("{") and '"participants"' in head and '"messages"' in head and sender


def read(source: Source, *, options: Options) -> list[Chat]:
    """Read one file of a thread."""
    found = load(source, fields=_FIELDS)
    entries = found.get("messages")
    if not isinstance(entries, list):
        raise DataError("holds no messages. Ask for the download as JSON, not HTML.", path=source.name)
    tally = Tally()
    messages = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise DataError(f"message {number} is no object. Download it again.", path=source.name)
        sender = _mended(entry.get("sender_name")) or text_of(entry.get("senderName")) or "Name unknown"
        text = (_mended(entry.get("content")) or text_of(entry.get("text"))).strip()
        kind = _kind(entry, text)
        if kind is not None:
            tally.add(kind)
            continue
        milliseconds = entry.get("timestamp_ms", entry.get("timestamp"))
        if not isinstance(milliseconds, int):
            raise DataError(f"message {number} has no time that can be read. Download it again.", path=source.name)
        messages.append(Message(sender, text, moment(milliseconds / 1000, source=source)))
    ordered, order_note = in_order(messages)
    title = _mended(found.get("title")) or text_of(found.get("threadName"))
    # newest first is how these files are; only another order would be worth a note
    newest_first = order_note if ordered != tuple(reversed(messages)) else ""
    return [Chat(ordered, FORMAT, tally.notes(newest_first, UNIVERSAL_TIME), title)]


def _kind(entry: dict[str, Any], text: str) -> tuple[str, str] | None:
    if entry.get("is_unsent") or entry.get("isUnsent"):
        return DELETED
    if "call_duration" in entry or entry.get("type") == "Call" or _CALLED.fullmatch(text):
        return CALL
    has_media = any(entry.get(name) not in (None, []) for name in _MEDIA)
    if not text or (has_media and _ATTACHMENT.fullmatch(text)):
        return MEDIA if has_media else EMPTY
    return REACTION if _REACTION.fullmatch(text) else None


def _mended(value: object) -> str:
    text = text_of(value)
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text  # written properly, as newer downloads are
