"""Messages of labelled conversations as further texts to learn from: chats are written otherwise than single phrases.

Their labels say what a message does in its conversation. For a refusal or a request that is near enough to what it does
alone; whether it presses on after a no is not, so that label of theirs is left out of what the heads learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from coercion_detect.training.conversations import Conversation, load_conversations
from coercion_detect.training.dataset import MESSAGE, Dataset, Example

FILES = ("conversations.jsonl", "ordinary_chats.jsonl")


def messages_of(conversations: Sequence[Conversation]) -> tuple[Example, ...]:
    """Return every message of every conversation, in order, as a text with its labels."""
    return tuple(
        Example(
            id=f"{c.id}-{i}",
            text=message.text,
            tactics=message.tactics,
            acts=message.acts,
            framing=message.framing,
            group=c.group,
            source=MESSAGE,
            voice=c.voice,
            note="",
        )
        for c in conversations
        for i, message in enumerate(c.messages)
    )


def with_messages(dataset: Dataset, conversations: Sequence[Conversation]) -> Dataset:
    """Return the texts of ``dataset``, then every message of ``conversations``."""
    return Dataset((*dataset.examples, *messages_of(conversations)), dataset.sha256)


def load_beside(folder: Path) -> tuple[tuple[Conversation, ...], tuple[Conversation, ...]]:
    """Read the conversations that lie beside the data set, and the ordinary chats; each may be missing."""
    written, ordinary = (load_conversations(path) if (path := folder / name).is_file() else () for name in FILES)
    return written, ordinary
