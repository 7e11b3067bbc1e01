"""The labelled conversations: read with a loader that names file, line and what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coercion_detect.errors import DataError
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """One message; ``after`` is the index of the refusal that it presses against, if it does."""

    sender: str
    text: str
    tactics: frozenset[str]
    acts: frozenset[str]
    framing: str
    after: int | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One labelled conversation; ``group`` is shared by contrasts of one another."""

    id: str
    voice: str
    group: str
    source: str
    note: str
    messages: tuple[LabelledMessage, ...]

    @property
    def persistence(self) -> bool:
        """Whether anybody presses on after another's refusal."""
        return any(message.after is not None for message in self.messages)


def load_conversations(path: Path) -> tuple[Conversation, ...]:
    """Read ``conversations.jsonl``; raise `DataError` for the first line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # not splitlines: a text may hold other breaks
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}). Check the path.", path=str(path)) from None
    except UnicodeDecodeError:
        raise DataError("is not UTF-8; save the file as UTF-8.", path=str(path)) from None
    found = tuple(_conversation(line, path, number) for number, line in enumerate(lines, 1) if line.strip())
    ids = [conversation.id for conversation in found]
    if len(set(ids)) != len(ids):
        raise DataError("two conversations share an id; give each its own.", path=str(path))
    if not found:
        raise DataError("has no conversations.", path=str(path))
    return found


def _conversation(line: str, path: Path, number: int) -> Conversation:
    try:
        row = json.loads(line)
        messages = tuple(_message(message) for message in row["messages"])
        names = {name: str(row[name]) for name in ("id", "voice", "group", "source", "note")}
        conversation = Conversation(**names, messages=messages)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"is no labelled conversation ({error}).", path=str(path), line=number) from None
    for i, message in enumerate(messages):
        refusal = message.after
        if refusal is not None and not (0 <= refusal < i and messages[refusal].sender != message.sender):
            raise DataError(
                f"message {i} presses against message {refusal}, which is no earlier one of somebody else.",
                path=str(path),
                line=number,
            )
    return conversation


def _message(row: Mapping[str, Any]) -> LabelledMessage:
    tactics, acts = frozenset(row["tactics"]), frozenset(row["acts"])
    if not tactics <= set(TACTICS) or not acts <= set(ACTS) or row["framing"] not in FRAMINGS:
        raise ValueError("unknown label")
    if row["after"] is not None and type(row["after"]) is not int:
        raise ValueError("'after' is the number of a message or null")
    return LabelledMessage(str(row["sender"]), str(row["text"]), tactics, acts, row["framing"], row["after"])
