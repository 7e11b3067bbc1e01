"""Texts with labels from any CSV, JSON lines or Parquet file: the caller says which column is what.

Labels that are not ours are mapped by the caller; a label mapped to nothing is left out, an unknown one is
an error that names file and line. No message repeats a text.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coercion_detect.errors import DataError, InputError, require
from coercion_detect.inputs import check_text
from coercion_detect.tables import format_of, read_csv, read_jsonl, reading
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS

FORMATS = ("csv", "jsonl", "parquet")
_KINDS = {"tactic": TACTICS, "act": ACTS, "framing": FRAMINGS}
_TRUTH = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}
_LABEL = re.compile(r"[\w.:/-]{1,40}")
_MAP_HELP = "Map it with --map theirs=ours, or leave it out with --map theirs="


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what; ``None`` takes the usual name where the file has it, ``""`` takes none.

    Without a column ``tactics``, columns named after tactics and acts (or mapped to them) hold 0 or 1.
    """

    text: str = "text"
    tactics: str | None = None
    acts: str | None = None
    framing: str | None = None
    group: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Labelled texts: ``tactics`` (n, 12), ``acts`` (n, 2) or ``None``, ``framing`` (n,) or ``None``.

    ``known`` (12,) says which tactics were labelled at all; ``framing`` is a number in `FRAMINGS`, -1 where
    it was not given. ``groups`` numbers the groups, and ``sha256`` is that of the file.
    """

    name: str
    sha256: str
    texts: list[str]
    ids: tuple[str, ...]
    tactics: NDArray[np.bool_]
    known: NDArray[np.bool_]
    acts: NDArray[np.bool_] | None
    framing: NDArray[np.intp] | None
    groups: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.texts)


def read_mapping(pairs: Sequence[str] = (), *, file: Path | None = None) -> dict[str, str]:
    """Read ``theirs=ours`` pairs, and before them a file: a JSON object, or CSV with two cells a line.

    Nothing (or ``null``) on our side leaves the label out. Raises `InputError` for a label that is not ours.
    """
    found = {} if file is None else dict(_mapping_file(file))
    for number, pair in enumerate(pairs, 1):
        theirs, equals, ours = pair.rpartition("=")
        if not equals or not theirs.strip():
            raise InputError(f"--map number {number} is not of the form theirs=ours.")
        found[theirs.strip()] = ours.strip()
    allowed = (*TACTICS, *ACTS, *FRAMINGS)
    for number, ours in enumerate(found.values(), 1):
        if ours and ours not in allowed:
            raise InputError(f"Mapping number {number} leads to no label of ours; use one of {', '.join(allowed)}.")
    return found


def load_labelled(
    path: Path,
    *,
    columns: Columns = Columns(),
    mapping: Mapping[str, str] | None = None,
    file_format: str | None = None,
) -> Labelled:
    """Read a labelled file; raise `DataError` for the first line that is wrong.

    Parquet needs the extra ``research`` (`MissingExtraError` without it).
    """
    parquet = path.suffix.lower() in (".parquet", ".pq")
    kind = "parquet" if parquet and file_format is None else format_of(path, given=file_format, allowed=FORMATS)
    try:
        with path.open("rb") as raw:
            sha256 = hashlib.file_digest(raw, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}). Check the path.", path=str(path)) from None
    with ExitStack() as stack:
        if kind == "parquet":
            rows = _read_parquet(path, columns.text)
        else:
            lines = stack.enter_context(reading(path))
            _, rows = (read_csv if kind == "csv" else read_jsonl)(lines, str(path), columns.text)
        first = next(rows, None)
        if first is None:
            raise DataError("has no rows.", path=str(path))
        reader = _Reader(path, columns, mapping or {}, first[1])
        for line, row in chain([first], rows):
            reader.add(line, row)
    return reader.finish(sha256)


class _Reader:
    """Turns rows into arrays; which columns there are is settled by the first row."""

    def __init__(self, path: Path, columns: Columns, mapping: Mapping[str, str], first: Mapping[str, Any]) -> None:
        self._path, self._mapping, self._text = path, mapping, columns.text
        named = {name: getattr(columns, name) for name in ("tactics", "acts", "framing", "group", "id")}
        self._column = {name: self._find(name, given, first) for name, given in named.items()}
        if columns.text in (self._column["tactics"], self._column["acts"], self._column["framing"]):
            raise InputError("One column cannot hold both the texts and their labels; check --text and --tactics.")
        one_each = {name: mapping.get(name, name) for name in first if name != columns.text}
        self._one_each = {} if self._column["tactics"] else {c: o for c, o in one_each.items() if o in TACTICS}
        if not self._one_each and not self._column["tactics"]:
            raise DataError(
                "has neither a column of tactics nor one column a tactic; name it with --tactics, or map columns "
                "with --map theirs=ours.",
                path=str(path),
            )
        acts_apart = {c: o for c, o in one_each.items() if o in ACTS and self._one_each}
        self._acts_each = {} if self._column["acts"] else acts_apart
        self._known = np.array([bool(self._column["tactics"]) or t in self._one_each.values() for t in TACTICS])
        self._texts: list[str] = []
        self._ids: list[str] = []
        self._tactics: list[frozenset[str]] = []
        self._acts: list[frozenset[str]] = []
        self._framing: list[int] = []
        self._groups: list[tuple[str, str]] = []

    def _find(self, name: str, given: str | None, first: Mapping[str, Any]) -> str | None:
        if given is None:
            return name if name in first else None
        if given and given not in first:
            raise DataError(f"has no column for --{name} under that name.", path=str(self._path), line=1)
        return given or None

    def add(self, line: int, row: Mapping[str, Any]) -> None:
        """Take one row in."""
        text = row[self._text] if row[self._text] is not None else ""
        try:
            check_text(text)
        except InputError as error:
            raise self._wrong(str(error), line) from None
        self._texts.append(text)
        if self._column["tactics"]:
            self._tactics.append(self._labels("tactic", row, self._column["tactics"], line))
        else:
            self._tactics.append(self._ones(row, self._one_each, line))
        if self._column["acts"]:
            self._acts.append(self._labels("act", row, self._column["acts"], line))
        elif self._acts_each:
            self._acts.append(self._ones(row, self._acts_each, line))
        if self._column["framing"]:
            framing = self._labels("framing", row, self._column["framing"], line)
            if len(framing) > 1:
                raise self._wrong("has more than one framing; give one.", line)
            self._framing.append(FRAMINGS.index(next(iter(framing))) if framing else -1)
        number = str(len(self._texts))
        group, own_id = (_plain(row.get(self._column[name] or "")) for name in ("group", "id"))
        self._groups.append(("group", group) if group else ("row", number))
        self._ids.append(own_id or number)

    def finish(self, sha256: str) -> Labelled:
        """Return everything that was taken in."""
        numbers: dict[tuple[str, str], int] = {}
        return Labelled(
            name=self._path.name,
            sha256=sha256,
            texts=self._texts,
            ids=tuple(self._ids),
            tactics=_table(self._tactics, TACTICS),
            known=self._known,
            acts=_table(self._acts, ACTS) if self._acts else None,
            framing=np.array(self._framing, dtype=np.intp) if self._framing else None,
            groups=np.array([numbers.setdefault(g, len(numbers)) for g in self._groups], dtype=np.intp),
        )

    def _labels(self, kind: str, row: Mapping[str, Any], column: str, line: int) -> frozenset[str]:
        if column not in row:
            raise self._wrong(f"has no field for the {kind}s; give an empty one where there is none.", line)
        cell = row[column]
        if isinstance(cell, str) and cell.lstrip().startswith("["):
            try:
                cell = json.loads(cell)
            except (ValueError, RecursionError):
                raise self._wrong(f"the {kind}s are no JSON list.", line) from None
        parts = cell.split(";") if isinstance(cell, str) else [] if _plain(cell) == "" else cell
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            raise self._wrong(f"the {kind}s must be ids with ';' between them, or a list of ids.", line)
        found = set()
        for number, part in enumerate(parts, 1):
            label = part.strip()
            ours = self._mapping.get(label, label)
            if ours and ours not in _KINDS[kind]:
                # a long or wordy label may be somebody's text in a wrong column: it is counted, not repeated
                said = repr(label) if _LABEL.fullmatch(label) and label not in row[self._text] else f"number {number}"
                raise self._wrong(
                    f"label {said} is no {kind}; the {kind}s are {', '.join(_KINDS[kind])}. {_MAP_HELP} "
                    f'(or give --{kind if kind == "framing" else kind + "s"} "" to leave the column out).',
                    line,
                )
            found.add(ours)
        return frozenset(found - {""})

    def _ones(self, row: Mapping[str, Any], columns: Mapping[str, str], line: int) -> frozenset[str]:
        found = set()
        for column, ours in columns.items():
            truth = _TRUTH.get(str(row.get(column)).strip().lower())
            if truth is None:
                raise self._wrong(f"the column for {ours} must hold 0 or 1.", line)
            if truth:
                found.add(ours)
        return frozenset(found)

    def _wrong(self, message: str, line: int) -> DataError:
        return DataError(message, path=str(self._path), line=line)


def _mapping_file(path: Path) -> Iterator[tuple[str, str]]:
    try:
        content = path.read_text(encoding="utf-8-sig")
        pairs = json.loads(content).items() if path.suffix.lower() == ".json" else csv.reader(content.splitlines())
        for theirs, ours in pairs:
            if (theirs, ours) != ("theirs", "ours"):
                yield theirs.strip(), (ours or "").strip()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Check the path.") from None
    except (ValueError, AttributeError, csv.Error):
        raise InputError(
            f"{path} is no mapping: write a JSON object, or CSV lines of two cells, theirs,ours."
        ) from None


def _read_parquet(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    parquet = require("pyarrow.parquet", extra="research")
    try:
        with parquet.ParquetFile(path) as file:
            if text not in file.schema_arrow.names:
                raise DataError(f"has no column {text!r}; name the right one with --text.", path=str(path))
            rows = chain.from_iterable(batch.to_pylist() for batch in file.iter_batches(batch_size=1024))
            yield from enumerate(rows, 1)
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError("is no Parquet file that can be read.", path=str(path)) from None


def _plain(cell: object) -> str:
    """Return a cell as words; nothing, and pandas' 'not a number' for nothing, are empty."""
    return "" if cell is None or cell != cell else str(cell).strip()


def _table(labels: Sequence[frozenset[str]], names: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([[name in found for name in names] for found in labels], dtype=bool).reshape(-1, len(names))
