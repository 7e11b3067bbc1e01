"""Rows of a Parquet file, a few row groups' pages at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from coercion_detect.errors import DataError, InputError, require
from coercion_detect.inputs import MAX_CHARACTERS
from coercion_detect.tables.chunks import ADDED, BadRow, Chunk, Mark, check_names
from coercion_detect.tables.rows import ArrowRows

_CHUNK_BYTES = 48 * 1024 * 1024  # unpacked bytes of a chunk, all columns together
_BUFFER = 1 << 20


class ParquetReader:
    """Reads a Parquet file. Raises `DataError` for one that has no such column of texts."""

    def __init__(self, source: Path, *, column: str, taken: Sequence[str] = ADDED) -> None:
        if str(source) == "-":
            raise InputError("Parquet is read from its end, which standard input has not; save it as a file first.")
        pa = require("pyarrow", extra="files")
        parquet = require("pyarrow.parquet", extra="files")
        self._path, self._column, self._rows = source, column, 0
        try:
            # without pre-buffering and with a buffer, pages are read as they are needed: memory stays bounded
            self._file = parquet.ParquetFile(source, pre_buffer=False, buffer_size=_BUFFER)
        except (pa.ArrowException, OSError, ValueError) as error:
            problem = _unreadable(source, error)
        else:
            self.names = tuple(self._file.schema_arrow.names)
            self._check(taken)
            return
        raise problem

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Yield chunks of at most ``size`` rows."""
        pa = require("pyarrow", extra="files")
        try:
            for batch in self._batches(self._fitting(size)):
                before, self._rows = self._rows, self._rows + len(batch)
                yield self._chunk(pa.Table.from_batches([batch]), before)
            return
        except (pa.ArrowException, OSError) as error:
            problem = DataError(
                f"cannot be read on after row {self._rows:,} ({type(error).__name__}); it is damaged.",
                path=str(self._path),
            )
        raise problem

    def seek(self, mark: Mark) -> None:
        """Go on from a mark."""
        self._rows = mark.offset

    def share(self) -> float | None:
        """Return how much of the file has been read."""
        rows: int = self._file.metadata.num_rows
        return self._rows / max(rows, 1)

    def _check(self, taken: Sequence[str]) -> None:
        if self._column not in self.names:
            raise DataError(f"has no column {self._column!r}; name the right one with --text.", path=str(self._path))
        if len(set(self.names)) != len(self.names):
            raise DataError("two columns share one name; rename one.", path=str(self._path))
        check_names(self.names, path=str(self._path), taken=taken)
        kind = self._file.schema_arrow.field(self._column).type
        if not is_text(kind):
            raise DataError(
                f"its column {self._column!r} holds {kind}, not text; convert it, or name another with --text.",
                path=str(self._path),
            )

    def _fitting(self, size: int) -> int:
        """Return how many rows make a chunk: fewer than ``size`` where rows are large."""
        metadata = self._file.metadata
        groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
        widest = max((g.total_byte_size / max(g.num_rows, 1) for g in groups), default=0.0)
        return max(1, min(size, int(_CHUNK_BYTES / max(widest, 1.0))))

    def _batches(self, size: int) -> Iterator[Any]:
        metadata, left = self._file.metadata, self._rows
        groups = list(range(metadata.num_row_groups))
        while groups and left >= metadata.row_group(groups[0]).num_rows:
            left -= metadata.row_group(groups.pop(0)).num_rows
        if not groups:
            return
        for batch in self._file.iter_batches(batch_size=size, row_groups=groups, use_threads=False):
            if left < len(batch):
                yield batch.slice(left)
            left = max(0, left - len(batch))

    def _chunk(self, table: Any, before: int) -> Chunk:  # noqa: ANN401 pyarrow is optional
        texts, bad = texts_of(table.column(self._column), before=before)
        if bad:
            good = sorted(set(range(len(texts))) - {row.line - before - 1 for row in bad})
            table = table.take(good)
            texts = [texts[i] for i in good]
        return Chunk(ArrowRows(table, texts), tuple(bad), Mark(self._rows, self._rows))


def is_text(kind: Any) -> bool:  # noqa: ANN401 pyarrow is optional
    """Say whether an Arrow type holds strings, or nothing but missing values."""
    pa = require("pyarrow", extra="files")
    types = pa.types
    if types.is_dictionary(kind):
        kind = kind.value_type
    view = getattr(types, "is_string_view", None)
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind) or (view and view(kind)))


def texts_of(column: Any, *, before: int = 0) -> tuple[list[str | None], list[BadRow]]:  # noqa: ANN401
    """Return the texts of an Arrow column, and the rows that cannot be tagged (their texts are then ``None``)."""
    pa, pc = require("pyarrow", extra="files"), require("pyarrow.compute", extra="files")
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if str(column.type) == "string_view":  # few functions take it
        column = column.cast(pa.large_string())
    if pa.types.is_null(column.type):
        return [None] * len(column), []
    try:
        texts: list[str | None] = column.to_numpy().tolist() if len(column) else []
    except (UnicodeDecodeError, pa.ArrowException):
        texts = []
        damaged = True
    else:
        damaged = False
    bad: list[BadRow] = []
    if damaged:
        for i, value in enumerate(column.cast(pa.binary() if pa.types.is_string(column.type) else pa.large_binary())):
            raw = value.as_py()
            readable = "" if raw is None else raw.decode("utf-8", "backslashreplace")
            texts.append(None if raw is None else readable)
            if raw is not None and readable.encode() != raw:
                bad.append(BadRow(before + i + 1, "is not UTF-8; convert it first.", readable))
    longest = pc.max(pc.binary_length(column)).as_py() or 0  # in bytes, which are at least as many as characters
    for i, text in enumerate(texts if longest > MAX_CHARACTERS else ()):
        if text is not None and len(text) > MAX_CHARACTERS:
            reason = f"The text has {len(text):,} characters; the most for one text is {MAX_CHARACTERS:,}."
            bad.append(BadRow(before + i + 1, reason, text))
    return texts, sorted(bad, key=lambda row: row.line)


def _unreadable(source: Path, error: Exception) -> InputError:
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        return InputError(f"{source} cannot be read ({error.strerror or type(error).__name__}). Check the path.")
    return DataError("is no Parquet file that can be read.", path=str(source))
