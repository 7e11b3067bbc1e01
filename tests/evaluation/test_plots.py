from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

import pytest

from coercion_detect import MissingExtraError
from coercion_detect.evaluation.plots import precision_recall_plot, reliability_plot
from coercion_detect.evaluation.results import Evaluation
from tests.evaluation.test_evaluate import measured

PLOTS = [reliability_plot, precision_recall_plot]


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return measured()


@pytest.mark.parametrize("plot", PLOTS)
def test_a_plot_is_one_svg_that_names_every_tactic(plot: type[str], found: Evaluation) -> None:
    svg = plot(found)
    root = ElementTree.fromstring(svg)  # noqa: S314 our own text
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("role") == "img" and root.get("aria-label")
    assert all(name in svg for name in found.tactics)


@pytest.mark.parametrize("plot", PLOTS)
def test_without_matplotlib_the_extra_is_named(
    plot: type[str], found: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"coercion-detect\[research\]"):
        plot(found)


def test_importing_the_reports_loads_no_matplotlib() -> None:
    code = "import sys, coercion_detect.evaluation.report; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
