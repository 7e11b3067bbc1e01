"""Rows and results as the bytes of a file: each chunk on its own, so that several can be written at once."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol

from coercion_detect.errors import require
from coercion_detect.tables import footers
from coercion_detect.tables.chunks import ADDED, Rows
from coercion_detect.tables.formats import Format
from coercion_detect.tables.results import Results, arrow_arrays, csv_lines, json_lines
from coercion_detect.taxonomy import note

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes of a chunk, and for Parquet the footer that says what they are."""

    data: bytes | memoryview
    footer: bytes = b""


class Writer(Protocol):
    """Turns chunks into bytes; the file is ``head``, the parts in order, and ``tail``."""

    def head(self) -> bytes:
        """Return what comes before the first part."""
        ...

    def part(self, rows: Rows, results: Results) -> Part:
        """Return the bytes of a chunk; it may be called from several threads."""
        ...

    def tail(self, parts: Sequence[tuple[int, bytes]]) -> bytes:
        """Return what comes after the last part, given the place and the footer of each."""
        ...


class CsvWriter:
    """Writes CSV; with ``excel_safe``, cells that a spreadsheet would run as a formula get an apostrophe."""

    def __init__(self, names: Sequence[str], *, target: Format, excel_safe: bool = False) -> None:
        self._names, self._delimiter, self._safe = list(names), target.delimiter, excel_safe
        self._pack = packer(target.compression)

    def head(self) -> bytes:
        """Return the header."""
        names = [*map(_safe, self._names)] if self._safe else self._names
        header = self._own([[*names, *ADDED]], end="\n") if names else []
        return self._pack("".join(header).encode("utf-8", "backslashreplace"))

    def part(self, rows: Rows, results: Results) -> Part:
        """Return the lines of a chunk."""
        cells: Any = rows.cells(self._names)
        if self._safe:
            cells = ([_safe(cell) for cell in row] for row in cells)
        own = self._own(cells, end=self._delimiter)
        lines = [a + b for a, b in zip(own, csv_lines(results, delimiter=self._delimiter), strict=True)]
        text = "\n".join([*lines, ""])
        # backslashreplace: a lone surrogate in another field stays what JSON calls it
        return Part(self._pack(text.encode("utf-8", "backslashreplace")))

    def tail(self, parts: Sequence[tuple[int, bytes]]) -> bytes:
        """Return nothing."""
        return b""

    def _own(self, rows: Any, *, end: str) -> list[str]:  # noqa: ANN401 an iterable of rows of cells
        lines: list[str] = []
        csv.writer(SimpleNamespace(write=lines.append), lineterminator=end, delimiter=self._delimiter).writerows(rows)
        return lines


class JsonWriter:
    """Writes JSON lines; the note stands in each."""

    def __init__(self, *, target: Format) -> None:
        self._pack = packer(target.compression)

    def head(self) -> bytes:
        """Return nothing."""
        return b""

    def part(self, rows: Rows, results: Results) -> Part:
        """Return the lines of a chunk."""
        lines = [f"{own}, {added}}}" for own, added in zip(rows.objects(), json_lines(results), strict=True)]
        text = "\n".join([*lines, ""])
        return Part(self._pack(text.encode("utf-8", "backslashreplace")))

    def tail(self, parts: Sequence[tuple[int, bytes]]) -> bytes:
        """Return nothing."""
        return b""


class ParquetWriter:
    """Writes Parquet, a row group a chunk; note and model stand in the file's metadata."""

    def __init__(self, own: Any, *, column: str, model: str) -> None:  # noqa: ANN401 pyarrow is optional
        pa = require("pyarrow", extra="files")
        self._own = own
        self._schema = added_schema(own, model=model)
        # texts and scores are all different: a dictionary of them is work for nothing
        self._dictionary = [
            *(f.name for f in own if f.name != column and not pa.types.is_floating(f.type)),
            *(name for name in ADDED if not name.startswith("score_") and name != "read"),
        ]

    def head(self) -> bytes:
        """Return the format's first bytes."""
        return footers.MAGIC

    def part(self, rows: Rows, results: Results) -> Part:
        """Return the pages of one row group."""
        pa = require("pyarrow", extra="files")
        own = rows.arrow(self._own)
        table = pa.table([*own.columns, *arrow_arrays(results)], schema=self._schema)
        return Part(*footers.split(self._file(table)))

    def tail(self, parts: Sequence[tuple[int, bytes]]) -> bytes:
        """Return the footer."""
        pa = require("pyarrow", extra="files")
        if parts:
            return footers.join(parts)
        _, footer = footers.split(self._file(pa.Table.from_batches([], schema=self._schema)))
        return footers.join([(len(footers.MAGIC), footer)])

    def _file(self, table: Any) -> memoryview:  # noqa: ANN401 pyarrow is optional
        pa = require("pyarrow", extra="files")
        parquet = require("pyarrow.parquet", extra="files")
        sink = pa.BufferOutputStream()
        parquet.write_table(
            table,
            sink,
            row_group_size=max(len(table), 1),
            compression="zstd",
            compression_level=1,
            use_dictionary=self._dictionary,
        )
        return memoryview(sink.getvalue())


def added_schema(own: Any, *, model: str) -> Any:  # noqa: ANN401 pyarrow is optional
    """Return an Arrow schema with the added columns, and the note and the model in its metadata."""
    pa = require("pyarrow", extra="files")
    kinds = {"read": pa.bool_()} | {name: pa.float32() for name in ADDED if name.startswith("score_")}
    added = [pa.field(name, kinds.get(name, pa.string())) for name in ADDED]
    said = {b"coercion_detect": json.dumps({"model": model, "note": note()}).encode()}
    return pa.schema([*own, *added], metadata={**(own.metadata or {}), **said})


def make_writer(
    rows: Rows | None, *, names: Sequence[str], target: Format, column: str, model: str, excel_safe: bool = False
) -> Writer:
    """Return a writer for rows like the first ones (``None`` where there are none)."""
    if target.kind == "csv":
        return CsvWriter(names or (rows.names if rows else ()), target=target, excel_safe=excel_safe)
    if target.kind == "jsonl":
        return JsonWriter(target=target)
    pa = require("pyarrow", extra="files")
    own = rows.arrow(None).schema if rows else pa.schema([(name, pa.string()) for name in names])
    return ParquetWriter(own, column=column, model=model)


def packer(compression: str) -> Callable[[bytes], bytes]:
    """Return what packs the bytes of a chunk: gzip and zstd read packed pieces in a row as one."""
    if compression == "gzip":
        return lambda data: gzip.compress(data, compresslevel=6, mtime=0) if data else b""
    if compression == "zstd":
        zstandard = require("zstandard", extra="files")
        return lambda data: zstandard.ZstdCompressor(level=3).compress(data) if data else b""
    return lambda data: data


def _safe(cell: object) -> object:
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
