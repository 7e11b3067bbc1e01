"""Rows as dictionaries, one by one, for readers that stop at the first bad one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coercion_detect.errors import DataError
from coercion_detect.tables.chunks import BadRow
from coercion_detect.tables.csv_reader import header_of, records
from coercion_detect.tables.line_readers import json_row
from coercion_detect.tables.lines import BadLineError, Lines, open_lines

# the names of the columns, as far as they are known beforehand, and numbered rows
Table = tuple[list[str], Iterator[tuple[int, dict[str, Any]]]]


@contextmanager
def reading(source: Path) -> Iterator[Lines]:
    """Open the input as lines of UTF-8."""
    with open_lines(source) as lines:
        yield lines


def read_csv(lines: Lines, name: str, column: str) -> Table:
    """Return the columns and numbered rows of a CSV file; raise `DataError` for the first line that is wrong."""
    header = header_of(lines, column, ",")

    def rows() -> Iterator[tuple[int, dict[str, Any]]]:
        for line, cells in records(lines, ","):
            if isinstance(cells, BadRow):
                raise DataError(cells.reason, path=name, line=line)
            if len(cells) != len(header):
                raise DataError(f"has {len(cells)} cells, not {len(header)}.", path=name, line=line)
            yield line, dict(zip(header, cells, strict=True))

    return header, rows()


def read_jsonl(lines: Lines, name: str, column: str) -> Table:
    """Return the numbered rows of a JSON lines file; raise `DataError` for the first line that is wrong."""

    def rows() -> Iterator[tuple[int, dict[str, Any]]]:
        while line := lines.read():
            reason = ""
            try:
                text = lines.text(line)
            except BadLineError as error:
                reason = str(error)
            if reason:
                raise DataError(reason, path=name, line=lines.number)
            if not text.isspace():
                row, reason = json_row(text, column)
                if row is None:
                    raise DataError(reason, path=name, line=lines.number)
                yield lines.number, row

    return [], rows()
