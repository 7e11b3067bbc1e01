from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from coercion_detect.taxonomy import note
from tests.conftest import ROOT

FOLDER = ROOT / "notebooks"
NAMES = ("01_first_look", "02_evaluate_on_your_own_data", "03_moderation_prototype")
UNWANTED = ("abuser", "perpetrator", "predator", "detected coercion", "is safe", "safe to")


def _read(name: str) -> Any:  # noqa: ANN401 nbformat's nodes are untyped
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    return notebook


def _sources(name: str, kind: str) -> list[str]:
    return [cell["source"] for cell in _read(name)["cells"] if cell["cell_type"] == kind]


def _flat(text: str) -> str:
    return " ".join(text.replace("\n> ", " ").split())


def test_every_notebook_is_named_here() -> None:
    assert tuple(sorted(path.stem for path in FOLDER.glob("*.ipynb"))) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_notebook_has_no_output(name: str) -> None:
    cells = [cell for cell in _read(name)["cells"] if cell["cell_type"] == "code"]
    assert cells
    assert [cell for cell in cells if cell["outputs"] or cell["execution_count"] is not None] == []
    assert [cell["id"] for cell in cells if cell["metadata"]] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_notebook_names_a_kernel_that_everybody_has(name: str) -> None:
    metadata = _read(name)["metadata"]
    assert metadata["kernelspec"] == {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert metadata["language_info"] == {"name": "python"}


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_begins_with_a_title_a_content_note_and_the_note(name: str) -> None:
    first = _read(name)["cells"][0]
    assert first["cell_type"] == "markdown"
    title, warning = first["source"].split("\n", 2)[0], first["source"].index("**Content note.**")
    assert title.startswith("# ")
    assert warning < first["source"].index("> ")
    assert note() in _flat(first["source"])


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_speaks_of_no_kind_of_person_and_clears_nobody(name: str) -> None:
    words = " ".join((*_sources(name, "markdown"), *_sources(name, "code"))).casefold()
    assert [word for word in UNWANTED if word in words] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_names_no_place_on_somebodys_disk_and_no_address(name: str) -> None:
    code = "\n".join(_sources(name, "code"))
    assert not re.search(r"""["'](?:/|~|[A-Za-z]:\\)\w""", code)
    assert not re.search(r"https?://|requests|urllib|!pip|%pip", code)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_from_top_to_bottom(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "TMPDIR"):
        (tmp_path / variable).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / variable))
    before = {path: path.stat().st_mtime_ns for path in FOLDER.iterdir()}
    notebook = _read(name)
    client = NotebookClient(notebook, kernel_name="python3", timeout=600, resources={"metadata": {"path": str(FOLDER)}})
    client.execute()
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    printed = "".join(output["text"] for output in outputs if output["output_type"] == "stream")
    assert "Warning" not in printed
    assert printed.rstrip().endswith(note())
    assert {path: path.stat().st_mtime_ns for path in FOLDER.iterdir()} == before
