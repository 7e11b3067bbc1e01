"""One file in, one file out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from coercion_detect.detector import Detector
from coercion_detect.errors import CoercionDetectError, DataError, InputError
from coercion_detect.tables.chunks import ADDED, GROUP_ROWS, LIVE_ROWS, ROWS, Chunk, Mark, Reader
from coercion_detect.tables.csv_reader import CsvReader
from coercion_detect.tables.formats import IN_FORMATS, OUT_FORMATS, Format
from coercion_detect.tables.line_readers import JsonReader, TextReader
from coercion_detect.tables.lines import open_lines
from coercion_detect.tables.parquet_reader import ParquetReader
from coercion_detect.tables.pipeline import Pipeline, Progress
from coercion_detect.tables.work import Counts, Work
from coercion_detect.tables.writers import make_writer
from coercion_detect.taxonomy import note


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
    whole = str(target) != "-" and (not target.exists() or target.is_file() or target.is_dir())
    _check_paths(source, target, resume=resume, whole=whole)
    stop = strict or not whole  # beside a stream there is no place for a side file
    size = _chunk_size(source, write_as, whole=whole)
    with ExitStack() as stack:
        taken = (*ADDED, "note") if write_as.kind == "jsonl" else ADDED
        reader = _open(stack, source, read_as, column=column, taken=taken)
        chunks = _checked(reader.chunks(size), source, stop=stop)
        waiting = [chunk for chunk in [next(chunks, None)] if chunk]
        writer = make_writer(
            next((chunk.rows for chunk in waiting if chunk.rows.texts), None),
            names=reader.names,
            target=write_as,
            column=column,
            model=detector.model.title,
            excel_safe=excel_safe,
        )
        pipeline = Pipeline(detector, writer, threads, reader.share, on_progress)
        if not whole:
            return pipeline.into_stream(_first_then(waiting, chunks), target)
        options = [column, read_as.kind, read_as.delimiter, write_as.kind, write_as.delimiter, excel_safe, keep_bad]
        work = Work(target, fingerprint=fingerprint(source, detector, options), resume=resume, keep_bad=keep_bad)
        try:
            if work.saved.mark != Mark():
                reader.seek(work.saved.mark)
                waiting, chunks = [], _checked(reader.chunks(size), source, stop=stop)
            counts = pipeline.into_file(_first_then(waiting, chunks), work)
        except DataError:
            work.close() if resume else work.discard()
            raise
        except (CoercionDetectError, KeyboardInterrupt):
            work.close()
            raise
    if write_as.kind == "csv":
        beside = target.with_name(target.name + ".note.txt")
        beside.write_text(f"{note()}\n\nModel: {detector.model.title}\n", encoding="utf-8", newline="\n")
    return counts


def fingerprint(source: Path, detector: Detector, options: list[Any]) -> dict[str, Any]:
    """Return what must be the same for a run to go on: input, model and options."""
    model = hashlib.sha256(detector.model.vocabulary)
    for array in (detector.model.quantized, detector.model.scales, detector.model.bias, detector.model.idf):
        model.update(array.tobytes())
    of_input: list[Any] = []
    if str(source) != "-":
        status = source.stat()
        of_input = [str(source.resolve()), status.st_size, status.st_mtime_ns]
    return {"format of the journal": 1, "input": of_input, "model": model.hexdigest(), "options": options}


def _chunk_size(source: Path, write_as: Format, *, whole: bool) -> int:
    if write_as.kind == "parquet":
        return GROUP_ROWS
    return LIVE_ROWS if str(source) == "-" or not whole else ROWS


def _open(stack: ExitStack, source: Path, read_as: Format, *, column: str, taken: tuple[str, ...]) -> Reader:
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


def _checked(chunks: Iterator[Chunk], source: Path, *, stop: bool) -> Iterator[Chunk]:
    for chunk in chunks:
        if chunk.bad and stop:
            raise DataError(chunk.bad[0].reason, path=str(source), line=chunk.bad[0].line)
        yield chunk


def _first_then(waiting: list[Chunk], chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    while waiting:
        yield waiting.pop()  # held nowhere else, so that it goes when it is done
    yield from chunks


def _check_paths(source: Path, target: Path, *, resume: bool, whole: bool) -> None:
    if str(source) != "-" and str(target) != "-" and source.resolve() == target.resolve():
        raise InputError("The output would overwrite the input; give it another name.")
    if source.is_dir():
        raise InputError(f"{source} is a folder; name a file, or tag its parts with: coercion-detect cluster")
    if str(target) != "-" and not target.parent.is_dir():
        raise InputError(f"The folder {target.parent} does not exist; make it first.")
    if resume and (str(source) == "-" or not whole):
        raise InputError("--resume needs a file to read and a file to write; a stream cannot be taken up again.")
