"""Frames and Arrow tables keep what they hold, and gain our columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from coercion_detect import Detector, InputError, tag_frame, tag_table
from coercion_detect.tables import ADDED
from coercion_detect.taxonomy import TACTICS, note

pa = pytest.importorskip("pyarrow")
PRESSING = "If you like me, you would do this for me!"
PLAIN = "The train was late again, so we had soup at the station."


def _frame() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None, 3], dtype="Int16"),
            "text": [PRESSING, None, PLAIN],
            "kind": pd.Categorical(["a", "b", "a"]),
            "when": pd.to_datetime(pd.Series(["2024-01-01", None, "2024-01-03"])).to_numpy(),
        },
        index=pd.Index([7, 7, 3], name="key"),
    )
    frame.attrs["theirs"] = 1
    return frame


def test_a_frame_keeps_index_columns_and_types(detector: Detector) -> None:
    frame = _frame()
    before = frame.copy(deep=True)
    tagged = tag_frame(frame, text="text", detector=detector)
    pd.testing.assert_frame_equal(tagged[list(frame.columns)], before)
    pd.testing.assert_frame_equal(frame, before)
    assert list(tagged.columns) == [*frame.columns, *ADDED]


def test_a_frame_gains_what_the_detector_finds(detector: Detector) -> None:
    tagged = tag_frame(_frame(), detector=detector).reset_index()
    for i, text in ((0, PRESSING), (2, PLAIN)):
        analysis = detector.analyze(text)
        row: dict[Any, Any] = tagged.iloc[i].to_dict()
        assert row["possible"] == ";".join(t.tactic.id for t in analysis.tags if t.decision == "possible")
        assert (row["framing"], row["read"]) == (analysis.framing, analysis.read)
        assert [row[f"score_{t}"] for t in TACTICS] == pytest.approx(list(analysis.scores.values()), abs=1e-6)
    assert {str(tagged[f"score_{t}"].dtype) for t in TACTICS} == {"float32"} and tagged["read"].dtype == bool


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_missing_texts_give_empty_results_and_are_counted(detector: Detector, missing: Any, dtype: str) -> None:  # noqa: ANN401
    frame = pd.DataFrame({"text": pd.Series([missing, PRESSING], dtype=dtype)})
    tagged = tag_frame(frame, detector=detector)
    row = tagged.iloc[0]
    assert (row["likely"], row["possible"], row["read"]) == ("", "", False) and pd.isna(row["framing"])
    assert tagged[[f"score_{t}" for t in TACTICS]].iloc[0].isna().all()
    assert (tagged.attrs["without_text"], tagged.attrs["not_read"], tagged.attrs["note"]) == (1, 0, note())


def test_a_frame_without_rows_gains_the_columns(detector: Detector) -> None:
    frame = pd.DataFrame({"text": pd.Series([], dtype="object")})
    tagged = tag_frame(frame, detector=detector)
    assert list(tagged.columns) == ["text", *ADDED] and len(tagged) == 0


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pd.DataFrame({"body": ["a"]}), "no column 'text'"),
        (pd.DataFrame([["a", "b"]], columns=["text", "text"]), "more than one column 'text'"),
        (pd.DataFrame({"text": ["a"], "read": [1]}), "has a column 'read' already"),
        (pd.DataFrame({"text": ["a", 3]}, dtype="object"), "Row 1 of the frame.* not int"),
        (pd.DataFrame({"text": ["quokka", "quokka \ud83d"]}, dtype="object"), "Row 1 of the frame.* lone surrogate"),
    ],
)
def test_a_frame_that_does_not_fit_is_refused(detector: Detector, frame: pd.DataFrame, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        tag_frame(frame, detector=detector)
    assert "quokka" not in str(caught.value)


@pytest.mark.parametrize("many", [1, 2])
def test_an_arrow_table_keeps_its_columns_without_a_copy(detector: Detector, many: int) -> None:
    part = pa.table({"text": [PRESSING, None, PLAIN], "n": [1, 2, 3]})
    table = pa.concat_tables([part] * many)
    tagged = tag_table(table, detector=detector)
    assert tagged.column_names == ["text", "n", *ADDED]
    assert tagged["n"].chunk(0).buffers()[1].address == table["n"].chunk(0).buffers()[1].address
    assert tagged["score_force"].null_count == many and tagged["read"].to_pylist() == [True, False, True] * many


def test_a_record_batch_stays_one(detector: Detector) -> None:
    batch = pa.record_batch({"body": pa.array([PRESSING]).dictionary_encode()})
    tagged = tag_table(batch, text="body", detector=detector)
    assert isinstance(tagged, pa.RecordBatch) and tagged.num_rows == 1
    assert tagged.schema.field("score_force").type == pa.float32()


def test_frames_and_arrow_agree(detector: Detector) -> None:
    frame = _frame().reset_index(drop=True)
    by_arrow = tag_table(pa.Table.from_pandas(frame), detector=detector).to_pandas()
    by_pandas = tag_frame(frame, detector=detector)
    pd.testing.assert_frame_equal(by_arrow[list(ADDED)], by_pandas[list(ADDED)], check_dtype=False)


def test_what_is_no_arrow_is_refused(detector: Detector) -> None:
    with pytest.raises(InputError, match="not list"):
        tag_table([PRESSING], detector=detector)
