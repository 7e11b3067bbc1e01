"""JSON in little memory: only the fields that a reader names are kept, whatever the size of the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from coercion_detect.chats.chat import Source
from coercion_detect.errors import DataError

_NOTHING: tuple[object, ...] = (None, "", [])


def load(source: Source, *, fields: Iterable[str]) -> dict[str, Any]:
    """Return the JSON object in ``source`` with these fields at every depth, where they hold something.

    What is no JSON object is a `DataError`.
    """
    kept = frozenset(fields)

    known: dict[tuple[tuple[str, Any], ...], dict[str, Any]] = {}

    def keep(found: dict[str, Any]) -> dict[str, Any]:
        left = {name: value for name, value in found.items() if name in kept and value not in _NOTHING}
        if (
            len(left) > 3
            or "text" in left
            or not all(value is None or isinstance(value, str) for value in left.values())
        ):
            return left
        return known.setdefault(tuple(left.items()), left)  # one author, however many messages

    try:
        loaded = json.loads(_ascii(source.data), object_hook=keep)
    except json.JSONDecodeError as error:
        line, reason = error.lineno, "the file may have been cut off" if _cut_off(source) else "it may be damaged"
    except RecursionError:
        line, reason = None, "it is nested too deeply"
    else:
        if isinstance(loaded, dict):
            return loaded
        line, reason = None, "it holds no object"
    # outside the except block: the JSON error carries the whole text
    raise DataError(f"is not the JSON of a chat export: {reason}. Export the chat again.", path=source.name, line=line)


def text_of(value: object) -> str:
    """Return a text field, or nothing where it is missing; lone halves of characters are replaced."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def reactions_to(entry: dict[str, Any]) -> int:
    """Return how many reactions a message has; its list names each emoji with a count."""
    found = entry.get("reactions")
    counts = [one.get("count", 1) for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return sum(n if isinstance(n, int) else 1 for n in counts)


def _escaped(match: re.Match[bytes]) -> bytes:
    return json.dumps(match.group().decode("utf-8"))[1:-1].encode("ascii")


def _ascii(data: bytes) -> str:
    # with escapes for everything else, a character takes one byte; as text, one emoji makes it four for all
    return (data if data.isascii() else re.sub(rb"[\x80-\xff]+", _escaped, data)).decode("ascii")


def _cut_off(source: Source) -> bool:
    return not source.data.rstrip().endswith(b"}")
