"""Rows of a CSV file; a row that is wrong is named and left aside, and the next one is read as if nothing had been."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from coercion_detect.errors import DataError, InputError
from coercion_detect.inputs import MAX_CHARACTERS, check_text
from coercion_detect.tables.chunks import ADDED, BadRow, Chunk, Mark, check_names
from coercion_detect.tables.gather import gather
from coercion_detect.tables.lines import BadLineError, Lines
from coercion_detect.tables.rows import CellRows

Record = tuple[int, list[str] | BadRow]


class CsvReader:
    """Reads a CSV file with a header. Raises `DataError` for a header that does not fit."""

    def __init__(
        self, lines: Lines, *, column: str, delimiter: str = ",", size: int | None = None, taken: Sequence[str] = ADDED
    ) -> None:
        self._lines, self._delimiter, self._bytes = lines, delimiter, size
        self.names = header_of(lines, column, delimiter)
        self._column = self.names.index(column)
        check_names(self.names, path=lines.name, taken=taken)

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Yield chunks of at most ``size`` rows."""

        def make(rows: list[list[str]]) -> CellRows:
            return CellRows(self.names, self._column, rows)

        return gather(self._rows(), self._lines, size=size, make=make)  # type: ignore[arg-type]

    def seek(self, mark: Mark) -> None:
        """Go on from a mark."""
        self._lines.seek(offset=mark.offset, number=mark.line)

    def share(self) -> float | None:
        """Return how much of the file has been read."""
        return self._lines.place() / self._bytes if self._bytes else None

    def _rows(self) -> Iterator[tuple[list[str], int] | BadRow]:
        width, column = len(self.names), self._column
        for line, cells in records(self._lines, self._delimiter):
            if isinstance(cells, BadRow):
                yield cells
            elif len(cells) != width:
                content = self._delimiter.join(cells)
                yield BadRow(line, f"has {len(cells)} cells, not {width}.", content)
            elif len(cells[column]) > MAX_CHARACTERS:
                try:
                    check_text(cells[column])
                except InputError as error:
                    yield BadRow(line, str(error), self._delimiter.join(cells))
            else:
                yield cells, sum(map(len, cells))


def records(lines: Lines, delimiter: str) -> Iterator[Record]:
    """Yield the cells of each record, or what is wrong with it, with the number of its first line."""
    csv.field_size_limit(10 * MAX_CHARACTERS)  # its default refuses a long text as malformed
    feed = _Feed(lines)
    reader = csv.reader(feed, strict=True, delimiter=delimiter)
    while True:
        start = lines.number + 1
        feed.held.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except BadLineError as error:
            yield start, BadRow(start, str(error), feed.content())
        except csv.Error as error:
            reason = f"is not well-formed CSV ({error})."
            if len(feed.held) > 1 and ("unexpected end" in reason or "field limit" in reason):
                # a quote that never closes has swallowed rows that may be good: only the line where it opens is bad
                lines.push_back(feed.held[1:])
                del feed.held[1:]
            yield start, BadRow(start, reason, feed.content())
            reader = csv.reader(feed, strict=True, delimiter=delimiter)
        else:
            if cells:
                yield start, cells


class _Feed:
    """The lines that a record consists of; ``held`` are its bytes so far."""

    __slots__ = ("held", "lines")

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.held: list[bytes] = []

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self.lines.read()
        if not line:
            raise StopIteration
        self.held.append(line)
        return self.lines.text(line)

    def content(self) -> str:
        """Return what the record holds, as far as it can be shown."""
        return b"".join(self.held).decode("utf-8", "backslashreplace").rstrip("\r\n")


def header_of(lines: Lines, column: str, delimiter: str) -> list[str]:
    """Return the names of the columns; raise `DataError` for a header that does not fit."""
    found = next(records(lines, delimiter), None)
    header = found[1] if found else []
    if isinstance(header, BadRow):
        raise DataError(header.reason, path=lines.name, line=1)
    if column not in header:
        # not their names: without a header, the first line is somebody's text
        has = f"line 1 has {len(header)} others" if header else "it is empty"
        other = " (and --delimiter, if commas do not part its cells)" if len(header) == 1 and delimiter == "," else ""
        said = f"has no column {column!r}; {has}. Name the right one with --text{other}."
        raise DataError(said, path=lines.name, line=1)
    if len(set(header)) != len(header):
        raise DataError("two columns share one name; rename one.", path=lines.name, line=1)
    return header
