"""The added columns, from numbers to the strings and arrays that files hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coercion_detect.columns import Columns
from coercion_detect.detector import Detector
from coercion_detect.errors import require
from coercion_detect.tables.chunks import ADDED
from coercion_detect.taxonomy import FRAMINGS, TACTICS, note

_SLICE = 8192  # texts scored at once
_STEPS = 10_000  # scores are written with four digits


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of few distinct strings: row ``i`` holds ``names[codes[i]]``."""

    codes: NDArray[np.int32]
    names: Sequence[str]

    def strings(self, spell: Callable[[str], str] = str) -> list[str]:
        """Return one string a row, each distinct one spelled once."""
        spelled = np.array([spell(name) for name in self.names], dtype=object)
        found: list[str] = spelled[self.codes].tolist()
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What is added to each row. Where ``missing``, there was no text: tags are empty, framing and scores are none."""

    likely: Coded
    possible: Coded
    framing: Coded
    read: NDArray[np.bool_]
    scores: NDArray[np.float32]
    missing: NDArray[np.bool_]
    model: str
    without_text: int
    not_read: int


def find(texts: Sequence[str | None], *, detector: Detector, threads: int = 1) -> Results:
    """Score checked texts; ``None`` is a missing one."""
    parts = [
        detector.columns([text or "" for text in texts[start : start + _SLICE]], threads=threads)
        for start in range(0, len(texts), _SLICE)
    ] or [detector.columns([])]
    missing = np.fromiter((text is None for text in texts), dtype=bool, count=len(texts))
    without_text = sum(not text for text in texts)
    scores = np.concatenate([part.scores for part in parts])
    scores[missing] = np.nan
    read = np.concatenate([part.read for part in parts])
    framing = np.concatenate([part.framing for part in parts]).astype(np.int32)
    return Results(
        likely=_tags(parts, "likely"),
        possible=_tags(parts, "possible"),
        framing=Coded(np.where(missing, len(FRAMINGS), framing).astype(np.int32), (*FRAMINGS, "")),
        read=read,
        scores=scores,
        missing=missing,
        model=detector.model.title,
        without_text=without_text,
        not_read=int((~read).sum()) - without_text,
    )


def csv_lines(results: Results, *, delimiter: str) -> list[str]:
    """Return the added cells of each row, as they stand in CSV."""

    def quoted(cell: str) -> str:
        special = delimiter in cell or '"' in cell
        return '"' + cell.replace('"', '""') + '"' if special else cell

    columns = [
        results.likely.strings(quoted),
        results.possible.strings(quoted),
        results.framing.strings(quoted),
        _truth(results.read),
        *_digits(results.scores, ""),
        [quoted(results.model)] * len(results.read),
    ]
    return list(map(delimiter.join, zip(*columns, strict=True)))


def json_lines(results: Results) -> list[str]:
    """Return the added fields of each row, the note last, as they stand in a JSON object."""
    columns = [
        results.likely.strings(json.dumps),
        results.possible.strings(json.dumps),
        results.framing.strings(lambda name: json.dumps(name or None)),
        _truth(results.read),
        *_digits(results.scores, "null"),
    ]
    fields = ", ".join(f'"{name}": %s' for name in ADDED[:-1])
    rest = json.dumps({"model": results.model, "note": note()}, ensure_ascii=False)[1:-1].replace("%", "%%")
    template = f"{fields}, {rest}"
    return [template % row for row in zip(*columns, strict=True)]


def arrow_arrays(results: Results) -> list[Any]:
    """Return the added columns as Arrow arrays: strings, one bool, float32 scores."""
    pa = require("pyarrow", extra="files")
    missing = results.missing if results.missing.any() else None
    return [
        _arrow_strings(pa, results.likely, None),
        _arrow_strings(pa, results.possible, None),
        _arrow_strings(pa, results.framing, missing),
        pa.array(results.read),
        *(pa.array(np.ascontiguousarray(column), mask=missing) for column in results.scores.T),
        pa.repeat(pa.scalar(results.model), len(results.read)),
    ]


def _arrow_strings(pa: Any, column: Coded, missing: NDArray[np.bool_] | None) -> Any:  # noqa: ANN401
    codes = pa.array(column.codes, mask=missing)
    return pa.DictionaryArray.from_arrays(codes, pa.array(column.names, type=pa.string())).dictionary_decode()


def _truth(read: NDArray[np.bool_]) -> list[str]:
    found: list[str] = np.array(["false", "true"], dtype=object)[read.astype(np.int8)].tolist()
    return found


_DIGITS = np.array([*(repr(round(step / _STEPS, 4)) for step in range(_STEPS + 1)), ""], dtype=object)


def _digits(scores: NDArray[np.float32], none: str) -> list[list[str]]:
    """Return each tactic's scores with four digits, ``none`` where there is no score."""
    digits = _DIGITS.copy()
    digits[-1] = none
    steps = np.nan_to_num(np.rint(scores.T.astype(np.float64) * _STEPS), nan=_STEPS + 1).astype(np.intp)
    found: list[list[str]] = digits[steps].tolist()
    return found


def _tags(parts: Sequence[Columns], name: str) -> Coded:
    """Return the ids of a decision, strongest first, with ``;`` between them."""
    tags = np.concatenate([getattr(part, name) for part in parts])
    numbers: dict[tuple[int, ...], int] = {(): 0}
    codes = np.zeros(len(tags), dtype=np.int32)
    where = np.flatnonzero(tags.any(axis=1))
    if len(where):
        scores = np.concatenate([part.scores for part in parts])[where]
        order = np.argsort(np.where(tags[where], -scores, np.inf), axis=1, kind="stable")
        counts = tags[where].sum(axis=1).tolist()
        single = np.array(counts) == 1
        for tactic in range(len(TACTICS)):
            codes[where[single & (order[:, 0] == tactic)]] = numbers.setdefault((tactic,), len(numbers))
        for i in np.flatnonzero(~single).tolist():
            chosen = tuple(order[i, : counts[i]].tolist())
            codes[where[i]] = numbers.setdefault(chosen, len(numbers))
    return Coded(codes, [";".join(TACTICS[i] for i in chosen) for chosen in numbers])
