"""Lines of a file as bytes, plain or compressed, with their numbers and the way back to where one begins."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from coercion_detect.errors import DataError, InputError
from coercion_detect.tables.zstd import ZstdStream

LONGEST = 64 * 1024 * 1024  # bytes of one line; more than that is no row but a missing line break


class BadLineError(Exception):
    """Say why a line is no text; it is caught by the readers, which name the line."""


class Lines:
    """The lines of a stream of bytes, one by one; ``number`` and ``offset`` are what has been read so far."""

    def __init__(self, stream: BinaryIO, *, name: str, raw: BinaryIO | None = None) -> None:
        self.name = name
        self.number = 0
        self.offset = 0
        self._stream, self._raw = stream, raw or stream
        self._pending: deque[bytes] = deque()

    def read(self) -> bytes:
        r"""Return the next line with its end (``\n``, ``\r\n`` or ``\r``), or nothing after the last."""
        line = self._pending.popleft() if self._pending else self._fetch()
        self.number += bool(line)
        self.offset += len(line)
        return line

    def text(self, line: bytes) -> str:
        """Return ``line`` as a string; the mark at the beginning of some files is no part of it."""
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            reason = f"is not UTF-8 (byte 0x{line[error.start]:02x}); convert it first."
        raise BadLineError(reason)  # outside the except block: the decoding error quotes the text

    def push_back(self, lines: Sequence[bytes]) -> None:
        """Take lines back, to be read again."""
        self._pending.extendleft(reversed(lines))
        self.number -= len(lines)
        self.offset -= sum(map(len, lines))

    def seek(self, *, offset: int, number: int) -> None:
        """Go to a place where a line begins."""
        self._pending.clear()
        try:
            self._stream.seek(offset)
        except (EOFError, OSError, ValueError, zlib.error):
            raise DataError("ends before the place to go on from; run without --resume.", path=self.name) from None
        self.offset, self.number = offset, number

    def place(self) -> int:
        """Return how many bytes of the file itself have been read, compressed ones where it is compressed."""
        return self._raw.tell()

    def _fetch(self) -> bytes:
        line = self._readline()
        if self.number == 0 and line[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise DataError(
                f"is not UTF-8 (byte 0x{line[0]:02x}, it looks like UTF-16); convert it first.", path=self.name, line=1
            )
        if len(line) >= LONGEST and not line.endswith(b"\n"):
            self._skip_rest(len(line))
        if 0 <= line.find(b"\r") < len(line) - 2:  # lines that end with \r alone
            line, *rest = line.splitlines(keepends=True)
            self._pending.extend(rest)
        return line

    def _skip_rest(self, length: int) -> None:
        while piece := self._readline():
            length += len(piece)
            if piece.endswith(b"\n"):
                break
        self.number += 1
        self.offset += length
        raise BadLineError(f"The line has {length:,} bytes; the most for one line is {LONGEST:,}.")

    def _readline(self) -> bytes:
        try:
            return self._stream.readline(LONGEST)
        except (EOFError, OSError, zlib.error) as error:
            kind = type(error).__name__
        raise DataError(
            f"cannot be read on ({kind}); it is damaged or cut short.", path=self.name, line=self.number + 1
        )


@contextmanager
def open_lines(source: Path, *, compression: str = "") -> Iterator[Lines]:
    """Open a file ('-' is standard input) for reading line by line."""
    if str(source) == "-":
        yield Lines(cast(BinaryIO, sys.stdin.buffer), name="-")
        return
    try:
        raw = source.open("rb")
    except OSError as error:
        raise InputError(f"{source} cannot be read ({error.strerror}). Check the path.") from None
    with raw, _decompressed(raw, compression) as stream:
        yield Lines(stream, name=str(source), raw=raw)


def _decompressed(raw: BinaryIO, compression: str) -> BinaryIO:
    if compression == "gzip":
        return cast(BinaryIO, gzip.open(raw))
    return cast(BinaryIO, io.BufferedReader(ZstdStream(raw), 1 << 18)) if compression == "zstd" else raw
