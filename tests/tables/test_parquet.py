"""Parquet in and out: types kept, missing texts counted, parts joined into one file that anything can read."""

from __future__ import annotations

import datetime as dt
import decimal
import json
from pathlib import Path
from typing import Any

import pytest

from coercion_detect import DataError, Detector, InputError
from coercion_detect.inputs import MAX_CHARACTERS
from coercion_detect.tables import ADDED, Counts, Progress, run, tag_file
from coercion_detect.tables.footers import join, split
from coercion_detect.taxonomy import TACTICS, note

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
PRESSING = "If you like me, you would do this for me!"
PLAIN = "The train was late again, so we had soup at the station."


def _table() -> Any:  # noqa: ANN401
    return pa.table(
        {
            "id": pa.array([1, 2, None], pa.int16()),
            "when": pa.array([dt.datetime(2024, 1, 2, 3, 4, 5), None, dt.datetime(1999, 1, 1)], pa.timestamp("us")),
            "text": [PRESSING, None, PLAIN],
            "price": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("2.00")], pa.decimal128(9, 2)),
            "list": [[1, 2], [], None],
            "kind": pa.array(["a", "b", "a"]).dictionary_encode(),
            "raw": [b"\x00", b"", None],
        }
    ).replace_schema_metadata({"theirs": "kept"})


def _tagged(detector: Detector, folder: Path, table: Any, target: str = "out.parquet", **options: Any) -> Path:  # noqa: ANN401
    pq.write_table(table, folder / "in.parquet")
    tag_file(folder / "in.parquet", folder / target, detector=detector, **options)
    return folder / target


def test_own_columns_keep_order_types_and_values(detector: Detector, tmp_path: Path) -> None:
    given = _table()
    found = pq.read_table(_tagged(detector, tmp_path, given))
    assert found.column_names == [*given.column_names, *ADDED]
    assert found.select(given.column_names).cast(given.schema).equals(given)
    assert found.schema.metadata[b"theirs"] == b"kept"


def test_added_columns_are_what_the_detector_finds(detector: Detector, tmp_path: Path) -> None:
    found = pq.read_table(_tagged(detector, tmp_path, _table())).to_pylist()
    for row, text in ((found[0], PRESSING), (found[2], PLAIN)):
        analysis = detector.analyze(text)
        for decision in ("likely", "possible"):
            assert row[decision] == ";".join(t.tactic.id for t in analysis.tags if t.decision == decision)
        assert (row["framing"], row["read"], row["model"]) == (analysis.framing, analysis.read, analysis.model)
        assert [row[f"score_{name}"] for name in TACTICS] == pytest.approx(list(analysis.scores.values()), abs=1e-6)


def test_a_missing_text_has_empty_results_and_is_counted(detector: Detector, tmp_path: Path) -> None:
    pq.write_table(_table(), tmp_path / "in.parquet")
    counts = tag_file(tmp_path / "in.parquet", tmp_path / "out.parquet", detector=detector)
    assert counts == Counts(rows=3, without_text=1, not_read=0)
    row = pq.read_table(tmp_path / "out.parquet").to_pylist()[1]
    assert (row["likely"], row["possible"], row["framing"], row["read"]) == ("", "", None, False)
    assert {row[f"score_{name}"] for name in TACTICS} == {None}


def test_the_note_stands_in_the_metadata(detector: Detector, tmp_path: Path) -> None:
    said = json.loads(pq.read_schema(_tagged(detector, tmp_path, _table())).metadata[b"coercion_detect"])
    assert said == {"model": detector.model.title, "note": note()}


