"""Packed files are the same files: gzip and zstd, in and out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from coercion_detect import DataError, Detector
from coercion_detect.tables import tag_file

zstandard = pytest.importorskip("zstandard")
ROWS = [{"text": f"Come on, you owe me {i}", "id": i} for i in range(40_000)]


def _pack(content: bytes, suffix: str) -> bytes:
    if suffix == ".gz":
        return gzip.compress(content)
    packed: bytes = zstandard.ZstdCompressor().compress(content)
    return packed if suffix == ".zst" else content


def _unpack(path: Path) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zst":
        with path.open("rb") as raw:
            found: bytes = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True).read()
        return found
    return path.read_bytes()


@pytest.mark.parametrize("into", ["", ".gz", ".zst"])
@pytest.mark.parametrize("out_of", ["", ".gz", ".zst"])
def test_packing_changes_nothing_in_the_file(detector: Detector, tmp_path: Path, out_of: str, into: str) -> None:
    content = "".join(json.dumps(row) + "\n" for row in ROWS[:500]).encode()
    plain, source, target = (tmp_path / f"{name}.jsonl" for name in ("plain", "in", "out"))
    plain.write_bytes(content)
    source = source.with_name(source.name + out_of)
    source.write_bytes(_pack(content, out_of))
    tag_file(plain, target, detector=detector)
    packed = tmp_path / f"packed.jsonl{into}"
    tag_file(source, packed, detector=detector)
    assert _unpack(packed) == target.read_bytes()


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_several_chunks_are_one_packed_file(detector: Detector, tmp_path: Path, suffix: str) -> None:
    source, target = tmp_path / f"in.jsonl{suffix}", tmp_path / f"out.jsonl{suffix}"
    source.write_bytes(_pack("".join(json.dumps(row) + "\n" for row in ROWS).encode(), suffix))
    assert tag_file(source, target, detector=detector, threads=2).rows == len(ROWS)
    assert [json.loads(line)["id"] for line in _unpack(target).splitlines()] == list(range(len(ROWS)))


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_packed_file_that_is_cut_short_is_an_error_and_not_a_shorter_file(
    detector: Detector, tmp_path: Path, suffix: str
) -> None:
    source = tmp_path / f"in.jsonl{suffix}"
    packed = _pack("".join(json.dumps(row) + "\n" for row in ROWS).encode(), suffix)
    source.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataError, match="damaged or cut short"):
        tag_file(source, tmp_path / "out.jsonl", detector=detector)
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_what_is_not_packed_is_named(detector: Detector, tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"in.jsonl{suffix}"
    source.write_bytes(b'{"text": "quokka"}\n')
    with pytest.raises(DataError, match="damaged or cut short") as caught:
        tag_file(source, tmp_path / "out.jsonl", detector=detector)
    assert "quokka" not in str(caught.value)
