"""A file that grows beside its target until it is complete, and the journal that lets a killed run go on.

Beside ``out.csv`` stand ``.out.csv.part`` and ``.out.csv.journal``. The journal's first line is the fingerprint of
input, model and options; each further line says what has safely reached the disk. What a killed run wrote after its
last line is cut off when the next run goes on.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from coercion_detect.errors import InputError
from coercion_detect.tables.chunks import BadRow, Mark
from coercion_detect.tables.writers import Part

_SECONDS = 1.0  # between two lines of the journal: what a kill costs at most, and waiting for the disk a little


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were tagged, how many of them had no text or were not read, and how many were put aside."""

    rows: int
    without_text: int
    not_read: int
    bad: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(_numbers(self), _numbers(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Saved:
    """What has reached the disk: up to which place of the input, how many bytes of output and of the side file."""

    mark: Mark
    counts: Counts
    out: int = 0
    bad: int = 0
    footer: tuple[int, bytes] | None = None
    complete: bool = False

    def line(self) -> str:
        """Return the journal's line."""
        place, footer = self.footer or (0, b"")
        fields: list[Any] = [self.mark.offset, self.mark.line, *_numbers(self.counts), self.out, self.bad]
        return json.dumps([*fields, place, base64.b64encode(footer).decode("ascii"), self.complete]) + "\n"

    @classmethod
    def read(cls, line: str) -> Saved:
        """Return what a journal's line says."""
        offset, number, rows, without, unread, aside, out, bad, place, footer, complete = json.loads(line)
        parts = (place, base64.b64decode(footer)) if footer else None
        return cls(Mark(offset, number), Counts(rows, without, unread, aside), out, bad, parts, complete)


class Work:
    """Writes the output of one run. ``saved`` is where a run goes on that was stopped before."""

    def __init__(self, target: Path, *, fingerprint: dict[str, Any], resume: bool, keep_bad: bool) -> None:
        self._target, self._keep = target, keep_bad
        self._part = target.with_name(f".{target.name}.part")
        self._journal = target.with_name(f".{target.name}.journal")
        self._bad = target.with_name(f".{target.name}.bad.part")
        self._footers: list[tuple[int, bytes]] = []
        self.saved = Saved(Mark(), Counts(0, 0, 0))
        self._streams: list[BinaryIO] = []
        self._waiting: list[str] = []  # lines of the journal that are true once the disk has everything
        self._synced = time.monotonic()
        try:
            before = self._read_journal(fingerprint) if resume else []
            if target.is_dir():
                raise InputError(f"{target} is a folder; name a file.")
            self._open(fingerprint, before)
        except OSError as error:
            self.close()
            raise _unwritable(target, error) from None
        except InputError:
            self.close()
            raise

    def begin(self, head: bytes) -> None:
        """Write what comes before the first part, unless a run before this one has."""
        if not self.saved.out:
            self._add(Part(head), b"", Mark(), Counts(0, 0, 0))

    def add(self, part: Part, *, bad: Sequence[BadRow], mark: Mark, counts: Counts) -> None:
        """Write a part and the bad rows that stood in it, and note that they are there."""
        self._add(part, b"".join(row.json(keep=self._keep) for row in bad), mark, counts)

    def finish(self, tail: Callable[[], bytes]) -> None:
        """Write the end, if no run before has, and give the files their names."""
        if not self.saved.complete:
            self._add(Part(tail()), b"", self.saved.mark, Counts(0, 0, 0), complete=True)
        self.close()
        aside = self._target.with_name(f"{self._target.name}.bad.jsonl")
        try:
            if self._part.exists():
                self._part.replace(self._target)
            if self.saved.bad:
                if self._bad.exists():
                    self._bad.replace(aside)
            else:
                self._bad.unlink(missing_ok=True)
                aside.unlink(missing_ok=True)  # of an earlier run, and no longer true
            _sync_folder(self._target.parent)
            self._journal.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self._target, error) from None

    @property
    def footers(self) -> list[tuple[int, bytes]]:
        """The place and the footer of every part so far."""
        return self._footers

    def discard(self) -> None:
        """Remove everything: there is nothing that a later run could go on from."""
        self._waiting.clear()
        self.close()
        for path in (self._part, self._bad, self._journal):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close what is open, and leave it where it is, for a run that goes on."""
        with suppress(OSError):
            if self._waiting:
                self._sync()
        for stream in self._streams:
            with suppress(OSError):
                stream.close()

    def _open(self, fingerprint: dict[str, Any], before: list[Saved]) -> None:
        if before:
            self.saved = before[-1]
            self._footers = [saved.footer for saved in before if saved.footer]
            if self.saved.complete and not self._part.exists():
                return  # the run before was stopped after the output had got its name
        for path, size in ((self._part, self.saved.out), (self._bad, self.saved.bad)):
            stream = path.open("r+b" if before and path.exists() else "w+b")
            self._streams.append(stream)
            if not self._alone(stream):
                raise InputError(f"Another run is writing {self._target}; wait for it, or choose another name.")
            if os.fstat(stream.fileno()).st_size < size:
                raise InputError(f"What the run before wrote beside {self._target} is gone; run without --resume.")
            stream.truncate(size)
            stream.seek(size)
        stream = self._journal.open("w+b")
        self._streams.append(stream)
        lines = [json.dumps(fingerprint) + "\n", *(saved.line() for saved in before)]
        stream.write("".join(lines).encode())
        _sync(stream)

    def _read_journal(self, fingerprint: dict[str, Any]) -> list[Saved]:
        try:
            text = self._journal.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        lines = text.splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n")]
        if not whole:
            return []
        try:
            then = json.loads(whole[0])
            before = [Saved.read(line) for line in whole[1:]]
        except ValueError:
            raise InputError(f"The journal {self._journal} is damaged; run without --resume.") from None
        changed = [name for name, value in fingerprint.items() if then.get(name) != value]
        if changed:
            raise InputError(
                f"The run that was stopped had another {' and another '.join(changed)}; "
                "use the same again, or begin anew without --resume."
            )
        return before

    def _add(self, part: Part, bad: bytes, mark: Mark, counts: Counts, *, complete: bool = False) -> None:
        out, aside, _ = self._streams
        try:
            out.write(part.data)
            aside.write(bad)
            footer = (self.saved.out, part.footer) if part.footer else None
            size, size_bad = self.saved.out + len(part.data), self.saved.bad + len(bad)
            self.saved = Saved(mark, self.saved.counts + counts, size, size_bad, footer, complete)
            if footer:
                self._footers.append(footer)
            self._waiting.append(self.saved.line())
            if complete or time.monotonic() - self._synced > _SECONDS:
                self._sync()
        except OSError as error:
            raise InputError(
                f"{self._target} cannot be written on ({error.strerror}). Make room, then go on with --resume."
            ) from None

    def _sync(self) -> None:
        """Bring everything to the disk, and only then say in the journal that it is there."""
        out, aside, journal = self._streams
        _sync(out)
        _sync(aside)
        journal.write("".join(self._waiting).encode())
        _sync(journal)
        self._waiting.clear()
        self._synced = time.monotonic()

    @staticmethod
    def _alone(stream: BinaryIO) -> bool:
        try:
            import fcntl
        except ImportError:  # not on this system
            return True
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks
            return True
        return True


def _numbers(counts: Counts) -> list[int]:
    return [counts.rows, counts.without_text, counts.not_read, counts.bad]


def _sync(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not every system lets a folder be opened
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _unwritable(target: Path, error: OSError) -> InputError:
    return InputError(f"{target} cannot be written ({error.strerror}). Check the path.")
