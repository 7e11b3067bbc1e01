from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from coercion_detect.chats import archive
from coercion_detect.chats.recognise import FORMATS, read_chat
from coercion_detect.errors import DataError, InputError
from tests.chats.exports import MARKER, read, said

CHAT = "13/01/2024, 10:00 - A: hi\n"


def _zip(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return path


def _thread(start: int, *texts: str) -> str:
    entries = [{"sender_name": "A", "timestamp_ms": start + i, "content": text} for i, text in enumerate(texts)]
    return json.dumps({"participants": [], "messages": entries[::-1], "title": "B"})


def test_a_zipped_export_is_read_and_what_lies_beside_it_is_counted(tmp_path: Path) -> None:
    path = _zip(tmp_path / "chat.zip", **{"_chat.txt": CHAT, "a.jpg": "x", "b.opus": "x", "notes.txt": "soup"})
    chat = read_chat(path)
    assert said(chat) == [("A", "hi")]
    assert chat.notes == (
        "1 text file beside the chat: no chat, not read.",
        "2 other files beside the chat (media): not read.",
    )


@pytest.mark.parametrize("zipped", [True, False])
def test_the_parts_of_a_thread_are_put_together(tmp_path: Path, zipped: bool) -> None:
    files = {
        "inbox/b_1/message_1.json": _thread(2000, "three", "four"),
        "inbox/b_1/message_2.json": _thread(1000, "one", "two"),
        "inbox/c_2/message_1.json": _thread(1000, "another"),
    }
    if zipped:
        path = _zip(tmp_path / "x.zip", **files)
    else:
        path = tmp_path / "x"
        for name, content in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(content)
    chat = read_chat(path, conversation="1")
    assert [text for _, text in said(chat)] == ["one", "two", "three", "four"]
    assert chat.title == "B"
    with pytest.raises(DataError, match="several conversations of that name"):
        read_chat(path, conversation="B")


@pytest.mark.parametrize(
    "name", ["../_chat.txt", "/etc/_chat.txt", "a/../../_chat.txt", "C:\\_chat.txt", "..\\_chat.txt"]
)
def test_paths_that_lead_out_of_an_archive_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="leads out of the archive"):
        read_chat(_zip(tmp_path / "x.zip", **{name: CHAT}))
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 1024**2)
    path = _zip(tmp_path / "x.zip", **{"_chat.txt": CHAT * 20_000, "b.txt": CHAT * 30_000})
    assert path.stat().st_size < 20_000
    with pytest.raises(DataError, match="is larger than 1 MB"):
        read_chat(path)


def test_too_many_members_or_too_large_a_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 1)
    with pytest.raises(DataError, match="holds more than 1 files"):
        read_chat(_zip(tmp_path / "x.zip", a="x", b="x"))
    monkeypatch.setattr(archive, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="is larger than"):
        read(tmp_path, CHAT)


def test_a_damaged_or_locked_archive_is_named(tmp_path: Path) -> None:
    path = _zip(tmp_path / "x.zip", **{"_chat.txt": CHAT * 1000})
    content = bytearray(path.read_bytes())
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(bytes(content[:40]) + b"\x00" * 8 + bytes(content[48:]))
    with pytest.raises(DataError, match="is a damaged or unusual zip archive"):
        read_chat(damaged)
    directory = content.index(b"PK\x01\x02")
    content[6] |= 1
    content[directory + 8] |= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="is locked with a password"):
        read_chat(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no chat export that is known here"),
        (f"{MARKER} soup\n".encode(), "is no chat export that is known here. Name its format with --format (telegram,"),
        (b"PK\x03\x04nothing", "is no chat export"),
        (
            f"13/01/2024, 10:00 - A: hi\n13/01/2024, 10:00 - {MARKER}: café".encode("latin-1"),
            "line 2: is not UTF-8 text",
        ),
        ("13/01/2024, 10:00 - A: hi".encode("utf-16")[:-1], "line 1: is not UTF-8 text"),
    ],
)
def test_what_is_no_export_is_named_without_repeating_it(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, content)
    assert says in str(error.value) and str(error.value).startswith(str(tmp_path / "export.txt"))
    assert MARKER not in str(error.value)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_that_is_named_is_believed_and_its_failure_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError):
        read(tmp_path, f"{MARKER}\n{MARKER} soup\n", format=name)


def test_an_unknown_format_or_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="The formats are: telegram"):
        read(tmp_path, CHAT, format=MARKER)
    with pytest.raises(InputError, match=r"cannot be read \(No such file"):
        read_chat(tmp_path / "none.txt")
