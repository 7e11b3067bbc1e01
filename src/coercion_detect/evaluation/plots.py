"""Plots as SVG text, drawn without a display: reliability, and precision against recall."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from coercion_detect.errors import require
from coercion_detect.evaluation.metrics import BINS
from coercion_detect.evaluation.results import Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ACROSS = 4
_INK = "#1b4965"
_GREY = "#8a8a8a"


def reliability_plot(evaluation: Evaluation) -> str:
    """Return an SVG: the share of texts that carry the label against the mean score, all tactics and each."""
    panels = {"all tactics": evaluation.reliability}
    panels |= {name: figures.reliability for name, figures in evaluation.tactics.items()}
    with _panels(panels, x="mean score", y="share with the label") as (figure, axes):
        for axis, tenths in zip(axes, panels.values(), strict=True):
            axis.plot([0, 1], [0, 1], color=_GREY, linewidth=0.8, linestyle="--")
            most = max((n for _, _, n in tenths), default=1)
            # the area of a point says how many texts stand in that tenth of the score
            sizes = [6 + 60 * n / most for _, _, n in tenths]
            axis.plot([mean for mean, _, _ in tenths], [share for _, share, _ in tenths], color=_INK, linewidth=1)
            axis.scatter([mean for mean, _, _ in tenths], [share for _, share, _ in tenths], s=sizes, color=_INK)
        return _svg(figure, name="reliability", title=f"Reliability in {BINS} equal parts of the score")


def precision_recall_plot(evaluation: Evaluation) -> str:
    """Return an SVG: precision against recall along each tactic's ranking, with the two levels of tags marked."""
    panels = evaluation.tactics
    with _panels(panels, x="recall", y="precision") as (figure, axes):
        for axis, found in zip(axes, panels.values(), strict=True):
            axis.step([r for r, _ in found.curve], [p for _, p in found.curve], color=_INK, linewidth=1, where="pre")
            axis.axhline(found.n / evaluation.n, color=_GREY, linewidth=0.8, linestyle="--")
            for marker, level in zip("os", found.levels.values(), strict=True):
                axis.plot([level.recall.value], [level.precision.value], marker, color=_INK, markersize=4)
        return _svg(figure, name="precision-recall", title="Precision against recall; circle: possible, square: likely")


@contextmanager
def _panels(names: Mapping[str, object], *, x: str, y: str) -> Iterator[tuple[Figure, list[Axes]]]:
    """Give one small plot a name; raises `MissingExtraError` without matplotlib."""
    require("matplotlib", extra="research")
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    down = max(1, -(-len(names) // _ACROSS))
    # a salt, and text as text: the same figures give the same bytes, and a reader can search in them
    with matplotlib.rc_context({"svg.hashsalt": "coercion-detect", "svg.fonttype": "none", "font.size": 8}):
        figure = Figure(figsize=(2.4 * _ACROSS, 2.3 * down), layout="constrained")
        FigureCanvasAgg(figure)
        axes: list[Axes] = []
        for i, name in enumerate(names, 1):
            axis = figure.add_subplot(down, _ACROSS, i)
            axis.set(title=name, xlim=(-0.02, 1.02), ylim=(-0.02, 1.04), xlabel=x, ylabel=y)
            axis.spines[["top", "right"]].set_visible(False)
            axes.append(axis)
        yield figure, axes


def _svg(figure: Figure, *, name: str, title: str) -> str:
    """Return the figure as an ``<svg>`` element whose ids cannot meet those of another on the same page."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()[out.getvalue().index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)
