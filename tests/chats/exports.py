"""What the tests of readers share: write an export, read it, compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from coercion_detect.chats.chat import Chat, Options
from coercion_detect.chats.recognise import read_chat

MARKER = "quokka"  # a word that no error may repeat


def read(folder: Path, content: str | bytes | dict[str, Any], *, name: str = "export.txt", **asked: Any) -> Chat:  # noqa: ANN401
    path = folder / name
    if isinstance(content, dict):
        content = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    options = Options(**{k: v for k, v in asked.items() if k in Options.__slots__})
    return read_chat(path, options=options, **{k: v for k, v in asked.items() if k not in Options.__slots__})


def said(chat: Chat) -> list[tuple[str, str]]:
    return [(message.sender, message.text) for message in chat.messages]


def times(chat: Chat) -> list[str]:
    return [message.time.isoformat() if message.time else "" for message in chat.messages]
