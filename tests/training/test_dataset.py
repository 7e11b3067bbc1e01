from __future__ import annotations

from pathlib import Path

import pytest

from coercion_detect import DataError
from coercion_detect.training.dataset import COLUMNS, Dataset, load_examples

HEADER = ",".join(COLUMNS)
GOOD = "a-1,you owe me,obligation,,addressed,a-1,authored,a,plain"

WRONG: dict[str, tuple[str, int | None, str]] = {
    "unknown tactic": (f"{HEADER}\n{GOOD.replace('obligation', 'debt')}\n", 2, "unknown tactic 'debt'"),
    "unknown act": (f"{HEADER}\n{GOOD.replace(',,', ',nod,')}\n", 2, "unknown act 'nod'"),
    "unknown framing": (f"{HEADER}\n{GOOD.replace('addressed', 'said')}\n", 2, "unknown framing 'said'"),
    "unknown source": (f"{HEADER}\n{GOOD.replace('authored', 'web')}\n", 2, "unknown source 'web'"),
    "a label twice": (f"{HEADER}\n{GOOD.replace('obligation', 'force;force')}\n", 2, "name each once"),
    "duplicate id": (f"{HEADER}\n{GOOD}\n{GOOD}\n", 3, "stands on line 2 already"),
    "empty text": (f"{HEADER}\n{GOOD.replace('you owe me', '  ')}\n", 2, "the text is empty"),
    "empty id": (f"{HEADER}\n{GOOD.replace('a-1,you', ',you')}\n", 2, "the id is empty"),
    "empty group": (f"{HEADER}\n{GOOD.replace(',a-1,authored', ',,authored')}\n", 2, "the group is empty"),
    "unknown column": (f"{HEADER},mood\n{GOOD},sad\n", 1, "unknown column 'mood'"),
    "missing column": ("id,text\na,b\n", 1, "column 'tactics' is missing"),
    "columns in another order": (",".join(reversed(COLUMNS)) + "\n", 1, "in this order"),
    "too few cells": (f"{HEADER}\na-1,you owe me\n", 2, "has 2 cells, not 9"),
    "a line after a text of two lines": (
        f"{HEADER}\n{GOOD.replace('you owe me', chr(34) + 'you' + chr(10) + 'owe' + chr(34))}\nx\n",
        4,
        "has 1 cells",
    ),
    "open quotes": (f'{HEADER}\na-1,"you owe me\n', 2, "not well-formed CSV"),
    "no examples": (f"{HEADER}\n", None, "no examples"),
    "empty file": ("", 1, "is missing"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_line_is_named_with_what_to_do(tmp_path: Path, kind: str) -> None:
    content, line, message = WRONG[kind]
    path = tmp_path / "examples.csv"
    path.write_text(content, encoding="utf-8", newline="")
    with pytest.raises(DataError, match=message) as caught:
        load_examples(path)
    assert caught.value.line == line
    assert str(path) in str(caught.value)
    assert "owe" not in str(caught.value)


def test_a_bad_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "examples.csv"
    path.write_bytes(f"{HEADER}\n{GOOD}\n".encode() + "a-2,é,,,general,a-2,authored,a,\n".encode("latin-1"))
    with pytest.raises(DataError, match="save the file as UTF-8") as caught:
        load_examples(path)
    assert caught.value.line == 3


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Check the path"):
        load_examples(tmp_path / "nothing.csv")


def test_windows_line_ends_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "examples.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD}\r\n".encode())
    assert load_examples(path).texts == ["you owe me"]


def test_seed_phrases_come_first(examples: Dataset) -> None:
    assert [e.source for e in examples.examples[:9]] == ["seed"] * 8 + ["authored"]


def test_arrays_fit_the_examples(examples: Dataset) -> None:
    n = len(examples)
    assert examples.tactics.shape == (n, 12) and examples.acts.shape == (n, 2)
    assert examples.framing.shape == examples.groups.shape == examples.voices.shape == (n,)
