"""A row that cannot be tagged is named and left aside; the rows around it are tagged as if it were not there."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from coercion_detect import DataError, Detector
from coercion_detect.inputs import MAX_CHARACTERS
from coercion_detect.tables import Counts, tag_file

MARKER = "quokka"
LONG = MARKER + "x" * MAX_CHARACTERS

CASES = [
    ("in.csv", f"id,text\n1,a\n2,b,{MARKER}\n3,c\n", ["a", "c"], [(3, "has 3 cells, not 2")]),
    ("in.csv", f'id,text\n1,"a"{MARKER}\n2,b\n', ["b"], [(2, "is not well-formed CSV")]),
    ("in.csv", f'id,text\n1,a\n2,"{MARKER}\n3,c\n4,d\n', ["a", "c", "d"], [(3, "is not well-formed CSV")]),
    ("in.csv", f'id,text\n1,"a\nb"\n"2\n{MARKER}"x,c\n4,d\n', ["a\nb", "d"], [(4, "is not well-formed CSV")]),
    ("in.csv", f"id,text\n1,{LONG}\n2,b\n", ["b"], [(2, "1,000,006 characters")]),
    ("in.csv", f"id,text\n1,{MARKER} caf".encode() + b"\xe9\n2,b\n", ["b"], [(2, "is not UTF-8 (byte 0xe9)")]),
    ("in.jsonl", f'{{"text": "a"}}\n{{"text": {MARKER}\n{{"text": "b"}}\n', ["a", "b"], [(2, "one JSON object")]),
    ("in.jsonl", f'{{"text": "a"}}\n{{"body": "{MARKER}"}}\n', ["a"], [(2, "has no field 'text'")]),
    ("in.jsonl", f'{{"text": "{MARKER} \\ud83d"}}\n{{"text": "b"}}\n', ["b"], [(1, "a lone surrogate at position 7")]),
    ("in.jsonl", f'{{"text": ["{MARKER}"]}}\n{{"text": "b"}}\n', ["b"], [(1, "must be a string, not list")]),
    ("in.txt", f"a\n{LONG}\nb\n", ["a", "b"], [(2, "1,000,006 characters")]),
    ("in.txt", b"a\n" + MARKER.encode() + b"\xff\nb\n\xfe\n", ["a", "b"], [(2, "0xff"), (4, "0xfe")]),
]


def _write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("name", "content", "texts", "bad"), CASES)
@pytest.mark.parametrize("keep", [False, True])
def test_a_bad_row_is_put_aside_and_named(
    detector: Detector,
    tmp_path: Path,
    name: str,
    content: str | bytes,
    texts: list[str],
    bad: list[tuple[int, str]],
    keep: bool,
) -> None:
    source, target = _write(tmp_path / name, content), tmp_path / "out.jsonl"
    counts = tag_file(source, target, detector=detector, keep_bad=keep)
    assert (counts.rows, counts.bad) == (len(texts), len(bad))
    assert [row["text"] for row in _lines(target)] == texts
    aside = _lines(tmp_path / "out.jsonl.bad.jsonl")
    assert [row["line"] for row in aside] == [line for line, _ in bad]
    assert all(reason in row["reason"] for row, (_, reason) in zip(aside, bad, strict=True))
    assert not any(MARKER in row["reason"] for row in aside)
    assert all(("content" in row) == keep for row in aside)
    assert any(MARKER in row["content"] for row in aside) if keep else MARKER not in str(aside)


@pytest.mark.parametrize(("name", "content", "texts", "bad"), CASES)
def test_strict_stops_at_the_first_bad_row(
    detector: Detector, tmp_path: Path, name: str, content: str | bytes, texts: list[str], bad: list[tuple[int, str]]
) -> None:
    source = _write(tmp_path / name, content)
    with pytest.raises(DataError) as caught:
        tag_file(source, tmp_path / "out.jsonl", detector=detector, strict=True)
    assert caught.value.line == bad[0][0] and bad[0][1] in str(caught.value) and MARKER not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_without_a_place_for_a_side_file_the_first_bad_row_stops(
    detector: Detector, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    source = _write(tmp_path / "in.txt", b"a\n\xff\n")
    with pytest.raises(DataError, match="line 2"):
        tag_file(source, Path("-"), detector=detector, target_format="jsonl")
    assert sys.stdout is not None


def test_a_file_of_nothing_but_bad_rows_gives_an_empty_one(detector: Detector, tmp_path: Path) -> None:
    source = _write(tmp_path / "in.csv", "id,text\n1\n2\n")
    assert tag_file(source, tmp_path / "out.csv", detector=detector) == Counts(0, 0, 0, 2)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as lines:
        assert len(list(csv.reader(lines))) == 1


def test_a_clean_run_takes_an_older_side_file_away(detector: Detector, tmp_path: Path) -> None:
    tag_file(_write(tmp_path / "in.txt", b"\xff\n"), tmp_path / "out.csv", detector=detector)
    assert (tmp_path / "out.csv.bad.jsonl").exists()
    tag_file(_write(tmp_path / "in.txt", b"a\n"), tmp_path / "out.csv", detector=detector)
    assert not (tmp_path / "out.csv.bad.jsonl").exists()


def test_bad_rows_in_every_chunk_keep_their_line_numbers(detector: Detector, tmp_path: Path) -> None:
    rows = [f"{i},hello" if i % 1000 else f"{i}" for i in range(1, 50_001)]
    source = _write(tmp_path / "in.csv", "\n".join(["id,text", *rows]))
    counts = tag_file(source, tmp_path / "out.csv", detector=detector, threads=2)
    assert counts == Counts(49_950, 0, 0, 50)
    aside = _lines(tmp_path / "out.csv.bad.jsonl")
    assert [row["line"] for row in aside] == [i + 1 for i in range(1000, 50_001, 1000)]
