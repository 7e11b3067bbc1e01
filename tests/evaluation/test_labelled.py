from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coercion_detect import DataError, InputError, MissingExtraError
from coercion_detect.evaluation.labelled import Columns, Labelled, load_labelled, read_mapping
from coercion_detect.taxonomy import TACTICS

MARKER = "quokka"  # stands in every text; no message may repeat it
ROWS: list[dict[str, Any]] = [
    {"text": f"you owe me after the {MARKER} tour", "tactics": "obligation;leaving", "group": "g1"},
    {"text": f"the {MARKER} tour starts at ten", "tactics": "", "group": "g1"},
    {"text": f"come on, forget the {MARKER} and stay", "tactics": "persistence", "group": ""},
]


def csv_file(folder: Path, content: str, name: str = "own.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return path


def names(found: Labelled, row: int) -> set[str]:
    return {t for t, there in zip(TACTICS, found.tactics[row], strict=True) if there}


def as_csv(folder: Path) -> Path:
    lines = ["text,tactics,group", *(f'"{r["text"]}",{r["tactics"]},{r["group"]}' for r in ROWS)]
    return csv_file(folder, "\n".join(lines) + "\n")


def as_jsonl(folder: Path) -> Path:
    rows = [r | {"tactics": [t for t in r["tactics"].split(";") if t], "group": r["group"] or None} for r in ROWS]
    return csv_file(folder, "".join(json.dumps(r) + "\n" for r in rows), "own.jsonl")


def as_parquet(folder: Path) -> Path:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.Table.from_pylist([r | {"tactics": r["tactics"].split(";")} for r in ROWS])
    pyarrow.parquet.write_table(table, folder / "own.parquet")
    return folder / "own.parquet"


@pytest.mark.parametrize("write", [as_csv, as_jsonl, as_parquet])
def test_every_format_gives_the_same_labels(tmp_path: Path, write: Any) -> None:  # noqa: ANN401
    found = load_labelled(write(tmp_path))
    assert [names(found, i) for i in range(3)] == [{"obligation", "leaving"}, set(), {"persistence"}]
    assert found.groups.tolist() == [0, 0, 1]
    assert found.ids == ("1", "2", "3") and found.texts[1] == ROWS[1]["text"]
    assert found.known.all() and found.acts is None and found.framing is None
    assert len(found.sha256) == 64


def test_a_json_list_in_a_csv_cell_is_read(tmp_path: Path) -> None:
    found = load_labelled(csv_file(tmp_path, 'text,tactics\nhi,"[""force"", ""leaving""]"\nhello,[]\n'))
    assert [names(found, 0), names(found, 1)] == [{"force", "leaving"}, set()]


def test_one_column_a_label_leaves_the_others_unknown(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "text,force,debt,refusal,mood\nhi,0,1,0,sad\nno,1,0.0,TRUE,glad\n")
    found = load_labelled(path, mapping=read_mapping(["debt=obligation"]))
    assert [names(found, 0), names(found, 1)] == [{"obligation"}, {"force"}]
    assert {t for t, known in zip(TACTICS, found.known, strict=True) if known} == {"obligation", "force"}
    assert found.acts is not None and found.acts.tolist() == [[False, False], [True, False]]


def test_acts_framing_and_ids_are_read_under_any_name(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "nr,msg,tags,does,told\nx7,hi,,request,addressed\nx8,no,force,refusal;request,\n")
    found = load_labelled(path, columns=Columns("msg", tactics="tags", acts="does", framing="told", id="nr"))
    assert found.ids == ("x7", "x8")
    assert found.acts is not None and found.acts.tolist() == [[False, True], [True, True]]
    assert found.framing is not None and found.framing.tolist() == [0, -1]


def test_labels_are_mapped_and_those_mapped_to_nothing_left_out(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "text,tactics\nhi,debt;other\nhello,other\n")
    found = load_labelled(path, mapping=read_mapping(["debt=obligation", "other="]))
    assert [names(found, 0), names(found, 1)] == [{"obligation"}, set()]


@pytest.mark.parametrize(
    ("name", "content"),
    [("map.json", '{"debt": "obligation", "other": null}'), ("map.csv", "theirs,ours\ndebt,obligation\nother,\n")],
)
def test_a_mapping_file_and_pairs_go_together(tmp_path: Path, name: str, content: str) -> None:
    found = read_mapping(["a=b=force"], file=csv_file(tmp_path, content, name))
    assert found == {"debt": "obligation", "other": "", "a=b": "force"}


@pytest.mark.parametrize(
    ("pairs", "content", "message"),
    [
        (["debt"], None, "not of the form"),
        (["=force"], None, "not of the form"),
        (["debt=money"], None, "no label of ours"),
        ([], "[1]", "is no mapping"),
        ([], "{", "is no mapping"),
        ([], '{"a": 1}', "is no mapping"),
    ],
)
def test_a_wrong_mapping_says_what_to_do(tmp_path: Path, pairs: list[str], content: str | None, message: str) -> None:
    file = None if content is None else csv_file(tmp_path, content, "map.json")
    with pytest.raises(InputError, match=message):
        read_mapping(pairs, file=file)


WRONG: dict[str, tuple[str, Columns, int | None, str]] = {
    "an unknown label": (f"text,tactics\n{MARKER},\n{MARKER},debt\n", Columns(), 3, "'debt' is no tactic.*--map"),
    "texts as labels": (f"text,b\nx,a {MARKER} here\n", Columns(tactics="b"), 2, "number 1 is no tactic"),
    "a text of one word": (f"text,b\n{MARKER},{MARKER}\n", Columns(tactics="b"), 2, "number 1 is no tactic"),
    "an act as a tactic": ("text,tactics\nx,request\n", Columns(), 2, "'request' is no tactic"),
    "an unknown framing": ("text,tactics,framing\nx,,said\n", Columns(), 2, '--framing ""'),
    "two framings": ("text,tactics,framing\nx,,addressed;general\n", Columns(), 2, "more than one framing"),
    "a broken list": (f'text,tactics\nx,"[{MARKER}"\n', Columns(), 2, "no JSON list"),
    "no 0 or 1": (f"text,force\nx,1\ny,{MARKER}\n", Columns(), 3, "must hold 0 or 1"),
    "no labels": (f"text,{MARKER}\nx,1\n", Columns(), None, "name it with --tactics"),
    "no such column": ("text,tactics\nx,\n", Columns(group="g"), 1, "no column for --group"),
    "no text column": (f"{MARKER},tactics\nx,\n", Columns(), 1, "no column 'text'"),
    "no rows": ("text,tactics\n", Columns(), None, "no rows"),
    "too few cells": ("text,tactics\nx\n", Columns(), 2, "has 1 cells"),
    "an empty file": ("", Columns(), 1, "no column"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_line_is_named_and_no_text_repeated(tmp_path: Path, kind: str) -> None:
    content, columns, line, message = WRONG[kind]
    path = csv_file(tmp_path, content)
    with pytest.raises(DataError, match=message) as caught:
        load_labelled(path, columns=columns)
    assert caught.value.line == line
    assert str(path) in str(caught.value) and MARKER not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": 5, "tactics": []}', "must be a string"),
        ('{"text": "x"}', "no field for the tactics"),
        ('{"text": "x", "tactics": 3}', "list of ids"),
        ('{"text": "x", "tactics": [3]}', "list of ids"),
        ('{"text": "\\ud800", "tactics": []}', "no valid Unicode"),
        ("quokka", "not one JSON object"),
    ],
)
def test_a_wrong_json_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = csv_file(tmp_path, '{"text": "x", "tactics": []}\n' + line + "\n", "own.jsonl")
    with pytest.raises(DataError, match=message) as caught:
        load_labelled(path)
    assert caught.value.line == 2 and MARKER not in str(caught.value)


def test_one_column_cannot_be_text_and_label(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot hold both"):
        load_labelled(csv_file(tmp_path, "text\nhi\n"), columns=Columns(tactics="text"))


@pytest.mark.parametrize("name", ["own.csv", "own.jsonl", "own.parquet", "own.xyz"])
def test_a_missing_file_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"Check the path|name one of csv, jsonl, parquet"):
        load_labelled(tmp_path / name)


def test_what_is_no_parquet_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no Parquet file"):
        load_labelled(csv_file(tmp_path, "text,tactics\nx,\n", "own.parquet"))


def test_parquet_without_its_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = as_parquet(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtraError, match=r"coercion-detect\[research\]"):
        load_labelled(path)


def test_our_own_data_set_is_read_as_it_is(tmp_path: Path) -> None:
    head = "id,text,tactics,acts,framing,group,source,voice,note\n"
    found = load_labelled(csv_file(tmp_path, head + "a,hi,force,request,reported,g,authored,v,plain\n"))
    assert found.ids == ("a",) and names(found, 0) == {"force"}
    assert found.framing is not None and found.framing.tolist() == [1]
    assert found.acts is not None and np.array_equal(found.acts, [[False, True]])
