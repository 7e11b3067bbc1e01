"""The documents say what is true: figures from the report, examples that run, links that lead somewhere."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import ROOT

DOCUMENTS = sorted(
    path
    for folder in (ROOT, ROOT / "docs", ROOT / "data", ROOT / "models" / "tactics-en")
    for path in folder.glob("*.md")
)


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_figures_in_readme_and_datasheet_are_those_of_report_and_data() -> None:
    for path, text in _script("build_figures").build().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date: run make docs"


def test_the_readmes_example_gives_the_output_it_shows() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code, shown = re.findall(r"```python\n(.*?)```\s+```text\n(.*?)```", readme, re.DOTALL)[0]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102 our own example
    assert out.getvalue() == shown


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", link):
            assert (path.parent / link).exists(), f"{path.name} links to {link}"


@pytest.mark.parametrize("path", [d for d in DOCUMENTS if d.name != "CONTRIBUTING.md"], ids=lambda path: path.name)
def test_no_document_has_a_word_for_a_kind_of_person(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    for word in ("abuser", "perpetrator", "detected coercion"):
        assert word not in text


@pytest.mark.parametrize(
    "module",
    [
        "coercion_detect.taxonomy",
        "coercion_detect.policy",
        "coercion_detect.detector",
        "coercion_detect.windows",
        "coercion_detect.tables.frames",
        "coercion_detect.evaluation.intervals",
    ],
)
def test_examples_in_docstrings_run(module: str) -> None:
    import doctest

    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted and not found.failed


def _blocks(path: Path, kind: str) -> list[str]:
    found: list[str] = re.findall(rf"```{kind}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    return found


def test_the_examples_on_files_give_the_output_they_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    path = ROOT / "docs" / "files.md"
    codes, shown = _blocks(path, "python"), _blocks(path, "text")
    assert len(codes) == len(shown) == 3
    monkeypatch.chdir(tmp_path)
    for code, wanted in zip(codes, shown, strict=True):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, "files.md", "exec"), {})  # noqa: S102 our own example
        assert out.getvalue().split() == wanted.split()


@pytest.mark.parametrize("number", range(6))
def test_the_commands_on_files_are_commands(number: int, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from coercion_detect.cli import app

    lines = [line for block in _blocks(ROOT / "docs" / "files.md", "sh") for line in block.splitlines()]
    assert len(lines) == 6
    arguments = lines[number].split("coercion-detect ")[1].split("#")[0].split(">")[0].split()
    found = CliRunner().invoke(app, [*arguments, "--help"], prog_name="coercion-detect")
    assert found.exit_code == 0
    for option in (word for word in arguments if word.startswith("--")):
        assert option in found.stdout


def test_the_recipe_for_spark_tags_an_iterator_of_frames() -> None:
    import pandas as pd

    scope: dict[str, Any] = {}
    for code in _blocks(ROOT / "docs" / "spark.md", "python"):
        exec(compile(code, "spark.md", "exec"), scope)  # noqa: S102 our own example
    frames = [pd.DataFrame({"id": [1, 2], "text": ["If you like me, you would do this for me!", None]})] * 2
    tagged = list(scope["tag_frames"](iter(frames)))
    declared = [column.split()[0] for column in scope["ADDED"].split(", ")]
    assert [list(frame.columns) for frame in tagged] == [["id", "text", *declared]] * 2
    assert tagged[0]["read"].tolist() == [True, False]


def test_the_recipe_for_spark_runs_in_spark(tmp_path: Path) -> None:
    sql = pytest.importorskip("pyspark.sql")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java")
    code = "\n".join(
        [
            "from pyspark.sql import SparkSession",
            *_blocks(ROOT / "docs" / "spark.md", "python"),
            "spark = SparkSession.builder.master('local[1]').config('spark.ui.enabled', 'false').getOrCreate()",
            "rows = [(1, 'If you like me, you would do this for me!'), (2, None)]",
            "spark.createDataFrame(rows, 'id long, text string').write.parquet('messages')",
            *_blocks(ROOT / "docs" / "spark.md", "py"),
            "rows = spark.read.parquet('tagged').orderBy('id').collect()",
            "print([(row.id, row.read, row.framing, row.score_force is None) for row in rows])",
        ]
    )
    assert sql is not None
    environment = os.environ | {"PYSPARK_PYTHON": sys.executable}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[(1, True, 'addressed', False), (2, False, None, True)]"
