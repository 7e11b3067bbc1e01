"""One file in, one file out: reading, scoring and writing, each at its own pace and all in bounded memory."""

from __future__ import annotations

import hashlib
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from coercion_detect.detector import Detector
from coercion_detect.errors import CoercionDetectError, DataError, InputError
from coercion_detect.tables.chunks import ADDED, GROUP_ROWS, LIVE_ROWS, ROWS, Chunk, Mark, Reader
from coercion_detect.tables.csv_reader import CsvReader
from coercion_detect.tables.formats import IN_FORMATS, OUT_FORMATS, Format
from coercion_detect.tables.line_readers import JsonReader, TextReader
from coercion_detect.tables.lines import open_lines
from coercion_detect.tables.parquet_reader import ParquetReader
from coercion_detect.tables.results import find
from coercion_detect.tables.work import Counts, Work
from coercion_detect.tables.writers import Part, Writer, make_writer
from coercion_detect.taxonomy import note

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: rows done, rows a second, and the share of the input from 0 to 1 (``None``: unknown)."""

    rows: int
    rate: float
    share: float | None


def tag_file(
    source: Path,
    target: Path,
    *,
    detector: Detector,
    column: str = "text",
    source_format: str | None = None,
    target_format: str | None = None,
    delimiter: str | None = None,
    excel_safe: bool = False,
    resume: bool = False,
    strict: bool = False,
    keep_bad: bool = False,
    threads: int = 1,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Counts:
    """Tag every row of ``source`` ('-' is standard input) and write ``target`` ('-' is standard output).

    A row that cannot be tagged is named in ``<target>.bad.jsonl``, with what it holds where ``keep_bad``; with
    ``strict``, and where the target is no file, the first one raises `DataError` and the target is left as it was.
    With ``resume``, a run that was stopped goes on where it was.
    """
    read_as = Format.of(source, given=source_format, allowed=IN_FORMATS, delimiter=delimiter)
    write_as = Format.of(target, given=target_format, allowed=OUT_FORMATS, delimiter=delimiter)
    whole = str(target) != "-" and (not target.exists() or not _is_stream(target))
    _check_paths(source, target, resume=resume, whole=whole)
    taken = (*ADDED, "note") if write_as.kind == "jsonl" else ADDED
    live = write_as.kind != "parquet" and (str(source) == "-" or not whole)
    size = GROUP_ROWS if write_as.kind == "parquet" else LIVE_ROWS if live else ROWS
    with ExitStack() as stack:
        reader = _open(stack, source, read_as, column, taken)
        chunks = reader.chunks(size)
        first = _checked(next(chunks, None), source, strict or not whole)
        writer = make_writer(
            first.rows if first and first.rows.texts else None,
            names=reader.names,
            target=write_as,
            column=column,
            model=detector.model.title,
            excel_safe=excel_safe,
        )
        run = _Run(detector, writer, threads, lambda chunk: _checked(chunk, source, strict or not whole), on_progress)
        if not whole:
            return _stream(stack, target, run, chain([first] if first else [], chunks), reader)
        options: dict[str, Any] = {
            "column": column,
            "formats": [read_as.kind, write_as.kind, read_as.delimiter, write_as.delimiter],
        }
        options |= {"excel_safe": excel_safe, "keep_bad": keep_bad}
        work = Work(target, fingerprint=_fingerprint(source, detector, options), resume=resume, keep_bad=keep_bad)
        try:
            if work.saved.mark != Mark():
                reader.seek(work.saved.mark)
                first, chunks = None, reader.chunks(size)
            done = _write(work, run, chain([first] if first else [], chunks), reader)
        except CoercionDetectError:
            work.close() if resume else work.discard()
            raise
        except KeyboardInterrupt:
            work.close()
            raise
    if write_as.kind == "csv":
        beside = target.with_name(target.name + ".note.txt")
        beside.write_text(f"{note()}\n\nModel: {detector.model.title}\n", encoding="utf-8", newline="\n")
    return done


@dataclass(frozen=True, slots=True)
class _Run:
    detector: Detector
    writer: Writer
    threads: int
    check: Callable[[Chunk | None], Chunk | None]
    on_progress: Callable[[Progress], None]

    def parts(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Part, Counts]]:
        """Score and encode chunks, several at once, and yield them in order."""
        return in_order(self._part, (chunk for chunk in chunks if self.check(chunk)), threads=self.threads)

    def _part(self, chunk: Chunk) -> tuple[Chunk, Part, Counts]:
        if not chunk.rows.texts:
            return chunk, Part(b""), Counts(0, 0, 0, len(chunk.bad))
        results = find(chunk.rows.texts, detector=self.detector)
        counts = Counts(len(results.read), results.without_text, results.not_read, len(chunk.bad))
        return chunk, self.writer.part(chunk.rows, results), counts


def _write(work: Work, run: _Run, chunks: Iterable[Chunk], reader: Reader) -> Counts:
    if not work.saved.complete:
        clock = _Clock(work.saved.counts.rows, run.on_progress, reader)
        work.begin(run.writer.head())
        for chunk, part, counts in run.parts(chunks):
            work.add(part, bad=chunk.bad, mark=chunk.after, counts=counts)
            clock.tell(work.saved.counts.rows)
    work.finish(lambda: run.writer.tail(work.footers))
    return work.saved.counts


def _stream(stack: ExitStack, target: Path, run: _Run, chunks: Iterable[Chunk], reader: Reader) -> Counts:
    """Write into what takes bytes as they come and has no name to be moved to: a pipe, or standard output."""
    out = sys.stdout.buffer if str(target) == "-" else stack.enter_context(target.open("wb"))
    clock = _Clock(0, run.on_progress, reader)
    totals, place, footers = [0, 0, 0], 0, []

    def write(data: bytes | memoryview) -> None:
        nonlocal place
        out.write(data)
        out.flush()
        place += len(data)

    write(run.writer.head())
    for _, part, counts in run.parts(chunks):
        if part.footer:
            footers.append((place, part.footer))
        write(part.data)
        totals = [totals[0] + counts.rows, totals[1] + counts.without_text, totals[2] + counts.not_read]
        clock.tell(totals[0])
    write(run.writer.tail(footers))
    return Counts(*totals)


def in_order(function: Callable[[S], T], items: Iterable[S], *, threads: int) -> Iterator[T]:
    """Yield ``function`` of each item, in order; ``threads`` are at work while the caller uses the one before."""
    if threads < 2:
        yield from map(function, items)
        return
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


class _Clock:
    def __init__(self, rows: int, told: Callable[[Progress], None], reader: Reader) -> None:
        self._before, self._told, self._reader, self._start = rows, told, reader, time.perf_counter()

    def tell(self, rows: int) -> None:
        seconds = max(time.perf_counter() - self._start, 1e-9)
        self._told(Progress(rows, (rows - self._before) / seconds, self._reader.share()))


def _open(stack: ExitStack, source: Path, read_as: Format, column: str, taken: tuple[str, ...]) -> Any:  # noqa: ANN401
    if read_as.kind == "parquet":
        reader = ParquetReader(source, column=column, taken=taken)
        stack.callback(reader.close)
        return reader
    lines = stack.enter_context(open_lines(source, compression=read_as.compression))
    size = source.stat().st_size if str(source) != "-" and source.is_file() else None
    if read_as.kind == "csv":
        return CsvReader(lines, column=column, delimiter=read_as.delimiter, size=size, taken=taken)
    kind = JsonReader if read_as.kind == "jsonl" else TextReader
    return kind(lines, column=column, size=size, taken=taken)


def _checked(chunk: Chunk | None, source: Path, stop: bool) -> Chunk | None:
    if chunk and chunk.bad and stop:
        raise DataError(chunk.bad[0].reason, path=str(source), line=chunk.bad[0].line)
    return chunk


def _check_paths(source: Path, target: Path, *, resume: bool, whole: bool) -> None:
    if str(source) != "-" and str(target) != "-" and source.resolve() == target.resolve():
        raise InputError("The output would overwrite the input; give it another name.")
    if source.is_dir():
        raise InputError(f"{source} is a folder; name a file, or tag its parts with the command cluster.")
    if str(target) != "-" and not target.parent.is_dir():
        raise InputError(f"The folder {target.parent} does not exist; make it first.")
    if resume and (str(source) == "-" or not whole):
        raise InputError("--resume needs a file to read and a file to write; a stream cannot be taken up again.")


def _is_stream(path: Path) -> bool:
    """Say whether a path is a pipe or a device, which takes bytes as they come."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _fingerprint(source: Path, detector: Detector, options: dict[str, Any]) -> dict[str, Any]:
    model = hashlib.sha256(detector.model.quantized.tobytes())
    for array in (detector.model.scales, detector.model.bias, detector.model.idf):
        model.update(array.tobytes())
    of_input: list[Any] = []
    if str(source) != "-":
        status = source.stat()
        of_input = [str(source.resolve()), status.st_size, status.st_mtime_ns]
    return {"format": 1, "input": of_input, "model": model.hexdigest(), "options": options}
