from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coercion_detect.errors import DataError
from tests.chats.exports import MARKER, read, said, times


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_usual_columns_are_found_in_csv(tmp_path: Path, delimiter: str) -> None:
    rows = [["Time", "From", "Message"], ["2024-05-01T10:00", "Ana", '"hi\nthere"'], ["2024-05-01T10:01", "Ben", ""]]
    chat = read(tmp_path, "".join(delimiter.join(row) + "\r\n" for row in rows), name="chat.csv")
    assert (chat.format, said(chat), times(chat)) == ("table", [("Ana", "hi\nthere")], ["2024-05-01T10:00:00"])
    assert chat.notes == ("Left out: 1 message without text.",)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.csv", "who,said,at,text\nAna,hello,1714550400,x\n"),
        ("c.jsonl", '{"who": "Ana", "said": "hello", "at": 1714550400000, "text": "x"}\n\n'),
    ],
)
def test_columns_can_be_named(tmp_path: Path, name: str, content: str) -> None:
    chat = read(tmp_path, content, name=name, sender="who", text="said", time="at")
    assert (said(chat), times(chat)) == ([("Ana", "hello")], ["2024-05-01T08:00:00+00:00"])
    assert chat.notes == ("The export gives universal time; times are shown in this computer's time zone.",)


def test_a_file_without_times_says_so(tmp_path: Path) -> None:
    chat = read(tmp_path, "sender,text\nAna,hi\n", name="c.csv")
    assert chat.notes == ("There are no times in this file; its order is taken as it is.",)
    assert times(chat) == [""]


def test_messages_are_put_in_the_order_of_time(tmp_path: Path) -> None:
    chat = read(tmp_path, "sender,text,time\nA,two,2024-05-02\nA,one,2024-05-01\n", name="c.csv")
    assert [text for _, text in said(chat)] == ["one", "two"]
    assert chat.notes == ("The messages were put in the order of time.",)


@pytest.mark.parametrize(
    ("name", "content", "asked", "says"),
    [
        ("c.csv", f"a,b\n{MARKER},x\n", {}, "line 1: has none of the columns text, message, body, content, …. Name"),
        ("c.csv", f"sender,text\n{MARKER},x\n", {"text": "body"}, "line 1: has no column 'body'. Name the right one"),
        ("c.csv", f"sender,text\nA,b\n{MARKER},x,y\n", {}, "line 3: has 3 cells, not 2"),
        ("c.csv", f'sender,text\n"A"{MARKER},x\n', {}, "line 2: is not well-formed CSV"),
        ("c.csv", f"sender,text,time\nA,x,{MARKER}\n", {}, "line 2: has a time that cannot be read"),
        ("c.csv", "sender,text,time\nA,x,9e99\n", {}, "line 2: has a time that no calendar holds"),
        ("c.jsonl", f'{{"sender": "A", "text": "b"}}\n{{"{MARKER}": 1}}\n', {}, "line 2: has none of the columns"),
        ("c.jsonl", f'{{"sender": "A", "text": "b"}}\n{MARKER}\n', {}, "line 2: is not one JSON object"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, name: str, content: str, asked: dict[str, Any], says: str
) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, content, name=name, **asked)
    assert says in str(error.value) and MARKER not in str(error.value)
