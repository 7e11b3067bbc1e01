"""Chunks in, bytes out: several chunks are scored at once while the one before is written."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from coercion_detect.detector import Detector
from coercion_detect.parallel import in_order
from coercion_detect.tables.chunks import BadRow, Chunk, Mark
from coercion_detect.tables.results import find
from coercion_detect.tables.work import Counts, Work
from coercion_detect.tables.writers import Part, Writer

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: rows done, rows a second, and the share of the input from 0 to 1 (``None``: unknown)."""

    rows: int
    rate: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Scored:
    """What is left of a chunk once it is bytes; its rows are not held until they are written."""

    part: Part
    bad: tuple[BadRow, ...]
    after: Mark
    counts: Counts


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What every chunk goes through; ``share`` says how much of the input has been read."""

    detector: Detector
    writer: Writer
    threads: int
    share: Callable[[], float | None]
    on_progress: Callable[[Progress], None]

    def into_file(self, chunks: Iterable[Chunk], work: Work) -> Counts:
        """Write what is not yet written of a file, and give it its name."""
        if not work.saved.complete:
            tell = self._teller(work.saved.counts.rows)
            work.begin(self.writer.head())
            for scored in self._scored(chunks):
                work.add(scored.part, bad=scored.bad, mark=scored.after, counts=scored.counts)
                tell(work.saved.counts.rows)
        work.finish(lambda: self.writer.tail(work.footers))
        return work.saved.counts

    def into_stream(self, chunks: Iterable[Chunk], target: Path) -> Counts:
        """Write into what takes bytes as they come and has no name to be moved to: a pipe, or standard output."""
        out = sys.stdout.buffer if str(target) == "-" else target.open("wb")
        counts, place = Counts(0, 0, 0), 0
        footers: list[tuple[int, bytes]] = []
        tell = self._teller(0)

        def write(data: bytes | memoryview) -> None:
            nonlocal place
            out.write(data)
            out.flush()
            place += len(data)

        try:
            write(self.writer.head())
            for scored in self._scored(chunks):
                if scored.part.footer:
                    footers.append((place, scored.part.footer))
                write(scored.part.data)
                counts += scored.counts
                tell(counts.rows)
            write(self.writer.tail(footers))
        finally:
            if str(target) != "-":
                out.close()
        return counts

    def _scored(self, chunks: Iterable[Chunk]) -> Iterator[Scored]:
        return in_order(self._score, chunks, threads=self.threads)

    def _score(self, chunk: Chunk) -> Scored:
        if not chunk.rows.texts:
            return Scored(Part(b""), chunk.bad, chunk.after, Counts(0, 0, 0, len(chunk.bad)))
        results = find(chunk.rows.texts, detector=self.detector)
        counts = Counts(len(results.read), results.without_text, results.not_read, len(chunk.bad))
        return Scored(self.writer.part(chunk.rows, results), chunk.bad, chunk.after, counts)

    def _teller(self, before: int) -> Callable[[int], None]:
        start = time.perf_counter()

        def tell(rows: int) -> None:
            seconds = max(time.perf_counter() - start, 1e-9)
            self.on_progress(Progress(rows, (rows - before) / seconds, self.share()))

        return tell
