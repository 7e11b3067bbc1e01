from __future__ import annotations

import csv
import io
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coercion_detect import CoercionDetectError, DataError, Detector, InputError
from coercion_detect.inputs import MAX_CHARACTERS
from coercion_detect.tables import ADDED, IN_FORMATS, OUT_FORMATS, Counts, Progress, format_of, tag_file
from coercion_detect.taxonomy import FRAMINGS, TACTICS, note

PRESSING = "If you like me, you would do this for me!"
PLAIN = "The train was late again, so we had soup at the station."
FOREIGN = "Ich habe gestern den ganzen Abend auf deinen Anruf gewartet, melde dich bitte."
MARKER = "quokka"  # a word that no message of ours may repeat

Tagger = Callable[..., list[dict[str, Any]]]


def _write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _csv_text(*rows: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _jsonl_text(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as lines:
        if path.suffix == ".csv":
            return [dict(row) for row in csv.DictReader(lines, strict=True)]
        return [json.loads(line) for line in lines]


@pytest.fixture
def tag(detector: Detector, tmp_path: Path) -> Tagger:
    """Return a function that tags ``content`` and returns the rows that were written."""

    def run(content: str | bytes, source: str = "in.csv", target: str = "out.jsonl", **options: Any) -> Any:  # noqa: ANN401
        _write(tmp_path / source, content)
        tag_file(tmp_path / source, tmp_path / target, detector=detector, **options)
        return _rows(tmp_path / target)

    return run


def _refused(tag: Tagger, tmp_path: Path, content: str | bytes, **options: Any) -> InputError:  # noqa: ANN401
    """Return the error that ``content`` meets, once it is sure that nothing was left behind or given away."""
    with pytest.raises(InputError) as caught:
        tag(content, strict=True, **options)
    assert [path.name for path in tmp_path.iterdir()] == [options.get("source", "in.csv")]
    assert MARKER not in "".join(traceback.format_exception(caught.value))
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("name", "given", "allowed", "wanted"),
    [
        ("a.csv", None, IN_FORMATS, "csv"),
        ("a.CSV", None, IN_FORMATS, "csv"),
        ("a.jsonl", None, OUT_FORMATS, "jsonl"),
        ("a.ndjson", None, OUT_FORMATS, "jsonl"),
        ("a.txt", None, IN_FORMATS, "text"),
        ("a.csv.txt", None, IN_FORMATS, "text"),
        ("a.csv", "text", IN_FORMATS, "text"),
        ("-", "jsonl", OUT_FORMATS, "jsonl"),
    ],
)
def test_the_format_is_the_given_one_or_the_names(
    name: str, given: str | None, allowed: tuple[str, ...], wanted: str
) -> None:
    assert format_of(Path(name), given=given, allowed=allowed) == wanted


@pytest.mark.parametrize(
    ("name", "given", "allowed"),
    [
        ("a.xlsx", None, IN_FORMATS),
        ("a", None, IN_FORMATS),
        ("-", None, IN_FORMATS),
        ("a.csv", "xml", IN_FORMATS),
        ("a.txt", None, OUT_FORMATS),
        ("a.csv", "text", OUT_FORMATS),
    ],
)
def test_an_unclear_format_is_refused_with_the_ones_to_choose_from(
    name: str, given: str | None, allowed: tuple[str, ...]
) -> None:
    with pytest.raises(InputError, match=", ".join(allowed)):
        format_of(Path(name), given=given, allowed=allowed)


@pytest.mark.parametrize(
    ("source", "content"),
    [
        ("in.csv", _csv_text(("text",), (PRESSING,), (PLAIN,))),
        ("in.jsonl", _jsonl_text({"text": PRESSING}, {"text": PLAIN})),
        ("in.txt", f"{PRESSING}\n{PLAIN}\n"),
        ("in.txt", f"{PRESSING}\r\n{PLAIN}"),
        ("in.csv", b"\xef\xbb\xbf" + _csv_text(("text",), (PRESSING,), (PLAIN,)).encode()),
        ("in.jsonl", b"\xef\xbb\xbf" + _jsonl_text({"text": PRESSING}, {"text": PLAIN}).encode()),
    ],
    ids=["csv", "jsonl", "text", "text-crlf", "csv-bom", "jsonl-bom"],
)
@pytest.mark.parametrize("target", ["out.csv", "out.jsonl"])
def test_every_format_gives_the_same_rows(tag: Tagger, source: str, content: str, target: str) -> None:
    rows = tag(content, source, target)
    assert [row["text"] for row in rows] == [PRESSING, PLAIN]
    assert ["obligation" in f"{row['likely']};{row['possible']}".split(";") for row in rows] == [True, False]
    extra = ["note"] if target == "out.jsonl" else []
    assert all(list(row) == ["text", *ADDED, *extra] for row in rows)


def test_the_added_columns_are_what_the_detector_finds(tag: Tagger, detector: Detector) -> None:
    texts = [PRESSING, PLAIN, FOREIGN, "", "Tonight, or I tell everyone that we did it. Everyone does it, come on."]
    rows = tag(_jsonl_text(*({"text": text} for text in texts)), "in.jsonl")
    for row, analysis in zip(rows, detector.analyze_many(texts), strict=True):
        tags = {decision: [t.tactic.id for t in analysis.tags if t.decision == decision] for decision in ADDED[:2]}
        assert (row["likely"], row["possible"]) == (";".join(tags["likely"]), ";".join(tags["possible"]))
        assert (row["framing"], row["read"], row["model"]) == (analysis.framing, analysis.read, analysis.model)
        assert [row[f"score_{name}"] for name in TACTICS] == [round(analysis.scores[name], 4) for name in TACTICS]
        assert row["note"] == note()
    assert {row["read"] for row in rows} == {True, False}


def test_added_columns_are_named_in_taxonomy_order() -> None:
    assert ADDED == ("likely", "possible", "framing", "read", *(f"score_{name}" for name in TACTICS), "model")


@pytest.mark.parametrize("target", ["out.csv", "out.jsonl"])
def test_a_files_own_columns_stay_first_in_order_and_unchanged(tag: Tagger, target: str) -> None:
    header = ("z id", "text", "", "größe", "a")
    cells = [("007", PLAIN, "  x ", 'quote " here', "1e3"), ("2", "one,\ntwo\r\nthree", "", "=1+1", "TRUE")]
    rows = tag(_csv_text(header, *cells), target=target)
    assert [tuple(row)[:5] for row in rows] == [header, header]
    assert [tuple(row[name] for name in header) for row in rows] == cells


def test_fields_of_json_keep_their_types(tag: Tagger) -> None:
    given = {"n": 1.5, "text": PLAIN, "list": [1, {"a": None}], "yes": True, "no": None, "é": "ü"}
    (row,) = tag(_jsonl_text(given), "in.jsonl")
    assert {name: row[name] for name in given} == given
    assert list(row)[: len(given)] == list(given)


def test_fields_of_json_are_plain_cells_in_csv(tag: Tagger) -> None:
    given = {"text": PLAIN, "n": 1.5, "list": [1, {"é": None}], "yes": True, "off": False, "none": None}
    (row,) = tag(_jsonl_text(given), "in.jsonl", "out.csv")
    assert {name: row[name] for name in given} == {
        "text": PLAIN,
        "n": "1.5",
        "list": '[1, {"é": null}]',
        "yes": "true",
        "off": "false",
        "none": "",
    }
    assert row["read"] == "true"


def test_rows_of_json_may_differ_where_json_is_written(tag: Tagger) -> None:
    rows = tag(_jsonl_text({"text": PLAIN, "a": 1}, {"b": 2, "text": PRESSING}), "in.jsonl")
    assert [list(row)[:2] for row in rows] == [["text", "a"], ["b", "text"]]


@pytest.mark.parametrize("column", ["body", "Text", "text "])
def test_the_text_stands_in_the_named_column(tag: Tagger, column: str) -> None:
    (row,) = tag(_csv_text(("text", column), (PLAIN, PRESSING)), column=column)
    assert row["likely"] or row["possible"]
    assert (row["text"], row[column]) == (PLAIN, PRESSING)


@pytest.mark.parametrize(
    ("source", "content", "texts"),
    [
        ("in.csv", "text\n\na\n\n\nb\n", ["a", "b"]),
        ("in.jsonl", '\n{"text": "a"}\n  \n{"text": "b"}', ["a", "b"]),
        ("in.txt", "a\n\nb\n", ["a", "", "b"]),
        ("in.txt", "a\n\tb \n", ["a", "\tb "]),
        ("in.txt", "", []),
        ("in.txt", '"a",b\n', ['"a",b']),
        ("in.jsonl", '{"text": "a\\nb\\u2028c"}\n', ["a\nb\u2028c"]),
    ],
)
def test_blank_lines_are_rows_only_where_lines_are_texts(
    tag: Tagger, source: str, content: str, texts: list[str]
) -> None:
    assert [row["text"] for row in tag(content, source)] == texts


@pytest.mark.parametrize("missing", ["", None])
def test_a_row_without_text_is_kept_and_not_read(tag: Tagger, missing: str | None) -> None:
    rows = tag(_jsonl_text({"text": missing, "id": 1}, {"text": PLAIN, "id": 2}), "in.jsonl")
    assert [row["text"] for row in rows] == [missing, PLAIN]
    assert [row["read"] for row in rows] == [False, True]
    assert (rows[0]["likely"], rows[0]["possible"]) == ("", "")


def test_counts_say_what_was_done_and_progress_follows(detector: Detector, tmp_path: Path) -> None:
    told: list[Progress] = []
    source = _write(tmp_path / "in.txt", f"{PLAIN}\n\n{FOREIGN}\n{PRESSING}\n" * 100)
    counts = tag_file(source, tmp_path / "out.csv", detector=detector, on_progress=told.append)
    assert counts == Counts(rows=400, without_text=100, not_read=100, bad=0)
    assert (told[-1].rows, told[-1].share) == (400, 1.0)


@pytest.mark.parametrize(
    ("content", "options", "line", "says"),
    [
        ("", {}, 1, "it is empty"),
        ("id,body\n1,a\n", {}, 1, "has no column 'text'"),
        ("id,text\n1,a\n", {"column": "body"}, 1, "has no column 'body'"),
        ("text,text\na,b\n", {}, 1, "two columns share one name"),
        (f"id,text\n1,a\n2,b,{MARKER}\n", {}, 3, "has 3 cells, not 2"),
        (f'id,text\n1,"a\nb"\n{MARKER}\n', {}, 4, "has 1 cells, not 2"),
        (f'id,text\n1,a\n2,"a"{MARKER}\n3,c\n', {}, 3, "is not well-formed CSV"),
        (f'"id"{MARKER},text\n', {}, 1, "is not well-formed CSV"),
        (f"id,text\n1,{MARKER}{'x' * MAX_CHARACTERS}\n", {"source_format": "text"}, 2, "1,000,008 characters"),
        ('{"text": "a"}\n{"text": ' + MARKER, {"source": "in.jsonl"}, 2, "is not one JSON object"),
        (f'{{"text": "a"}}\n\n["{MARKER}"]\n', {"source": "in.jsonl"}, 3, "write one object a line"),
        (f'{{"text": "a"}} {{"text": "{MARKER}"}}\n', {"source": "in.jsonl"}, 1, "is not one JSON object"),
        (f'{{"text": "a"}}\n{{"body": "{MARKER}"}}\n', {"source": "in.jsonl"}, 2, "has no field 'text'"),
        (f'{{"text": "a"}}\n{{"text": ["{MARKER}"]}}\n', {"source": "in.jsonl"}, 2, "must be a string, not list"),
        ('{"text": "a"}\n{"text": 3}\n', {"source": "in.jsonl"}, 2, "must be a string, not int"),
        (f'{{"text": "{MARKER} \\ud83d"}}\n', {"source": "in.jsonl"}, 1, "a lone surrogate at position 7"),
    ],
)
def test_a_bad_line_is_named_and_not_repeated(
    tag: Tagger, tmp_path: Path, content: str, options: dict[str, str], line: int, says: str
) -> None:
    error = _refused(tag, tmp_path, content, **options)
    assert isinstance(error, DataError)
    assert (error.line, error.path) == (line, str(tmp_path / options.get("source", "in.csv")))
    assert says in str(error)


def test_a_quote_that_never_closes_is_named_where_it_opens(tag: Tagger, tmp_path: Path) -> None:
    error = _refused(tag, tmp_path, f'id,text\n1,a\n2,"{MARKER}\n' + "3,c\n" * 50)
    assert isinstance(error, DataError)
    assert error.line == 3


def test_a_file_without_a_header_is_not_repeated(tag: Tagger, tmp_path: Path) -> None:
    error = _refused(tag, tmp_path, f"{MARKER} you owe me after all that,2\nhello,3\n")
    assert isinstance(error, DataError)


@pytest.mark.parametrize("taken", ADDED)
def test_a_column_of_a_name_that_is_added_is_refused(tag: Tagger, tmp_path: Path, taken: str) -> None:
    error = _refused(tag, tmp_path, _csv_text(("text", taken), (PLAIN, MARKER)), target="out.csv")
    assert f"has a column {taken!r} already; rename it first" in str(error)


def test_a_column_called_note_is_refused_or_kept(tag: Tagger) -> None:
    try:
        (row,) = tag(_csv_text(("text", "note"), (PLAIN, MARKER)))
    except InputError as error:
        assert "'note'" in str(error)
    else:
        assert row["note"] == MARKER


def test_rows_with_other_fields_are_refused_for_csv(tag: Tagger, tmp_path: Path) -> None:
    rows = _jsonl_text({"text": PLAIN, "a": 1}, {"text": PLAIN, MARKER: 1})
    error = _refused(tag, tmp_path, rows, source="in.jsonl", target="out.csv")
    assert "write JSON lines instead (--to jsonl)" in str(error)


def test_the_same_fields_in_another_order_are_one_table(tag: Tagger) -> None:
    rows = tag(_jsonl_text({"text": "a", "n": 1}, {"n": 2, "text": "b"}), "in.jsonl", "out.csv")
    assert [(row["text"], row["n"]) for row in rows] == [("a", "1"), ("b", "2")]


def test_a_table_without_rows_keeps_its_header(tag: Tagger, tmp_path: Path) -> None:
    assert tag("id,text\n", target="out.csv") == []
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == ",".join(("id", "text", *ADDED)) + "\n"


def test_a_long_cell_is_read(tag: Tagger) -> None:
    (row,) = tag(_csv_text(("text",), (f"{PLAIN} " * 4000,)))
    assert row["read"] is True


@pytest.mark.parametrize("source", ["in.csv", "in.jsonl", "in.txt"])
@pytest.mark.parametrize("encoded", [f"{MARKER} café\n".encode("latin-1"), f"text\n{MARKER}\n".encode("utf-16")])
def test_what_is_not_utf_8_is_refused_in_our_own_words(
    tag: Tagger, tmp_path: Path, source: str, encoded: bytes
) -> None:
    error = _refused(tag, tmp_path, encoded, source=source)
    assert "is not UTF-8" in str(error)


def test_nested_beyond_reason_is_refused(tag: Tagger, tmp_path: Path) -> None:
    error = _refused(tag, tmp_path, '{"text": "a", "n": ' + "[" * 200_000 + "\n", source="in.jsonl")
    assert "is not one JSON object" in str(error)


@pytest.mark.parametrize("target", ["out.csv", "out.jsonl"])
def test_a_lone_surrogate_in_another_field_is_refused_or_written(tag: Tagger, target: str) -> None:
    try:
        (row,) = tag(f'{{"text": "{PLAIN}", "name": "{MARKER} \\ud83d"}}\n', "in.jsonl", target)
    except CoercionDetectError as error:
        assert MARKER not in str(error)
    else:
        assert MARKER in row["name"]


@pytest.mark.parametrize("target", ["out.csv", "out.jsonl"])
def test_an_error_late_in_the_file_leaves_the_old_output_and_nothing_else(
    tag: Tagger, tmp_path: Path, target: str
) -> None:
    before = _write(tmp_path / target, "what stood here before")
    with pytest.raises(DataError, match="line 1002"):
        tag("id,text\n" + "1,a\n" * 1000 + "1,a,b\n", target=target, strict=True)
    assert before.read_text(encoding="utf-8") == "what stood here before"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["in.csv", target])


