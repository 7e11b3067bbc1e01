"""Files in, files out: CSV, JSON lines and plain text lines, tagged row by row in bounded memory.

Every column stays as it was, in order. Added are ``likely`` and ``possible`` (ids, ``;``-separated),
``framing``, ``read``, one ``score_<tactic>`` per tactic, and ``model``. JSON lines carry the ``note`` in
each row; beside a CSV file it stands in ``<name>.note.txt``.
The output appears under its name only when it is complete.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from coercion_detect.analysis import Analysis
from coercion_detect.detector import Detector
from coercion_detect.errors import DataError, InputError
from coercion_detect.inputs import MAX_CHARACTERS, check_text
from coercion_detect.taxonomy import TACTICS, note

IN_FORMATS = ("csv", "jsonl", "text")
OUT_FORMATS = ("csv", "jsonl")
_BY_SUFFIX = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".txt": "text"}
ADDED = ("likely", "possible", "framing", "read", *(f"score_{t}" for t in TACTICS), "model")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were tagged, how many of them had no text, and how many were not read."""

    rows: int
    without_text: int
    not_read: int


def format_of(path: Path, *, given: str | None, allowed: tuple[str, ...]) -> str:
    """Return the format of a file, from the option or from its name."""
    found = given or _BY_SUFFIX.get(path.suffix.lower())
    if found not in allowed:
        raise InputError(f"Cannot tell the format of {path}; name one of {', '.join(allowed)}.")
    return found


def tag_file(
    source: Path,
    target: Path,
    *,
    detector: Detector,
    column: str = "text",
    source_format: str | None = None,
    target_format: str | None = None,
    on_row: Callable[[int], None] = lambda _: None,
) -> Counts:
    """Tag every row of ``source`` ('-' is standard input) and write ``target`` ('-' is standard output).

    ``on_row`` is told how many rows are done. Raises `DataError` with the line of the first bad row;
    the target is then left as it was.
    """
    read_as = format_of(source, given=source_format, allowed=IN_FORMATS)
    write_as = format_of(target, given=target_format, allowed=OUT_FORMATS)
    if str(source) != "-" and str(target) != "-" and source.resolve() == target.resolve():
        raise InputError("The output would overwrite the input; give it another name.")
    rows_done = without_text = not_read = 0
    with reading(source) as lines, _writing(target) as out:
        header, rows = _READERS[read_as](lines, str(source), column)
        write = _csv_writer(out, str(source), header) if write_as == "csv" else _jsonl_writer(out, str(source))
        for row, analysis in _analyzed(rows, detector, column, str(source)):
            write(row | _columns(row, analysis, str(source)), analysis)
            rows_done += 1
            without_text += not row[column]
            not_read += bool(row[column]) and not analysis.read
            on_row(rows_done)
    if write_as == "csv" and target.is_file():
        beside = target.with_name(target.name + ".note.txt")
        beside.write_text(f"{note()}\n\nModel: {detector.model.title}\n", encoding="utf-8", newline="\n")
    return Counts(rows_done, without_text, not_read)


def _analyzed(
    rows: Iterable[tuple[int, Row]], detector: Detector, column: str, name: str
) -> Iterator[tuple[Row, Analysis]]:
    pending: list[Row] = []

    def texts() -> Iterator[str]:
        for line, row in rows:
            text = row[column] if row[column] is not None else ""
            try:
                check_text(text)
            except InputError as error:
                raise DataError(str(error), path=name, line=line) from None
            pending.append(row)
            yield text

    for analysis in detector.analyze_many(texts()):
        yield pending.pop(0), analysis


def _columns(row: Row, analysis: Analysis, name: str) -> Row:
    taken = [c for c in ADDED if c in row]
    if taken:
        raise DataError(f"has a column {taken[0]!r} already; rename it first.", path=name)
    by_decision = {
        decision: ";".join(tag.tactic.id for tag in analysis.tags if tag.decision == decision)
        for decision in ("likely", "possible")
    }
    scores = {f"score_{t}": round(score, 4) for t, score in analysis.scores.items()}
    return {
        **by_decision,
        "framing": analysis.framing,
        "read": analysis.read,
        **scores,
        "model": analysis.model,
    }


# A reader gives the names of the columns, as far as they are known beforehand, and numbered rows.
_Table = tuple[list[str], Iterator[tuple[int, Row]]]


