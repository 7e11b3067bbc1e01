"""The benchmark of files runs, on files that are small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.skipif(sys.platform == "win32", reason="it asks the system in a way that is not there")
def test_files_are_generated_tagged_killed_and_compared(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    command = [sys.executable, str(ROOT / "benchmarks" / "files.py"), "--rows", "3000", "--kills", "2"]
    done = subprocess.run(
        [*command, "--folder", str(tmp_path), "--json", str(tmp_path / "figures.json")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("equal to the undisturbed run") == 2
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert [(f["file"], f["rows"]) for f in figures] == [("parquet", 3000), ("csv", 3000)]
    assert all(0 < f["peak_megabytes"] < 400 for f in figures)
