"""Rows of cells, of JSON objects and of Arrow: the same three views of each."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from coercion_detect.errors import DataError, require


@dataclass(frozen=True, slots=True)
class CellRows:
    """Rows of CSV or of text lines: every cell is a string."""

    names: Sequence[str]
    column: int
    rows: Sequence[Sequence[str]]

    @property
    def texts(self) -> list[str | None]:
        """The text of each row."""
        return [row[self.column] for row in self.rows]

    def cells(self, names: Sequence[str]) -> Sequence[Sequence[object]]:
        """Return the rows as they are."""
        return self.rows

    def objects(self) -> list[str]:
        """Return one JSON object of strings a row, without its closing brace."""
        return [json.dumps(dict(zip(self.names, row, strict=True)), ensure_ascii=False)[:-1] for row in self.rows]

    def arrow(self, schema: Any) -> Any:  # noqa: ANN401 pyarrow is optional
        """Return an Arrow table of strings."""
        pa = require("pyarrow", extra="files")
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(self.names)
        return pa.table([pa.array(list(column), type=pa.string()) for column in columns], names=list(self.names))


@dataclass(frozen=True, slots=True)
class ObjectRows:
    """Rows of JSON lines: ``lines`` as they stood in the file, ``values`` as they were read."""

    path: str
    column: str
    lines: Sequence[str]
    values: Sequence[Mapping[str, Any]]

    @property
    def names(self) -> list[str]:
        """The fields of the first row."""
        return list(self.values[0]) if self.values else []

    @property
    def texts(self) -> list[str | None]:
        """The text of each row."""
        return [row[self.column] for row in self.values]

    def cells(self, names: Sequence[str]) -> Iterator[Sequence[object]]:
        """Yield plain cells; raise `DataError` for a row with other fields than ``names``."""
        wanted = set(names)
        for row in self.values:
            if row.keys() != wanted:
                raise DataError("rows have different fields; write JSON lines instead (--to jsonl).", path=self.path)
            yield [plain(row[name]) for name in names]

    def objects(self) -> list[str]:
        """Return the lines as they stood in the file, without their closing brace: no number changes its digits."""
        return [line.rstrip()[:-1] for line in self.lines]

    def arrow(self, schema: Any) -> Any:  # noqa: ANN401 pyarrow is optional
        """Return an Arrow table, its types found in these rows or given by ``schema``."""
        pa = require("pyarrow", extra="files")
        names = list(dict.fromkeys(name for row in self.values for name in row)) if schema is None else schema.names
        unknown = {name for row in self.values for name in row} - set(names)
        try:
            if unknown:
                raise ValueError
            columns = [
                _column(pa, [row.get(name) for row in self.values], None if schema is None else schema.field(name).type)
                for name in names
            ]
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            problem = DataError(
                "rows have fields of different names or types; write JSON lines instead (--to jsonl).", path=self.path
            )
        else:
            return pa.table(columns, names=names)
        raise problem  # outside the except block: Arrow's errors quote values


@dataclass(frozen=True, slots=True)
class ArrowRows:
    """Rows of Parquet: an Arrow table and the text of each row."""

    table: Any
    texts: Sequence[str | None]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        found: list[str] = self.table.column_names
        return found

    def cells(self, names: Sequence[str]) -> Sequence[Sequence[object]]:
        """Return plain cells."""
        columns = [[plain(value) for value in column.to_pylist()] for column in self.table.columns]
        return list(zip(*columns, strict=True))

    def objects(self) -> list[str]:
        """Return one JSON object a row, without its closing brace; what JSON has no type for becomes a string."""
        rows = self.table.to_pylist()
        return [json.dumps(row, ensure_ascii=False, default=_spelled)[:-1] for row in rows]

    def arrow(self, schema: Any) -> Any:  # noqa: ANN401 pyarrow is optional
        """Return the table as it is."""
        return self.table


def plain(value: object) -> object:
    """Return a value as one cell of CSV."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=_spelled)
    return _spelled(value) if isinstance(value, bytes | date | time) else value


def _spelled(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _column(pa: Any, values: list[Any], wanted: Any) -> Any:  # noqa: ANN401 pyarrow is optional
    try:
        array = pa.array(values, type=wanted)
    except UnicodeEncodeError:  # a lone surrogate stays what JSON calls it
        array = pa.array([_escaped(value) for value in values], type=wanted)
    if wanted is None and pa.types.is_null(array.type):
        return array.cast(pa.string())
    return array


def _escaped(value: Any) -> Any:  # noqa: ANN401 any JSON value
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return {_escaped(k): _escaped(v) for k, v in value.items()} if isinstance(value, dict) else value
