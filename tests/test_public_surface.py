from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest

import coercion_detect
from tests.conftest import ROOT

HEAVY = (
    "sklearn",
    "scipy",
    "pandas",
    "pyarrow",
    "matplotlib",
    "joblib",
    "zstandard",
    "distributed",
    "numpy",
    "rich",
    "typer",
)


def _python(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_public_names_are_sorted_and_there() -> None:
    assert coercion_detect.__all__ == sorted(coercion_detect.__all__)  # one order for readers
    for name in coercion_detect.__all__:
        assert getattr(coercion_detect, name).__name__ == name


def test_import_loads_nothing_heavy() -> None:
    assert _python(f"import sys, coercion_detect; print([m for m in {HEAVY!r} if m in sys.modules])") == "[]"


def test_analyzing_needs_no_research_package() -> None:
    research = [m for m in HEAVY if m not in ("numpy", "rich", "typer")]
    code = (
        "import sys; from coercion_detect import Detector; Detector.load().analyze('hello there'); "
        f"print([m for m in {research!r} if m in sys.modules])"
    )
    assert _python(code) == "[]"


def test_import_is_quick() -> None:
    code = "import time; t = time.perf_counter(); import coercion_detect; print(time.perf_counter() - t)"
    assert min(float(_python(code)) for _ in range(3)) < 0.15


def test_a_cold_analysis_answers_soon() -> None:
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "coercion_detect", "analyze", "hello there"], check=True, capture_output=True
        )
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 1.0  # on a busy machine; an idle one needs a quarter of that


def test_unknown_names_raise_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Verdict'"):
        _ = coercion_detect.Verdict


def test_changelog_names_the_version() -> None:
    found = re.search(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert found and found.group(1) == coercion_detect.__version__
