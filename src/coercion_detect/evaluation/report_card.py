"""The report card of the behaviour checks, as Markdown and as plain data."""

from __future__ import annotations

from typing import Any

from coercion_detect.evaluation.checks import STEADY, CheckResults, FunctionResult
from coercion_detect.taxonomy import note

_KINDS = {
    "tactic": "Cases that carry a tactic: passed where it is tagged, possible or likely",
    "clear": "Cases that carry none: passed where nothing is tagged likely",
    "swap": f"Who is named: passed where no score moves by {STEADY} or more",
    "surface": "How it is typed: passed where the tags stay the same",
    "padding": "Harmless sentences around a tagged case: passed where the tag stays",
    "obfuscation": "Hidden words in a tagged case: passed where the tag stays",
    "direction": f"Changes in one direction (a hair of {STEADY} allowed)",
}


def as_markdown(results: CheckResults, *, model: str) -> str:
    """Return the report card as Markdown, one table a kind of check."""
    parts = [
        f"# Behaviour checks of {model}\n\n> {note()}\n",
        f"{sum(f.n for f in results.functions):,} checks in {len(results.functions)} functions. Intervals are 95 % "
        "(Wilson).\n",
        f"Largest change of any score under a swap of identity, 99th percentile: **{results.swap_change_99:.3f}** "
        f"(n = {results.swap_changes:,}).\n",
    ]
    for kind, title in _KINDS.items():
        functions = [f for f in results.functions if f.kind == kind]
        if functions:
            parts.append(f"## {title}\n\n| function | passed | n | interval |\n| --- | --- | --- | --- |")
            parts += [_line(f) for f in functions]
            total, n = sum(f.passed for f in functions), sum(f.n for f in functions)
            parts.append(f"| **all** | **{total / n:.1%}** | {n:,} | |\n")
    return "\n".join(parts)


def as_plain(results: CheckResults, *, model: str) -> dict[str, Any]:
    """Return the report card as plain data; failed cases are named by id."""
    return {
        "model": model,
        "note": note(),
        "swap_change_99": round(results.swap_change_99, 4),
        "swap_changes": results.swap_changes,
        "functions": [
            {
                "kind": f.kind,
                "function": f.function,
                "n": f.n,
                "passed": f.passed,
                "low": round(f.low, 4),
                "high": round(f.high, 4),
                "failed": list(f.failed),
            }
            for f in results.functions
        ],
    }


def _line(f: FunctionResult) -> str:
    return (
        f"| {f.function} | {f.rate:.1%} | {f.n} | {f.low:.1%} to {f.high:.1%} |"
        if f.n
        else f"| {f.function} | – | 0 | |"
    )
