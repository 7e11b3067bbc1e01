"""From rows that come one by one to chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from coercion_detect.tables.chunks import CHUNK_CHARACTERS, BadRow, Chunk, Mark, Rows
from coercion_detect.tables.lines import Lines

T = TypeVar("T")


def gather(
    found: Iterator[tuple[T, int] | BadRow], lines: Lines, *, size: int, make: Callable[[Sequence[T]], Rows]
) -> Iterator[Chunk]:
    """Yield chunks of at most ``size`` rows, good and bad; each row comes with its number of characters."""
    rows: list[T] = []
    bad: list[BadRow] = []
    characters = 0
    for item in found:
        if isinstance(item, BadRow):
            bad.append(item)
            characters += len(item.content)
        else:
            rows.append(item[0])
            characters += item[1]
        if len(rows) + len(bad) >= size or characters >= CHUNK_CHARACTERS:
            yield Chunk(make(rows), tuple(bad), Mark(lines.offset, lines.number))
            rows, bad, characters = [], [], 0
    if rows or bad:
        yield Chunk(make(rows), tuple(bad), Mark(lines.offset, lines.number))
