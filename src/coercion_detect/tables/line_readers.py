"""Rows of JSON lines and of plain text lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from coercion_detect.errors import DataError, InputError
from coercion_detect.inputs import check_text
from coercion_detect.tables.chunks import ADDED, BadRow, Chunk, Mark, check_names
from coercion_detect.tables.gather import gather
from coercion_detect.tables.lines import BadLineError, Lines
from coercion_detect.tables.rows import CellRows, ObjectRows


class _LineReader:
    """What both readers share: going on from a mark, and how far they are."""

    def __init__(self, lines: Lines, *, column: str, size: int | None = None, taken: Sequence[str] = ADDED) -> None:
        self._lines, self._column, self._bytes, self._taken = lines, column, size, frozenset(taken)

    def seek(self, mark: Mark) -> None:
        """Go on from a mark."""
        self._lines.seek(offset=mark.offset, number=mark.line)

    def share(self) -> float | None:
        """Return how much of the file has been read."""
        return self._lines.place() / self._bytes if self._bytes else None

    def _texts(self) -> Iterator[str | BadRow]:
        while True:
            line = b""
            try:
                line = self._lines.read()
                if not line:
                    return
                yield self._lines.text(line)
            except BadLineError as error:
                yield BadRow(self._lines.number, str(error), line.decode("utf-8", "backslashreplace").rstrip("\r\n"))


class TextReader(_LineReader):
    """Reads each line as a row of one column."""

    @property
    def names(self) -> list[str]:
        """The one column."""
        return [self._column]

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Yield chunks of at most ``size`` rows."""
        return gather(self._rows(), self._lines, size=size, make=lambda rows: CellRows(self.names, 0, rows))

    def _rows(self) -> Iterator[tuple[list[str], int] | BadRow]:
        check_names(self.names, path=self._lines.name, taken=self._taken)
        for text in self._texts():
            if isinstance(text, BadRow):
                yield text
                continue
            text = text.removesuffix("\n").removesuffix("\r")
            try:
                check_text(text)
            except InputError as error:
                yield BadRow(self._lines.number, str(error), text)
            else:
                yield [text], len(text)


class JsonReader(_LineReader):
    """Reads each line as one JSON object; blank lines are none."""

    names: tuple[str, ...] = ()

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Yield chunks of at most ``size`` rows."""

        def make(rows: list[tuple[str, dict[str, Any]]]) -> ObjectRows:
            return ObjectRows(self._lines.name, self._column, [r[0] for r in rows], [r[1] for r in rows])

        return gather(self._rows(), self._lines, size=size, make=make)  # type: ignore[arg-type]

    def _rows(self) -> Iterator[tuple[tuple[str, dict[str, Any]], int] | BadRow]:
        first = True
        for line in self._texts():
            if isinstance(line, BadRow):
                yield line
                continue
            if line.isspace():
                continue
            row, reason = json_row(line, self._column)
            if row is None:
                if first and reason.startswith("has no field"):  # the option is wrong, and not every row
                    raise DataError(reason, path=self._lines.name, line=self._lines.number)
                yield BadRow(self._lines.number, reason, line.rstrip("\r\n"))
                continue
            first = False
            if not self._taken.isdisjoint(row):
                check_names(tuple(row), path=self._lines.name, taken=self._taken)
            yield (line, row), len(line)


def json_row(line: str, column: str) -> tuple[dict[str, Any] | None, str]:
    """Return the object that a line holds, or ``None`` and what is wrong with it."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        return None, "is not one JSON object; write one object a line."
    if column not in row:
        return None, f"has no field {column!r}; name the right one with --text."
    try:
        check_text(row[column] if row[column] is not None else "")
    except InputError as error:
        return None, str(error)
    return row, ""
