"""The documents say what is true: figures from the report, examples that run, links that lead somewhere."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import re
from pathlib import Path
from types import ModuleType

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
        "coercion_detect.evaluation.intervals",
    ],
)
def test_examples_in_docstrings_run(module: str) -> None:
    import doctest

    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted and not found.failed
