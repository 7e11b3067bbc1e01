"""pandas frames and Arrow tables: columns in, the same columns and ours out."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from coercion_detect.detector import Detector
from coercion_detect.errors import InputError, require
from coercion_detect.inputs import check_text
from coercion_detect.tables.chunks import ADDED
from coercion_detect.tables.parquet_reader import is_text, texts_of
from coercion_detect.tables.results import Results, arrow_arrays, find
from coercion_detect.tables.writers import added_schema
from coercion_detect.taxonomy import TACTICS, note

if TYPE_CHECKING:
    import pandas as pd

ArrowData = TypeVar("ArrowData")  # a pyarrow Table or RecordBatch


@cache
def load_once(folder: str | Path | None = None) -> Detector:
    """Return the detector of a model folder, loaded once a process: for workers that get many batches."""
    return Detector.load(folder)


def tag_frame(
    frame: pd.DataFrame, *, text: str = "text", detector: Detector | None = None, threads: int = 1
) -> pd.DataFrame:
    """Return ``frame`` with a column for each tactic's score, likely and possible tags, framing, read and model.

    Its index, its columns and their types stay as they were. A missing text has empty tags, no framing and no scores.
    ``attrs`` of the result carries the note and counts rows ``without_text`` and ``not_read``. Without ``detector``,
    the shipped model is loaded, once a process.

    >>> import pandas as pd
    >>> tagged = tag_frame(pd.DataFrame({"text": ["If you like me, you would do this for me!", None]}))
    >>> tagged["read"].tolist()
    [True, False]
    """
    pandas = require("pandas", extra="files")
    _check_columns(list(frame.columns), text)
    texts: list[str | None] = []
    for row, (value, missing) in enumerate(zip(frame[text], frame[text].isna(), strict=True)):
        try:
            check_text("" if missing else value)
        except InputError as error:
            raise InputError(f"Row {row} of the frame, counted from 0: {error}") from None
        texts.append(None if missing else value)
    results = find(texts, detector=detector or load_once(), threads=threads)
    added = pandas.DataFrame(_series(results), index=frame.index)
    tagged: pd.DataFrame = pandas.concat([frame, added], axis="columns")
    tagged.attrs = {**frame.attrs, "note": note(), "without_text": results.without_text, "not_read": results.not_read}
    return tagged


def tag_table(data: ArrowData, *, text: str = "text", detector: Detector | None = None, threads: int = 1) -> ArrowData:
    """Return an Arrow table or record batch with the same columns added as `tag_frame` adds.

    Its own columns are not copied. The note stands in the metadata of the schema, under ``coercion_detect``.
    """
    pa = require("pyarrow", extra="files")
    if not isinstance(data, pa.Table | pa.RecordBatch):
        raise InputError(f"Hand in an Arrow table or record batch, not {type(data).__name__}.")
    given: Any = data
    _check_columns(given.schema.names, text)
    if not is_text(given.schema.field(text).type):
        raise InputError(f"The column {text!r} holds {given.schema.field(text).type}, not text; convert it first.")
    column = given.column(text)
    texts, bad = texts_of(column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column]))
    if bad:
        raise InputError(f"Row {bad[0].line - 1} of the table, counted from 0: {bad[0].reason}")
    results = find(texts, detector=detector or load_once(), threads=threads)
    schema = added_schema(given.schema, model=results.model)
    found: ArrowData = type(data).from_arrays([*given.columns, *arrow_arrays(results)], schema=schema)
    return found


def _check_columns(names: list[Any], text: str) -> None:
    if names.count(text) != 1:
        some = "no column" if text not in names else "more than one column"
        raise InputError(f"The table has {some} {text!r}; name the right one with text=.")
    taken = [name for name in ADDED if name in names]
    if taken:
        raise InputError(f"The table has a column {taken[0]!r} already; rename it first.")


def _series(results: Results) -> dict[str, Any]:
    framing = np.array(results.framing.strings(), dtype=object)
    framing[results.missing] = None
    return {
        "likely": results.likely.strings(),
        "possible": results.possible.strings(),
        "framing": framing,
        "read": results.read,
        **{f"score_{name}": results.scores[:, i] for i, name in enumerate(TACTICS)},
        "model": [results.model] * len(results.read),
    }
