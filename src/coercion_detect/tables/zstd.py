"""zstd read as a stream: the package's own reader takes a file that was cut short for a whole one."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from coercion_detect.errors import require

_PIECE = 1 << 14  # packed bytes at a time: small, as they may be many when they are unpacked


class ZstdStream(io.RawIOBase):
    """The unpacked bytes of a file of one or more frames. Raises `EOFError` where a frame has no end."""

    def __init__(self, packed: BinaryIO) -> None:
        self._zstandard = require("zstandard", extra="files")
        self._packed = packed
        self._frame: Any = None  # what unpacks the frame that has begun
        self._rest = b""  # packed bytes behind the end of a frame
        self._ready = memoryview(b"")
        self._place = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that one can go to a place in it, if slowly."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 any buffer of bytes
        """Fill ``buffer`` as far as there are bytes; return how many."""
        while not self._ready:
            piece = self._rest or self._packed.read(_PIECE)
            if not piece:
                if self._frame is not None:
                    raise EOFError("a frame has no end")
                return 0
            self._unpack(piece)
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        self._place += size
        return size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to ``offset``, from the beginning where it lies behind: a compressed stream has no other way."""
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("only from the beginning")
        if offset < self._place:
            self._restart()
        while self._place < offset:
            if not self.readinto(bytearray(min(offset - self._place, 1 << 16))):
                raise EOFError("ends before the place")
        return self._place

    def tell(self) -> int:
        """Return how many bytes have been unpacked and read."""
        return self._place

    def _restart(self) -> None:
        self._packed.seek(0)
        self._frame, self._rest, self._ready, self._place = None, b"", memoryview(b""), 0

    def _unpack(self, piece: bytes) -> None:
        try:
            self._frame = self._frame or self._zstandard.ZstdDecompressor().decompressobj()
            self._ready = memoryview(self._frame.decompress(piece))
        except self._zstandard.ZstdError:
            damaged = True
        else:
            damaged = False
        if damaged:
            raise OSError("no zstd")  # outside the except block: one error is enough
        self._rest = self._frame.unused_data if self._frame.eof else b""
        self._frame = None if self._frame.eof else self._frame
