"""What readers hand on: some rows, the bad ones among them, and the place where the next rows begin."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from coercion_detect.errors import DataError
from coercion_detect.taxonomy import TACTICS

ADDED = ("likely", "possible", "framing", "read", *(f"score_{t}" for t in TACTICS), "model")
ROWS = 16_384  # rows of a chunk where lines are written
GROUP_ROWS = 32_768  # rows of a chunk where Parquet is written: each chunk is a row group
LIVE_ROWS = 256  # rows of a chunk where somebody may be waiting for the first ones
CHUNK_CHARACTERS = 16_000_000  # of text in a chunk: long texts make small chunks


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the input: ``offset`` in (unpacked) bytes, or rows of Parquet; ``line`` numbers what lies before."""

    offset: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be tagged: where it begins, why, and what it holds (kept only on request)."""

    line: int
    reason: str
    content: str

    def json(self, *, keep: bool) -> bytes:
        """Return the row's line in the side file."""
        said: dict[str, Any] = {"line": self.line, "reason": self.reason}
        return (json.dumps(said | ({"content": self.content} if keep else {}), ensure_ascii=True) + "\n").encode()


class Rows(Protocol):
    """Rows of any format; the three methods give the columns as the three outputs need them."""

    @property
    def texts(self) -> Sequence[str | None]:
        """The text of each row, ``None`` where there is none."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """The names of the columns, in order."""
        ...

    def cells(self, names: Sequence[str]) -> Sequence[Sequence[object]]:
        """Return one sequence of cells a row, in the order of ``names``."""
        ...

    def objects(self) -> list[str]:
        """Return one JSON object a row, without its closing brace."""
        ...

    def arrow(self, schema: Any) -> Any:  # noqa: ANN401 pyarrow is optional
        """Return an Arrow table of ``schema``, or of a schema that fits these rows where it is ``None``."""
        ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that belong together, the bad rows that stood among them, and the place after the last."""

    rows: Rows
    bad: tuple[BadRow, ...]
    after: Mark


class Reader(Protocol):
    """A file that can be read in chunks, from the beginning or from a mark."""

    @property
    def names(self) -> Sequence[str]:
        """The names of the columns as far as they are known before the first row."""
        ...

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Yield chunks of at most ``size`` rows."""
        ...

    def seek(self, mark: Mark) -> None:
        """Go on from a mark."""
        ...

    def share(self) -> float | None:
        """Return how much of the file has been read, from 0 to 1; ``None`` where that is unknown."""
        ...


def check_names(names: Collection[str], *, path: str, taken: Collection[str] = ADDED) -> None:
    """Raise `DataError` for a column that has the name of one that is added."""
    for name in sorted(set(taken).intersection(names)):
        other = ", or write CSV" if name == "note" else ""
        raise DataError(f"has a column {name!r} already; rename it first{other}.", path=path)