def read_csv(lines: TextIO, name: str, column: str) -> _Table:
    """Return the columns and numbered rows of a CSV file; raise `DataError` for the first line that is wrong."""
    csv.field_size_limit(10 * MAX_CHARACTERS)  # its default refuses a long text as malformed
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, None)
    except csv.Error as error:
        raise DataError(f"is not well-formed CSV ({error}).", path=name, line=1) from None
    if header is None or column not in header:
        # not their names: without a header, the first line is somebody's text
        has = f"line 1 has {len(header)} others" if header else "it is empty"
        raise DataError(f"has no column {column!r}; {has}. Name the right one with --text.", path=name, line=1)
    if len(set(header)) != len(header):
        raise DataError("two columns share one name; rename one.", path=name, line=1)

    def rows() -> Iterator[tuple[int, Row]]:
        start = reader.line_num + 1
        try:
            for cells in reader:
                if cells:
                    if len(cells) != len(header):
                        raise DataError(f"has {len(cells)} cells, not {len(header)}.", path=name, line=start)
                    yield start, dict(zip(header, cells, strict=True))
                start = reader.line_num + 1
        except csv.Error as error:
            raise DataError(f"is not well-formed CSV ({error}).", path=name, line=start) from None

    return header, rows()


def read_jsonl(lines: TextIO, name: str, column: str) -> _Table:
    """Return the numbered rows of a JSON lines file; raise `DataError` for the first line that is wrong."""
    return [], _jsonl_rows(lines, name, column)


def _jsonl_rows(lines: TextIO, name: str, column: str) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise DataError("is not one JSON object; write one object a line.", path=name, line=number)
        if column not in row:
            raise DataError(f"has no field {column!r}; name the right one with --text.", path=name, line=number)
        yield number, row


def read_text(lines: TextIO, name: str, column: str) -> _Table:
    """Return each line of a text file as a row of one column."""
    return [column], ((n, {column: line.removesuffix("\n").removesuffix("\r")}) for n, line in enumerate(lines, 1))


_READERS = {"csv": read_csv, "jsonl": read_jsonl, "text": read_text}


def _csv_writer(out: TextIO, name: str, columns: list[str]) -> Callable[[Row, Analysis], None]:
    writer = csv.writer(out, lineterminator="\n")
    header = [*columns, *ADDED] if columns else []
    if header:
        writer.writerow(header)

    def write(row: Row, _: Analysis) -> None:
        if not header:
            header.extend(row)
            writer.writerow(header)
        if row.keys() != set(header):
            raise DataError("rows have different fields; write JSON lines instead (--to jsonl).", path=name)
        writer.writerow(_cell(row[field]) for field in header)

    return write


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _jsonl_writer(out: TextIO, name: str) -> Callable[[Row, Analysis], None]:
    def write(row: Row, analysis: Analysis) -> None:
        if "note" in row:
            raise DataError("has a column 'note' already; rename it first, or write CSV.", path=name)
        out.write(json.dumps(row | {"note": analysis.note}, ensure_ascii=False) + "\n")

    return write


@contextmanager
def reading(source: Path) -> Iterator[TextIO]:
    """Open the input as UTF-8, and say so in our own words where it is not."""
    try:
        raw = sys.stdin.buffer if str(source) == "-" else source.open("rb")
    except OSError as error:
        raise InputError(f"{source} cannot be read ({error.strerror}). Check the path.") from None
    lines = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
    try:
        yield lines
    except UnicodeDecodeError as error:
        problem = DataError(
            f"is not UTF-8 (byte 0x{error.object[error.start]:02x}); convert it first.", path=str(source)
        )
    else:
        return
    finally:
        if str(source) == "-":
            lines.detach()
        else:
            lines.close()
    raise problem


@contextmanager
def _writing(target: Path) -> Iterator[TextIO]:
    """Write beside the target and move the finished file into its place."""
    if str(target) == "-":
        yield sys.stdout
        return
    if not target.parent.is_dir():
        raise InputError(f"The folder {target.parent} does not exist; make it first.")
    whole = not target.exists() or target.is_file()  # a pipe or a device takes lines as they come
    part = target.with_name(f".{target.name}.{os.getpid()}.part") if whole else target
    try:
        # backslashreplace: a lone surrogate in another field stays what JSON calls it
        with part.open("w", encoding="utf-8", errors="backslashreplace", newline="") as out:
            yield out
        if whole:
            part.replace(target)
    except OSError as error:
        raise InputError(f"{target} cannot be written ({error.strerror}). Check the path.") from None
    finally:
        if whole:
            part.unlink(missing_ok=True)
