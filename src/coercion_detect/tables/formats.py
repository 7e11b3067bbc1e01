"""Which format a file has: by its name, or as the caller says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coercion_detect.errors import InputError

IN_FORMATS = ("csv", "jsonl", "text", "parquet")
OUT_FORMATS = ("csv", "jsonl", "parquet")
_BY_SUFFIX = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".txt": "text",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_SPELLED = {"tab": "\t", "\\t": "\t"}


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is written: ``kind`` is one of `IN_FORMATS`, ``compression`` is ``gzip``, ``zstd`` or empty."""

    kind: str
    compression: str = ""
    delimiter: str = ","

    @classmethod
    def of(cls, path: Path, *, given: str | None, allowed: tuple[str, ...], delimiter: str | None = None) -> Format:
        """Return the format of ``path``; what the caller gives goes before what the name says."""
        kind = format_of(path, given=given, allowed=allowed)
        compression = _COMPRESSIONS.get(path.suffix.lower(), "")
        if kind == "parquet" and compression:
            raise InputError(f"{path}: Parquet is compressed inside; give it a name without {path.suffix}.")
        usual = "\t" if bare(path).suffix.lower() == ".tsv" else ","
        return cls(kind, compression, usual if delimiter is None else read_delimiter(delimiter))


def bare(path: Path) -> Path:
    """Return ``path`` without the suffix of a compression."""
    return path.with_suffix("") if path.suffix.lower() in _COMPRESSIONS else path


def format_of(path: Path, *, given: str | None, allowed: tuple[str, ...]) -> str:
    """Return the format of a file, from the option or from its name."""
    found = given or _BY_SUFFIX.get(bare(path).suffix.lower())
    if found not in allowed:
        raise InputError(f"Cannot tell the format of {path}; name one of {', '.join(allowed)}.")
    return found


def read_delimiter(given: str) -> str:
    """Return the one character that parts cells; ``tab`` is a name for the tabulator."""
    found = _SPELLED.get(given, given)
    if len(found) != 1 or found in '"\r\n':
        raise InputError("The delimiter must be one character, such as ';' or tab, and no quote or line break.")
    return found
