"""``coercion-detect evaluate`` as a person or a script meets it: files in, a folder of reports out, an exit code."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coercion_detect.cli import app
from coercion_detect.evaluation.report import FILES
from coercion_detect.taxonomy import TACTICS, note
from coercion_detect.training.dataset import COLUMNS
from tests.conftest import ROOT
from tests.evaluation.test_baselines import tiny
from tests.test_cli import MARKER, refused, run

CONTENT = f"""msg,tags,who
"If you like me, you would do this for me! {MARKER}",debt,a
"I will tell everyone that we did it anyway",rumors;other,b
"The {MARKER} sleeps at noon",,a
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.csv"
    path.write_text(CONTENT, encoding="utf-8")
    return path


def test_a_file_with_other_names_becomes_three_reports(own: Path, tmp_path: Path) -> None:
    columns = ("--text", "msg", "--tactics", "tags", "--group", "who", "--map", "debt=obligation", "--map", "other=")
    done = run("evaluate", str(own), "--output", str(tmp_path / "out"), *columns, "--resamples", "100")
    assert (done.code, done.out) == (0, "")
    assert "3 texts in 2 groups" in done.err and "No figure for substances" in done.err
    assert " ".join(done.err.split()).endswith(note())
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(FILES)
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["sha256"] == hashlib.sha256(CONTENT.encode()).hexdigest()
    assert set(report["tactics"]) == {"obligation", "rumors"} and report["n"] == 3
    for path in (tmp_path / "out").iterdir():
        assert MARKER not in path.read_text(encoding="utf-8")
    assert MARKER not in done.err


def test_texts_are_in_the_report_only_when_asked_for(own: Path, tmp_path: Path) -> None:
    arguments = ["--text", "msg", "--tactics", "tags", "--map", "debt=force", "--map", "other=", "--resamples", "100"]
    done = CliRunner().invoke(app, ["evaluate", str(own), "-o", str(tmp_path / "out"), *arguments, "--show-text"])
    assert done.exit_code == 0, done.output
    assert MARKER in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert MARKER not in done.output


WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "no such file": (("nothing.csv",), "Check the path"),
    "no text column": (("own.csv",), "has no column 'text'"),
    "an unknown label": (("own.csv", "--text", "msg", "--tactics", "tags"), "line 2: label 'debt' is no tactic"),
    "labels that are texts": (("own.csv", "--text", "who", "--tactics", "msg"), "label number 1 is no tactic"),
    "a wrong mapping": (("own.csv", "--map", f"{MARKER}"), "not of the form theirs=ours"),
    "an unknown format": (("own.bin",), "name one of csv, jsonl, parquet"),
    "no model": (("own.csv", "--text", "msg", "--tactics", "", "--map", "tags=", "--model", "x"), "with --tactics"),
    "a file as folder": (("own.csv", "--output", "own.csv"), "is no folder"),
    "baselines without folds": (("own.csv", "--baselines"), "add --cross-validate"),
    "columns with folds": (("own.csv", "--cross-validate", "--text", "msg"), "leave columns, maps and model out"),
    "folds of another file": (("own.csv", "--cross-validate"), "unknown column"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_an_unusable_input_is_one_line_and_no_report(own: Path, kind: str) -> None:
    arguments, message = WRONG[kind]
    assert message in refused("evaluate", *arguments, cwd=own.parent)
    assert [path.name for path in own.parent.iterdir()] == ["own.csv"]


def test_a_cross_validation_with_baselines_is_one_report(tmp_path: Path) -> None:
    with (tmp_path / "own.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for e in tiny().examples:
            labels = [";".join(sorted(found)) for found in (e.tactics, e.acts)]
            writer.writerow([e.id, e.text, *labels, e.framing, e.group, e.source, e.voice, e.note])
    folds = ("--cross-validate", "--by", "group", "--folds", "2", "--jobs", "1", "--baselines", "--resamples", "100")
    done = run("evaluate", str(tmp_path / "own.csv"), "-o", str(tmp_path / "out"), *folds)
    assert done.code == 0, done.err
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert {"tactics-en (this model)", "keywords"} <= set(report["comparison"]["systems"])
    assert set(report["tactics"]) == set(TACTICS) and "whole groups" in report["method"]


def test_the_help_names_what_can_be_given() -> None:
    done = run("evaluate", "--help", cwd=ROOT)
    assert done.code == 0
    for option in ("--output", "--map", "--show-text", "--cross-validate", "--by", "--baselines"):
        assert option in done.out
