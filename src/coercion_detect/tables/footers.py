"""Join Parquet files without decoding them: their pages are copied, and one footer lists all row groups.

The footer of Parquet is a Thrift structure in the compact protocol. It is read as nested fields whatever they mean,
so that nothing that a newer writer adds is lost; only the fields that hold a place in the file are moved.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

MAGIC = b"PAR1"
# Thrift's types in the compact protocol
_TRUE, _FALSE, _BYTE, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 6, 7, 8, 9, 10, 11, 12
# the fields of the format's parquet.thrift that matter here
_NUM_ROWS, _ROW_GROUPS = 3, 4  # FileMetaData
_COLUMNS, _GROUP_ROWS, _GROUP_OFFSET, _ORDINAL = 1, 3, 5, 7  # RowGroup
_CHUNK_OFFSETS, _META = (2, 4, 6), 3  # ColumnChunk: file, offset index, column index
_PAGE_OFFSETS = (9, 10, 11, 14)  # ColumnMetaData: data, index and dictionary page, bloom filter

Fields = dict[int, tuple[int, Any]]  # of one structure: number -> (type, value)


def split(file: bytes | memoryview) -> tuple[memoryview, bytes]:
    """Return the pages of a Parquet file and its footer."""
    view = memoryview(file)
    (length,) = struct.unpack("<I", view[-8:-4])
    return view[len(MAGIC) : -8 - length], bytes(view[-8 - length : -8])


def join(footers: Sequence[tuple[int, bytes]]) -> bytes:
    """Return the end of a file that holds the pages of many; each footer comes with the place of its pages.

    The schema and the metadata are those of the first footer; the caller sees to it that all have the same schema.
    """
    whole = _Source(footers[0][1]).structure()
    groups: list[Fields] = []
    for place, footer in footers:
        for group in _Source(footer).structure()[_ROW_GROUPS][1][1]:
            if not group[_GROUP_ROWS][1]:  # what a writer makes of no rows; it has no pages to point at
                continue
            _move(group, place - len(MAGIC))
            if _ORDINAL in group:
                group[_ORDINAL] = (group[_ORDINAL][0], len(groups))
                if len(groups) > 0x7FFF:  # the field is optional, and has no room for more
                    del group[_ORDINAL]
            groups.append(group)
    rows = sum(group[_GROUP_ROWS][1] for group in groups)
    whole[_NUM_ROWS] = (_I64, rows)
    whole[_ROW_GROUPS] = (_LIST, (_STRUCT, groups))
    target = _Target()
    target.structure(whole)
    return bytes(target.data) + struct.pack("<I", len(target.data)) + MAGIC


def _move(group: Fields, by: int) -> None:
    _shift(group, (_GROUP_OFFSET,), by)
    for chunk in group[_COLUMNS][1][1]:
        _shift(chunk, _CHUNK_OFFSETS, by)
        _shift(chunk[_META][1], _PAGE_OFFSETS, by)


def _shift(fields: Fields, numbers: Sequence[int], by: int) -> None:
    for number in numbers:
        if number in fields and fields[number][1] > 0:  # 0 stands for no place
            fields[number] = (fields[number][0], fields[number][1] + by)


@dataclass(slots=True)
class _Source:
    """Reads the compact protocol."""

    data: bytes
    at: int = 0

    def structure(self) -> Fields:
        fields: Fields = {}
        number = 0
        while head := self._byte():
            kind = head & 15
            number = number + (head >> 4) if head >> 4 else self._signed()
            # a truth value stands in the field's head
            fields[number] = (kind, kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind))
        return fields

    def _value(self, kind: int) -> Any:  # noqa: ANN401 as many types as Thrift has
        if kind == _STRUCT:
            return self.structure()
        if kind in (_LIST, _SET):
            head = self._byte()
            size = head >> 4 if head >> 4 < 15 else self._unsigned()
            return head & 15, [self._value(head & 15) for _ in range(size)]
        if kind == _BINARY:
            return self._take(self._unsigned())
        if kind == _DOUBLE:
            return self._take(8)
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind == _MAP:
            raise ValueError("no footer of Parquet has a map")
        return self._signed()

    def _take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)


@dataclass(slots=True)
class _Target:
    """Writes the compact protocol."""

    data: bytearray = field(default_factory=bytearray)

    def structure(self, fields: Fields) -> None:
        last = 0
        for number, (kind, value) in sorted(fields.items()):
            kind = (_TRUE if value else _FALSE) if kind in (_TRUE, _FALSE) else kind
            if 0 < number - last < 16:
                self.data.append((number - last) << 4 | kind)
            else:
                self.data.append(kind)
                self._signed(number)
            if kind not in (_TRUE, _FALSE):
                self._value(kind, value)
            last = number
        self.data.append(0)

    def _value(self, kind: int, value: Any) -> None:  # noqa: ANN401 as many types as Thrift has
        if kind == _STRUCT:
            self.structure(value)
        elif kind in (_LIST, _SET):
            of, items = value
            self.data.append(min(len(items), 15) << 4 | of)
            if len(items) > 14:
                self._unsigned(len(items))
            for item in items:
                self._value(of, item)
        elif kind == _BINARY:
            self._unsigned(len(value))
            self.data += value
        elif kind == _DOUBLE:
            self.data += value
        elif kind in (_TRUE, _FALSE, _BYTE):
            self.data.append(value)
        else:
            self._signed(value)

    def _unsigned(self, value: int) -> None:
        while value > 127:
            self.data.append(value & 127 | 128)
            value >>= 7
        self.data.append(value)

    def _signed(self, value: int) -> None:
        self._unsigned(value << 1 if value >= 0 else ((-value) << 1) - 1)
