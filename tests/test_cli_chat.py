"""``coercion-detect chat``, with the analysis of a conversation by hand."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coercion_detect.chats.recognise import read_chat
from coercion_detect.cli import app
from coercion_detect.conversation import ConversationAnalysis, Message
from coercion_detect.errors import InputError
from coercion_detect.taxonomy import note, tactic
from coercion_detect.timeline import by_letter
from tests.conversations import MESSAGES, conversation


class _Detector:
    """Give the analysis by hand for its messages, with the senders that it is handed."""

    def analyze_conversation(self, messages: Sequence[Message]) -> ConversationAnalysis:
        assert [m.text for m in messages] == [m.text for m in MESSAGES]
        found = conversation()
        name = dict(zip(("Ana", "Ben"), (messages[0].sender, messages[1].sender), strict=True))
        events = tuple(replace(e, sender=name[e.sender], refused_by=name[e.refused_by]) for e in found.events)
        return replace(found, events=events, counts={name[who]: counts for who, counts in found.counts.items()})


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("coercion_detect.detector.Detector.load", lambda model=None: _Detector())
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["sender", "text", "time"])
    writer.writerows([m.sender, m.text, m.time.isoformat() if m.time else ""] for m in MESSAGES)
    path = tmp_path / "chat.csv"
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def _chat(*arguments: str) -> str:
    found = CliRunner().invoke(app, ["chat", *arguments], env={"COLUMNS": "200"}, catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout


def test_an_event_is_shown_with_its_refusal_tactics_and_the_messages_around_it(export: Path) -> None:
    shown = _chat(str(export))
    assert "goes on after the no in #2 of B: likely, score 0.93" in shown
    assert f"{tactic('obligation').title}: likely, score 0.90" in shown and tactic("persistence").title in shown
    assert "I could come over" in shown and "soup 11" not in shown
    assert "1 other message has a likely tactic" in shown
    assert shown.count("A result is not a verdict.") == 2 and note().split(".")[0] in shown


def test_names_are_shown_only_when_asked(export: Path) -> None:
    assert "Ana" not in _chat(str(export)) and "Ben" not in _chat(str(export), "--json")
    assert "Ana" in _chat(str(export), "--names")


def test_all_shows_every_message_and_likely_those_with_a_tactic(export: Path) -> None:
    assert all(f"soup {i}\n" in _chat(str(export), "--all") for i in range(12))
    shown = _chat(str(export), "--likely", "--around", "0")
    assert "show the pictures" in shown and "soup 3" not in shown and "other message" not in shown


def test_a_message_cannot_steer_the_terminal(export: Path) -> None:
    shown = _chat(str(export), "--all")
    assert "\x1b" not in shown and "[bold]x[/bold]" in shown


def test_a_name_cannot_steer_the_terminal_or_pass_for_a_line_of_its_own(export: Path) -> None:
    name = "Ben\n! #9 Ana\u202e\u2028\u2066\x9b"
    export.write_text(export.read_text(encoding="utf-8").replace("Ben", f'"{name}"'), encoding="utf-8")
    shown = _chat(str(export), "--names", "--all")
    assert shown.count("Ben\ufffd! #9 Ana\ufffd\ufffd\ufffd\ufffd") == 5  # three heads, the refusal, the counts
    assert not set("\u202e\u2066\x9b\u2028") & set(shown)


def test_one_of_a_kind_is_counted_as_one(export: Path) -> None:
    shown = _chat(str(export))
    assert "A: 15 messages, 1 that asks, 0 that refuse, 2 with a likely tactic, 1 event.\n" in shown


def test_json_is_the_conversation_without_texts(export: Path) -> None:
    found = json.loads(_chat(str(export), "--json"))
    assert found["chat"] == {"format": "table", "messages": 18, "notes": []}
    assert found["events"][0]["refused_by"] == "B" and list(found["counts"]) == ["A", "B"]
    assert found["note"] == note() and len(found["messages"]) == 18
    assert "dinner" not in json.dumps(found)


def test_json_is_what_the_analysis_gives_as_plain_data(export: Path) -> None:
    found = json.loads(_chat(str(export), "--json"))
    messages = by_letter(read_chat(export).messages)
    plain = _Detector().analyze_conversation(messages).to_dict()
    assert list(found) == ["chat", *plain]
    assert found == json.loads(json.dumps({"chat": found["chat"]} | plain))


def test_the_page_is_written_for_its_owner_only(export: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert _chat(str(export), "--html", str(page)) == ""
    assert "After the dinner" in page.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chat.csv", "page.html"]
    if os.name == "posix":
        assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_a_page_replaces_a_page_and_no_other_file(export: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    _chat(str(export), "--html", str(page))
    written = page.read_bytes()
    _chat(str(export), "--html", str(page), "--all")
    assert page.read_bytes() != written
    page.write_text('<!doctype html><meta name="generator" content="another">', encoding="utf-8")
    with pytest.raises(InputError, match="is no page of this command"):
        _chat(str(export), "--html", str(page))
    assert "another" in page.read_text(encoding="utf-8") and len(list(tmp_path.iterdir())) == 2


def test_a_page_replaces_no_part_of_a_folder_that_is_read(export: Path, tmp_path: Path) -> None:
    part = tmp_path / "photo.jpg"
    part.write_bytes(b"\xff\xd8")
    with pytest.raises(InputError, match="is no page of this command"):
        _chat(str(tmp_path), "--html", str(part))
    assert part.read_bytes() == b"\xff\xd8"


@pytest.mark.parametrize("target", ["chat.csv", ".", "none/page.html"])
def test_a_page_that_cannot_be_written_changes_nothing(export: Path, tmp_path: Path, target: str) -> None:
    before = export.read_bytes()
    with pytest.raises(InputError):
        _chat(str(export), "--html", str(tmp_path / target))
    assert export.read_bytes() == before and [path.name for path in tmp_path.iterdir()] == ["chat.csv"]
