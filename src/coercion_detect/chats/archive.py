"""From a path to sources: a file, the chats in a folder, or those in a zip archive, never unpacked to disk."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from coercion_detect.chats.chat import Source
from coercion_detect.errors import DataError, InputError

MAX_BYTES = 512 * 1024 * 1024
MAX_MEMBERS = 100_000
SUFFIXES = (".txt", ".json", ".jsonl", ".ndjson", ".xml", ".csv", ".md")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def sources(path: Path) -> tuple[list[Source], int]:
    """Return what may be a chat at ``path``, and how many other files lie beside it in its archive or folder."""
    try:
        if path.is_dir():
            found = _in_folder(path)
        elif zipfile.is_zipfile(path):
            found = _in_zip(path)
        else:
            return [Source(str(path), _utf_8(_limited(path), str(path)))], 0
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Check the path.") from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        reason = type(error).__name__
    else:
        return found
    raise DataError(f"is a damaged or unusual zip archive ({reason}). Download or zip it again.", path=str(path))


def _limited(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise DataError(_too_large(), path=str(path))
    return path.read_bytes()


def _too_large() -> str:
    return f"is larger than {MAX_BYTES // 1024**2} MB. Export the chat without media, or in parts."


def _in_folder(path: Path) -> tuple[list[Source], int]:
    files = [p for p in sorted(path.rglob("*")) if p.is_file() and not p.is_symlink()]
    wanted = [p for p in files if p.suffix.lower() in SUFFIXES]
    if sum(p.stat().st_size for p in wanted) > MAX_BYTES:
        raise DataError(_too_large(), path=str(path))
    # read_bytes within the loop: what is not UTF-8 is named by its own file
    return [Source(str(p), _utf_8(p.read_bytes(), str(p))) for p in wanted], len(files) - len(wanted)


def _in_zip(path: Path) -> tuple[list[Source], int]:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise DataError(f"holds more than {MAX_MEMBERS:,} files. Zip the chat alone.", path=str(path))
        for member in members:
            if _leaves(member.filename):
                raise DataError("holds a file whose path leads out of the archive; it is not opened.", path=str(path))
        wanted = [member for member in members if PurePosixPath(member.filename).suffix.lower() in SUFFIXES]
        found = list(_read(archive, wanted, path))
    return found, len(members) - len(wanted)


def _leaves(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or parts[0] == "" or parts[0].endswith(":")


def _read(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], path: Path) -> Iterator[Source]:
    left = MAX_BYTES
    for member in members:
        if member.flag_bits & 1:
            raise DataError("is locked with a password. Unlock it and zip it again without one.", path=str(path))
        with archive.open(member) as opened:
            data = opened.read(left + 1)  # not what the archive says of itself: that may be a lie
        left -= len(data)
        if left < 0:
            raise DataError(_too_large(), path=str(path))
        name = f"{path}/{member.filename}"
        yield Source(name, _utf_8(data, name))


def _utf_8(data: bytes, name: str) -> bytes:
    """Return the text as UTF-8 without a byte order mark; what is neither UTF-8 nor marked is a `DataError`."""
    number: int | None = 1
    bom, encoding = next(((bom, encoding) for bom, encoding in _BOMS if data.startswith(bom)), (b"", "utf-8"))
    data = data.removeprefix(bom)
    if encoding == "utf-8":
        bad = () if data.isascii() else (n for n, line in enumerate(io.BytesIO(data), 1) if not _decodes(line))
        number = next(iter(bad), None)
        if number is None:
            return data
    else:
        try:
            return data.decode(encoding).encode("utf-8")
        except UnicodeError:
            pass
    raise DataError("is not UTF-8 text. Export it again, or convert it to UTF-8.", path=name, line=number)


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