def test_a_finished_output_takes_the_place_of_the_old_one(tag: Tagger, tmp_path: Path) -> None:
    _write(tmp_path / "out.jsonl", "what stood here before")
    assert [row["text"] for row in tag("text\nsoup\n")] == ["soup"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.jsonl"]


@pytest.mark.parametrize("spelled", ["in.csv", "./in.csv", "sub/../in.csv", "link.csv"])
def test_the_output_is_never_the_input(detector: Detector, tmp_path: Path, spelled: str) -> None:
    content = "text\nsoup\n"
    source = _write(tmp_path / "in.csv", content)
    (tmp_path / "sub").mkdir()
    try:
        (tmp_path / "link.csv").symlink_to(source)
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.raises(InputError, match="would overwrite the input"):
        tag_file(source, tmp_path / spelled, detector=detector)
    assert source.read_text(encoding="utf-8") == content


def test_a_missing_input_leaves_no_output(detector: Detector, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read .* Check the path"):
        tag_file(tmp_path / "none.csv", tmp_path / "out.csv", detector=detector)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(detector: Detector, tmp_path: Path) -> None:
    source = _write(tmp_path / "in.txt", PLAIN)
    with pytest.raises(InputError, match=r"The folder .*none does not exist; make it first"):
        tag_file(source, tmp_path / "none" / "out.csv", detector=detector)


def test_an_output_that_cannot_be_written_is_an_input_error(detector: Detector, tmp_path: Path) -> None:
    source = _write(tmp_path / "in.txt", PLAIN)
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(InputError):
        tag_file(source, tmp_path / "out.csv", detector=detector)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_into_and_not_replaced(detector: Detector, tmp_path: Path) -> None:
    source = _write(tmp_path / "in.txt", PLAIN)
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        tag_file(source, pipe, detector=detector)
        assert pipe.is_fifo()
        assert json.loads(os.read(reader, 60_000))["text"] == PLAIN
    finally:
        os.close(reader)


def test_rows_come_out_while_the_input_is_still_being_read(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = f"{PLAIN}\n".encode() * 5000
    raw = io.BytesIO(content)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
    read_by_then: list[int] = []
    counts = tag_file(
        Path("-"),
        tmp_path / "out.jsonl",
        detector=detector,
        source_format="text",
        on_progress=lambda _: read_by_then.append(raw.tell()),
    )
    assert counts.rows == 5000
    assert read_by_then[0] < len(content) / 5
    assert read_by_then == sorted(read_by_then)


def test_framings_are_the_codebooks(tag: Tagger) -> None:
    rows = tag(f"{PRESSING}\n{PLAIN}\n{FOREIGN}\n", "in.txt")
    assert {row["framing"] for row in rows} <= set(FRAMINGS)
