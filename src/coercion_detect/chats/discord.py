"""Discord, as DiscordChatExporter writes it in JSON."""

from __future__ import annotations

from datetime import datetime

from coercion_detect.chats.chat import (
    CALL,
    EMPTY,
    MEDIA,
    REACTION,
    SYSTEM,
    UNIVERSAL_TIME,
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

FORMAT = "discord"
_FIELDS = (
    *("channel", "messages", "id", "name", "nickname", "type", "timestamp", "timestampEdited", "content", "author"),
    *("attachments", "stickers", "embeds", "reactions", "count"),
)


def looks_like(source: Source) -> bool:
    """Tell whether this is the JSON of DiscordChatExporter."""
    head = source.head
    return head.lstrip().startswith("{") and '"guild"' in head and '"channel"' in head


def read(source: Source, *, options: Options) -> list[Chat]:
    """Read one channel or direct conversation."""
    found = load(source, fields=_FIELDS)
    entries = found.get("messages")
    if not isinstance(entries, list):
        raise DataError("holds no messages. Export the channel as JSON again.", path=source.name)
    tally, names = Tally(), Names()
    messages = []
    edited = captions = 0
    for number, entry in enumerate(entries, 1):
        author = entry.get("author") if isinstance(entry, dict) else None
        if not isinstance(author, dict):
            raise DataError(f"message {number} has no author. Export the channel again.", path=source.name)
        if entry.get("type") not in ("Default", "Reply"):
            tally.add(CALL if entry.get("type") == "Call" else SYSTEM)
            continue
        if reactions := reactions_to(entry):
            tally.add(REACTION, times=reactions)
        text = text_of(entry.get("content")).strip()
        if not text:
            tally.add(MEDIA if any(entry.get(kind) for kind in ("attachments", "stickers", "embeds")) else EMPTY)
            continue
        name = text_of(author.get("nickname")) or text_of(author.get("name"))
        edited += bool(entry.get("timestampEdited"))
        captions += any(entry.get(kind) for kind in ("attachments", "stickers"))  # Discord embeds every link
        sender = names.of(str(author.get("id") or name), name=name)
        messages.append(Message(sender, text, _moment(entry.get("timestamp"), source, number)))
    ordered, order_note = in_order(messages)
    channel = found.get("channel")
    title = text_of(channel.get("name")) if isinstance(channel, dict) else ""
    notes = tally.notes(last_wording(edited), beside_media(captions), order_note, UNIVERSAL_TIME)
    return [Chat(ordered, FORMAT, notes, title)]


def _moment(value: object, source: Source, number: int) -> datetime:
    try:
        return datetime.fromisoformat(str(value)).astimezone()
    except (ValueError, OverflowError):
        pass
    raise DataError(f"message {number} has no date that can be read. Export the channel again.", path=source.name)
