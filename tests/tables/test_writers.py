"""CSV that a spreadsheet opens, and other delimiters."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pytest

from coercion_detect import Detector, MissingExtraError
from coercion_detect.tables import ADDED, tag_file

PRESSING = "If you really loved me you would, everyone does it, or I will tell everyone your secret."


@pytest.mark.parametrize(("delimiter", "suffix"), [(";", ".csv"), ("tab", ".csv"), ("|", ".csv"), (None, ".tsv")])
def test_a_delimiter_parts_cells_in_and_out(
    detector: Detector, tmp_path: Path, delimiter: str | None, suffix: str
) -> None:
    part = {None: "\t", "tab": "\t"}.get(delimiter, delimiter) or ","
    source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    source.write_text(f"id{part}text\n1{part}{PRESSING}\n", encoding="utf-8")
    tag_file(source, target, detector=detector, delimiter=delimiter)
    with target.open(encoding="utf-8", newline="") as lines:
        (row,) = csv.DictReader(lines, delimiter=part, strict=True)
    assert list(row) == ["id", "text", *ADDED] and row["text"] == PRESSING
    found = detector.analyze(PRESSING)
    assert row["possible"] == ";".join(t.tactic.id for t in found.tags if t.decision == "possible")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
@pytest.mark.parametrize("safe", [True, False])
def test_a_cell_that_begins_a_formula_gets_an_apostrophe(
    detector: Detector, tmp_path: Path, start: str, safe: bool
) -> None:
    cell = f'{start}HYPERLINK("x")'
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": cell, "n": -5, cell: "a=b"}), encoding="utf-8")
    tag_file(tmp_path / "in.jsonl", tmp_path / "out.csv", detector=detector, excel_safe=safe)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as lines:
        header, row = csv.reader(lines, strict=True)
    wanted = "'" + cell if safe else cell
    assert (row[:3], header[2]) == ([wanted, "-5", "a=b"], wanted)


def test_numbers_of_json_keep_their_digits(detector: Detector, tmp_path: Path) -> None:
    line = '{"text": "a", "big": 123456789012345678901234567890, "digits": 1.10, "e": 1E5}'
    (tmp_path / "in.jsonl").write_text(line + "  \n", encoding="utf-8")
    tag_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", detector=detector)
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8").startswith(line[:-1] + ", ")


@pytest.mark.parametrize(
    ("module", "source", "target"),
    [
        ("pyarrow", "in.txt", "out.parquet"),
        ("pyarrow", "in.parquet", "out.csv"),
        ("zstandard", "in.txt", "out.csv.zst"),
        ("zstandard", "in.txt.zst", "out.csv"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, source: str, target: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / source).write_text("a\n", encoding="utf-8")
    with pytest.raises(MissingExtraError, match=rf"{module} is not installed.*coercion-detect\[files\]"):
        tag_file(tmp_path / source, tmp_path / target, detector=detector)
    assert [path.name for path in tmp_path.iterdir()] == [source]
