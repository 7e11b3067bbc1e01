"""The report as a table: medians, and from the slowest to the fastest round where that is a spread worth reading."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

HEADER = (
    "way",
    "messages a second, one core",
    "two cores",
    "one message, µs",
    "99 of 100, µs",
    "first answer, s",
    "memory, MB",
    "model, MB",
    "average precision",
    "`scores` is faster",
)
FASTEST = "scores"


def rows(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return one row a way, as in `HEADER`; memory is what comes on top of the bare interpreter."""
    ways = report["ways"]
    bare = statistics.median(report["processes"]["bare interpreter"]["memory"])
    first = ways.get(FASTEST, {})
    return [_row(name, way, bare, first) for name, way in ways.items()]


def head(report: dict[str, Any]) -> str:
    """Return what was measured on what, in one paragraph."""
    machine = report["machine"]
    return (
        f"{report['messages']:,} messages of {report['mean_bytes']:.0f} bytes on average, {report['rounds']} rounds, "
        f"{machine['cpu']} with {machine['cores']} cores, Python {machine['python']} on {machine['system']}, "
        f"{report['date']}"
    )


def command(report: dict[str, Any]) -> str:
    """Return what the command line takes, in one sentence."""
    runs, bare = report["processes"]["coercion-detect analyze"], report["processes"]["bare interpreter"]
    memory = statistics.median(runs["memory"]) - statistics.median(bare["memory"])
    return (
        f"`coercion-detect analyze` in a fresh process: {_spread(runs['cold'], '.2f')} seconds and {memory:.0f} MB "
        f"more than the bare interpreter, which takes {statistics.median(bare['cold']):.2f} seconds and "
        f"{statistics.median(bare['memory']):.0f} MB."
    )


def calm(report: dict[str, Any]) -> str:
    """Say how much of its core a measured process had: less than all where other work ran beside it."""
    there = [way for way in report["ways"].values() if "missing" not in way]
    had = [a / b for way in there for a, b in zip(way["one_core"], way["one_core_processor"], strict=True)]
    return (
        f"While this ran, a process pinned to one core had {statistics.median(had):.0%} of it in the median run and "
        f"{min(had):.0%} in the worst; what is measured on the clock suffers where that is below 100%."
    )


def markdown(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    ruler = ["---", *["--:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, ruler, *lines))


def ratio(first: dict[str, Any], other: dict[str, Any]) -> list[float]:
    """Return how many times as fast the first is on one core, round by round."""
    return [a / b for a, b in zip(first["one_core_processor"], other["one_core_processor"], strict=True)]


def _row(name: str, way: dict[str, Any], bare: float, first: dict[str, Any]) -> tuple[str, ...]:
    if "missing" in way:
        return (name, "not installed", *[""] * (len(HEADER) - 2))
    precision = way["average_precision"]
    faster = ratio(first, way) if first and way is not first else []
    return (
        name,
        _spread(way["one_core_processor"], ",.0f"),
        _spread(way.get("two_cores", []), ",.0f"),
        _spread(way["median"], ",.1f"),
        f"{statistics.median(way['p99']):,.0f}",
        f"{statistics.median(way['cold']):.2f}",
        f"{statistics.median(way['memory']) - bare:,.0f}",
        f"{way['size']:,.1f}",
        "" if precision is None else f"{precision:.3f}",
        f"{statistics.median(faster):,.1f} times" if faster else "",
    )


def _spread(values: Sequence[float], form: str) -> str:
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:{form}}"
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"