def test_parquet_becomes_json_and_csv(detector: Detector, tmp_path: Path) -> None:
    lines = _tagged(detector, tmp_path, _table(), "out.jsonl").read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0])
    shown = {"id": 1, "when": "2024-01-02T03:04:05", "price": "1.50", "list": [1, 2], "kind": "a", "raw": "AA=="}
    assert {name: first[name] for name in shown} == shown
    header, row, *_ = _tagged(detector, tmp_path, _table(), "out.csv").read_text(encoding="utf-8").splitlines()
    assert header.split(",")[:3] == ["id", "when", "text"]
    assert row.startswith(f'1,2024-01-02T03:04:05,"{PRESSING}",1.50,"[1, 2]",a,AA==,')


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.csv", f'id,text\n007,"{PRESSING}"\n,b\n'),
        ("in.jsonl", f'{{"id": "007", "text": "{PRESSING}"}}\n{{"id": "", "text": "b"}}\n'),
    ],
)
def test_lines_become_parquet(detector: Detector, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    tag_file(tmp_path / name, tmp_path / "out.parquet", detector=detector)
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["id"].to_pylist() == ["007", ""] and found["text"].to_pylist() == [PRESSING, "b"]


def test_fields_of_json_find_their_types(detector: Detector, tmp_path: Path) -> None:
    rows = [{"text": "a", "n": 1, "x": None, "o": {"b": [1.5]}}, {"n": 2, "text": "b"}, {"text": None, "x": "\ud83d"}]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    tag_file(tmp_path / "in.jsonl", tmp_path / "out.parquet", detector=detector)
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["n"].to_pylist() == [1, 2, None] and found["x"].to_pylist() == [None, None, "\\ud83d"]
    assert found["o"].to_pylist() == [{"b": [1.5]}, None, None]


def test_rows_of_other_types_later_in_the_file_are_refused(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "GROUP_ROWS", 2)
    (tmp_path / "in.jsonl").write_text('{"text": "a", "n": 1}\n' * 2 + '{"text": "b", "n": "quokka"}', encoding="utf-8")
    with pytest.raises(DataError, match="write JSON lines instead") as caught:
        tag_file(tmp_path / "in.jsonl", tmp_path / "out.parquet", detector=detector)
    assert "quokka" not in str(caught.value) and caught.value.__context__ is None
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize("kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.string()])
def test_any_kind_of_string_is_text(detector: Detector, tmp_path: Path, kind: Any) -> None:  # noqa: ANN401
    found = pq.read_table(_tagged(detector, tmp_path, pa.table({"text": pa.array([PRESSING, None]).cast(kind)})))
    assert found["read"].to_pylist() == [True, False]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (pa.table({"body": ["a"]}), "has no column 'text'"),
        (pa.table({"text": [1]}), "holds int64, not text"),
        (pa.table({"text": ["a"], "model": ["b"]}), "has a column 'model' already"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(detector: Detector, tmp_path: Path, table: Any, says: str) -> None:  # noqa: ANN401
    with pytest.raises(DataError, match=says):
        _tagged(detector, tmp_path, table)
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_what_is_no_parquet_is_refused(detector: Detector, tmp_path: Path) -> None:
    (tmp_path / "in.parquet").write_text("text\nquokka\n", encoding="utf-8")
    with pytest.raises(DataError, match="is no Parquet file") as caught:
        tag_file(tmp_path / "in.parquet", tmp_path / "out.parquet", detector=detector)
    assert "quokka" not in str(caught.value)


def test_parquet_does_not_come_from_standard_input(detector: Detector, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="save it as a file first"):
        tag_file(Path("-"), tmp_path / "out.csv", detector=detector, source_format="parquet")


def test_a_text_that_is_too_long_or_no_utf_8_is_put_aside(detector: Detector, tmp_path: Path) -> None:
    damaged = pa.array([b"fine", b"quokka \xff", b"x" * (MAX_CHARACTERS + 1), None]).view(pa.string())
    target = _tagged(detector, tmp_path, pa.table({"id": [1, 2, 3, 4], "text": damaged}))
    assert pq.read_table(target)["id"].to_pylist() == [1, 4]
    aside = [json.loads(x) for x in (tmp_path / "out.parquet.bad.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["line"], row["reason"].split()[0]) for row in aside] == [(2, "is"), (3, "The")]


@pytest.mark.parametrize("rows", [0, 1, 999, 1000, 1001, 20_500])
def test_row_groups_are_joined_into_one_file(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(run, "GROUP_ROWS", 1000)
    table = pa.table({"id": pa.array(range(rows), pa.int64()), "text": pa.array(["hi"] * rows, pa.string())})
    target = _tagged(detector, tmp_path, table, threads=2)
    found = pq.ParquetFile(target)
    assert found.metadata.num_rows == rows
    assert found.metadata.num_row_groups == -(-rows // 1000)
    assert found.read()["id"].to_pylist() == list(range(rows))
    if rows:
        last = found.metadata.row_group(found.metadata.num_row_groups - 1).column(0).statistics
        assert last.max == rows - 1


def test_joining_one_file_gives_the_same_file(tmp_path: Path) -> None:
    pq.write_table(_table(), tmp_path / "a.parquet", write_page_index=True)
    content = (tmp_path / "a.parquet").read_bytes()
    pages, footer = split(content)
    assert b"PAR1" + bytes(pages) + join([(4, footer)]) == content


def test_one_large_row_group_is_read_in_pieces(detector: Detector, tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["hello there"] * 100_000}), tmp_path / "in.parquet", row_group_size=100_000)
    told: list[Progress] = []
    tag_file(tmp_path / "in.parquet", tmp_path / "out.jsonl", detector=detector, on_progress=told.append)
    assert len(told) > 3 and told[-1].share == 1.0
