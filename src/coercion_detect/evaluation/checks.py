"""Behaviour checks: written cases per function, and changes to them that must not, or must only, move a score.

After HateCheck (Röttger et al. 2021) and CheckList (Ribeiro et al. 2020). The cases stand in ``data/checks.csv``
and are never trained on. A case holds what a person decided, never what a model said.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coercion_detect.detector import Detector
from coercion_detect.errors import DataError
from coercion_detect.evaluation.intervals import wilson
from coercion_detect.evaluation.perturb import OBFUSCATIONS, PADDING, SURFACE, SWAPS, Change
from coercion_detect.taxonomy import TACTICS

COLUMNS = ("id", "function", "text", "tactics", "group")
STEADY = 0.05  # a score that moves less than this has not moved
FREE_TO_SAY_NO = " And it's fine to say no."
OPEN_THREAT = " Sleep with me tonight or I will show everyone your pictures."


@dataclass(frozen=True, slots=True)
class Case:
    """One written case; ``tactics`` is empty where nothing should be tagged *likely*."""

    id: str
    function: str
    text: str
    tactics: tuple[str, ...]
    group: str


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """How many of a function's ``n`` cases passed, with a 95 % interval, and which ones failed."""

    kind: str
    function: str
    n: int
    passed: int
    low: float
    high: float
    failed: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Share of the cases that passed."""
        return self.passed / self.n


@dataclass(frozen=True, slots=True)
class CheckResults:
    """Every function's result, and how far scores moved under swaps of identity."""

    functions: tuple[FunctionResult, ...]
    swap_change_99: float
    swap_changes: int


def load_cases(path: Path) -> tuple[Case, ...]:
    """Read ``checks.csv``; raise `DataError` for the first line that is wrong."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise DataError(f"columns must be {', '.join(COLUMNS)}.", path=str(path), line=1)
            cases = tuple(_case(row, str(path), reader.line_num) for row in reader)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}). Check the path.", path=str(path)) from None
    except (UnicodeDecodeError, csv.Error):
        raise DataError("is no well-formed CSV in UTF-8.", path=str(path)) from None
    if len({case.id for case in cases}) != len(cases):
        raise DataError("an id stands there twice; give each case its own.", path=str(path))
    return cases


def _case(row: dict[str, str], path: str, line: int) -> Case:
    tactics = tuple(t for t in (row["tactics"] or "").split(";") if t)
    for tactic in tactics:
        if tactic not in TACTICS:
            raise DataError(f"unknown tactic {tactic!r}.", path=path, line=line)
    if not all((row["id"], row["function"], row["text"], row["group"])):
        raise DataError("id, function, text and group must not be empty.", path=path, line=line)
    return Case(row["id"], row["function"], row["text"], tactics, row["group"])


def run_checks(cases: Sequence[Case], *, detector: Detector, seed: int = 0) -> CheckResults:
    """Run every function: written cases first, then swaps, surface changes, padding, obfuscation, direction."""
    scores = detector.scores([case.text for case in cases])
    possible, likely = (
        np.array([getattr(detector.model.thresholds[t], name) for t in TACTICS]) for name in ("possible", "likely")
    )
    functions = list(_written(cases, scores, possible, likely))
    moved: list[NDArray[np.float32]] = []
    tagged = [i for i, case in enumerate(cases) if _tags_right(case, scores[i], possible)]
    for kind, changes in (("swap", SWAPS), ("surface", SURFACE)):
        for name, change in changes.items():
            rows, texts = _changed(cases, range(len(cases)), change, seed)
            difference = np.abs(detector.scores(texts) - scores[rows]).max(axis=1)
            if kind == "swap":
                moved.append(difference)
                passed: NDArray[np.bool_] = np.asarray(difference < STEADY)
            else:
                passed = _same_tags(detector.scores(texts), scores[rows], possible)
            functions.append(_result(kind, f"{kind}_{name}", [cases[i].id for i in rows], passed))
    for kind, changes in (("padding", PADDING), ("obfuscation", OBFUSCATIONS)):
        for name, change in changes.items():
            rows, texts = _changed(cases, tagged, change, seed)
            after = detector.scores(texts)
            kept = np.array([_tags_right(cases[i], row, possible) for i, row in zip(rows, after, strict=True)])
            functions.append(_result(kind, name, [cases[i].id for i in rows], kept))
    functions += _directions(cases, scores, detector)
    every = np.concatenate(moved)
    return CheckResults(tuple(functions), float(np.quantile(every, 0.99)) if len(every) else 0.0, len(every))


def _written(
    cases: Sequence[Case], scores: NDArray[np.float32], possible: NDArray[np.float64], likely: NDArray[np.float64]
) -> Iterable[FunctionResult]:
    """Judge the cases as written: one with tactics passes if the first is tagged, one without if none is likely."""
    for function in dict.fromkeys(case.function for case in cases):
        rows = [i for i, case in enumerate(cases) if case.function == function]
        passed = np.array(
            [
                _tags_right(cases[i], scores[i], possible) if cases[i].tactics else not (scores[i] >= likely).any()
                for i in rows
            ]
        )
        kind = "tactic" if cases[rows[0]].tactics else "clear"
        yield _result(kind, function, [cases[i].id for i in rows], passed)


def _tags_right(case: Case, scores: NDArray[np.float32], possible: NDArray[np.float64]) -> bool:
    """Whether the case's first tactic, the one its function is about, is tagged."""
    return bool(case.tactics) and bool(
        scores[TACTICS.index(case.tactics[0])] >= possible[TACTICS.index(case.tactics[0])]
    )


def _same_tags(
    after: NDArray[np.float32], before: NDArray[np.float32], possible: NDArray[np.float64]
) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = ((after >= possible) == (before >= possible)).all(axis=1)
    return same


def _changed(cases: Sequence[Case], rows: Iterable[int], change: Change, seed: int) -> tuple[list[int], list[str]]:
    """Return the rows whose text the change alters, with the altered texts."""
    rng = np.random.default_rng(seed)
    pairs = [(i, change(cases[i].text, rng)) for i in rows]
    kept = [(i, text) for i, text in pairs if text != cases[i].text]
    return [i for i, _ in kept], [text for _, text in kept]


def _directions(cases: Sequence[Case], scores: NDArray[np.float32], detector: Detector) -> list[FunctionResult]:
    """Leave to say no never raises a score by more than a hair; an open threat never lowers what was tagged."""
    texts = [case.text if case.text.rstrip()[-1:] in ".!?…" else case.text + "." for case in cases]
    base = detector.scores(texts)
    freed = detector.scores([text + FREE_TO_SAY_NO for text in texts])
    threatened = detector.scores([text + OPEN_THREAT for text in texts])
    ids = [case.id for case in cases]
    exposure = TACTICS.index("exposure")
    not_raised: NDArray[np.bool_] = np.asarray((freed <= base + STEADY).all(axis=1))
    not_lowered: NDArray[np.bool_] = np.asarray(threatened[:, exposure] >= base[:, exposure] - STEADY)
    return [
        _result("direction", "leave_to_say_no_never_raises", ids, not_raised),
        _result("direction", "an_open_threat_never_lowers", ids, not_lowered),
    ]


def _result(kind: str, function: str, ids: Sequence[str], passed: NDArray[np.bool_]) -> FunctionResult:
    low, high = wilson(int(passed.sum()), len(ids))
    failed = tuple(name for name, ok in zip(ids, passed, strict=True) if not ok)
    return FunctionResult(kind, function, len(ids), int(passed.sum()), low, high, failed)
