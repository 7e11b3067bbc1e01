"""Recognise an export, read it, and choose the one conversation that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

from coercion_detect.chats import discord, imessage, meta, signal, sigtop, sms, table, telegram, whatsapp
from coercion_detect.chats.archive import sources
from coercion_detect.chats.chat import Chat, Options, Source, in_order, many
from coercion_detect.errors import DataError, InputError


@dataclass(frozen=True, slots=True)
class _Reader:
    looks_like: Callable[[Source], bool]
    read: Callable[..., list[Chat]]


# the most particular first: a table is whatever nothing else is
_READERS = {
    module.FORMAT: _Reader(module.looks_like, module.read)
    for module in (telegram, discord, meta, sms, sigtop, signal, imessage, whatsapp, table)
}
FORMATS = tuple(_READERS)
TITLES = {
    "telegram": "Telegram",
    "discord": "Discord",
    "meta": "Messenger or Instagram",
    "sms": "SMS Backup & Restore",
    "sigtop": "Signal (sigtop)",
    "signal": "Signal",
    "imessage": "iMessage",
    "whatsapp": "WhatsApp",
    "table": "a table",
}


def read_chat(
    path: Path, *, format: str | None = None, conversation: str | None = None, options: Options | None = None
) -> Chat:
    """Read one conversation from a file, a folder or a zip archive.

    ``format`` is one of `FORMATS`; without it, it is recognised. ``conversation`` is the name or number of the wanted
    one where there are several. Raises `DataError` where something cannot be read, with file, line and reason.
    """
    if format is not None and format not in _READERS:
        raise InputError(f"There is no format of that name. The formats are: {', '.join(FORMATS)}.")
    found, others = sources(path)
    chats: list[Chat] = []
    unknown = 0
    for i, source in enumerate(found):
        found[i] = Source(source.name, b"")  # what is read need not be held twice
        reader = _READERS[format] if format else _recognised(source)
        if reader is None:
            unknown += 1
            continue
        chats = _joined(chats, reader.read(source, options=options or Options()), source)
    if not chats:
        raise DataError(
            f"is no chat export that is known here. Name its format with --format ({', '.join(FORMATS)}), "
            "or see docs/chats.md for how to export a chat.",
            path=str(path),
        )
    chat = _finished(_chosen(chats, conversation, path), unknown=unknown, others=others)
    if not chat.messages:
        said = " ".join(["holds no message with text, read as", f"{chat.format}.", *chat.notes])
        raise DataError(f"{said} See docs/chats.md for how to export a chat.", path=str(path))
    return chat


def _recognised(source: Source) -> _Reader | None:
    return next((reader for reader in _READERS.values() if reader.looks_like(source)), None)


def _joined(chats: list[Chat], more: list[Chat], source: Source) -> list[Chat]:
    """Add chats, and put the parts of one Messenger or Instagram thread together: they share a folder."""
    for chat in more:
        folder = str(PurePath(source.name).parent) if chat.format == meta.FORMAT else ""
        known = next((i for i, c in enumerate(chats) if folder and c.title == f"{folder}\n{chat.title}"), None)
        title = f"{folder}\n{chat.title}" if folder else chat.title
        if known is None:
            chats.append(Chat(chat.messages, chat.format, chat.notes, title))
        else:
            before = chats[known]
            together, _ = in_order((*chat.messages, *before.messages))
            notes = tuple(dict.fromkeys((*before.notes, *chat.notes)))
            chats[known] = Chat(together, chat.format, notes, title)
    return chats


def _name(chat: Chat) -> str:
    return chat.title.rpartition("\n")[2]


def _chosen(chats: list[Chat], wanted: str | None, path: Path) -> Chat:
    if wanted is None and len(chats) > 1:
        sizes = {str(i): len(chat.messages) for i, chat in enumerate(chats)}
        raise DataError(
            f"holds {len(chats):,} conversations. Choose one with --conversation, by its name in the app or by its "
            f"number here; the largest are {many(sizes)}.",
            path=str(path),
        )
    if wanted is None:
        return chats[0]
    named = [chat for chat in chats if _name(chat).casefold() == wanted.strip().casefold()]
    if not named and wanted.isdecimal() and 1 <= int(wanted) <= len(chats):
        named = [chats[int(wanted) - 1]]
    if len(named) != 1:
        said = "several conversations" if named else "no conversation"
        raise DataError(
            f"holds {said} of that name; there are {len(chats):,}. Choose one by its number, 1 to {len(chats)}.",
            path=str(path),
        )
    return named[0]


def _finished(chat: Chat, *, unknown: int, others: int) -> Chat:
    notes = list(chat.notes)
    if unknown:
        notes.append(f"{unknown:,} text {'file' if unknown == 1 else 'files'} beside the chat: no chat, not read.")
    if others:
        notes.append(f"{others:,} other {'file' if others == 1 else 'files'} beside the chat (media): not read.")
    return Chat(chat.messages, chat.format, tuple(notes), _name(chat))
