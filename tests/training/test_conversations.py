from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coercion_detect import DataError
from coercion_detect.training.conversations import load_conversations

BY_HAND = "raised by Python itself, without file and line"


def message(sender: str, text: str, **labels: object) -> dict[str, Any]:
    return {"sender": sender, "text": text, "tactics": [], "acts": [], "framing": "general", "after": None} | labels


def row(*messages: object, **values: object) -> str:
    said = messages or (
        message("A", "come up?", acts=["request"], framing="addressed"),
        message("B", "no thanks", acts=["refusal"], framing="addressed"),
        message("A", "come on", tactics=["persistence"], framing="addressed", after=1),
    )
    names = {"id": "t-1", "voice": "t", "group": "t-g1", "source": "authored", "note": "", "persistence": True}
    return json.dumps(names | {"messages": said} | values, ensure_ascii=False)


GOOD = row()


def lacking(name: str) -> str:
    return json.dumps({key: value for key, value in json.loads(GOOD).items() if key != name})


def pressing(after: object) -> str:
    no = message("B", "zebulon no", acts=["refusal"])
    return row(message("A", "come up?"), no, message("A", "come on", tactics=["persistence"], after=after))


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "own.jsonl"
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="")
    return path


def test_what_the_file_says_is_read(tmp_path: Path) -> None:
    (one,) = load_conversations(written(tmp_path, GOOD))
    assert (one.id, one.voice, one.group, one.source, one.note) == ("t-1", "t", "t-g1", "authored", "")
    assert [(m.sender, m.text, m.after) for m in one.messages] == [
        ("A", "come up?", None), ("B", "no thanks", None), ("A", "come on", 1),
    ]  # fmt: skip
    assert [m.acts for m in one.messages] == [{"request"}, {"refusal"}, frozenset()]
    assert one.messages[2].tactics == {"persistence"} and one.messages[2].framing == "addressed"


def test_persistence_is_that_anybody_presses_on(tmp_path: Path) -> None:
    calm = row(message("A", "soup?"), message("B", "yes"), id="t-2")
    assert [c.persistence for c in load_conversations(written(tmp_path, GOOD, calm))] == [True, False]


def test_blank_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    assert len(load_conversations(written(tmp_path, "", GOOD, "  ", row(id="t-2"), ""))) == 2
    with pytest.raises(DataError) as caught:
        load_conversations(written(tmp_path, "", GOOD, "", "{"))
    assert caught.value.line == 4


WRONG: dict[str, str] = {
    "no JSON": "zebulon",
    "cut off": GOOD[:-20],
    "a list": "[]",
    "a string": '"zebulon"',
    "a number": "7",
    "null": "null",
    **{f"no {name}": lacking(name) for name in ("id", "voice", "group", "source", "note", "messages")},
    "messages that are a number": row(messages=7),
    "a message that is a string": row("zebulon"),
    "a message without labels": row({"sender": "A", "text": "zebulon"}),
    "an unknown tactic": row(message("A", "zebulon", tactics=["debt"])),
    "an unknown act": row(message("A", "zebulon", acts=["nod"])),
    "an unknown framing": row(message("A", "zebulon", framing="said")),
    "tactics that are null": row(message("A", "zebulon", tactics=None)),
    "tactics of lists": row(message("A", "zebulon", tactics=[["force"]])),
    "against itself": pressing(2),
    "against a later message": pressing(3),
    "against a message before the first": pressing(-1),
    "against one's own message": pressing(0),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_line_is_named_and_no_text_repeated(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, row(id="t-0"), WRONG[kind])
    with pytest.raises(DataError) as caught:
        load_conversations(path)
    assert (caught.value.path, caught.value.line) == (str(path), 2)
    assert str(caught.value).startswith(f"{path}, line 2: ")
    assert "zebulon" not in str(caught.value)


@pytest.mark.parametrize("after", ["1", 1.5, 1.0, [1], {}])
def test_an_index_that_is_no_whole_number_is_refused(tmp_path: Path, after: object) -> None:
    with pytest.raises(DataError) as caught:
        load_conversations(written(tmp_path, pressing(after)))
    assert caught.value.line == 1


def test_it_says_which_message_presses_against_what(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 1: message 2 presses against message 0, which is no earlier one"):
        load_conversations(written(tmp_path, pressing(0)))


@pytest.mark.parametrize("character", ["\n", "\x0b", "\x1c"])
def test_a_text_may_hold_a_break_of_lines(tmp_path: Path, character: str) -> None:
    line = row(message("A", f"soup{character}tea"), message("B", "yes"))
    assert load_conversations(written(tmp_path, line))[0].messages[0].text == f"soup{character}tea"


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85"])
def test_a_text_may_hold_a_break_of_lines_that_json_does_not_escape(tmp_path: Path, character: str) -> None:
    line = row(message("A", f"soup{character}tea"), message("B", "yes"))
    assert load_conversations(written(tmp_path, line))[0].messages[0].text == f"soup{character}tea"


def test_an_id_stands_once(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD, row(note="another"))
    with pytest.raises(DataError, match="two conversations share an id") as caught:
        load_conversations(path)
    assert caught.value.path == str(path)


@pytest.mark.parametrize("lines", [(), ("", " ")])
def test_a_file_without_conversations_is_refused(tmp_path: Path, lines: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="has no conversations"):
        load_conversations(written(tmp_path, *lines))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"missing\.jsonl: cannot be read .* Check the path"):
        load_conversations(tmp_path / "missing.jsonl")
    (tmp_path / "other.jsonl").write_bytes(GOOD.replace("thanks", "cafés").encode("latin-1"))
    with pytest.raises(DataError, match=r"other\.jsonl: is not UTF-8"):
        load_conversations(tmp_path / "other.jsonl")
