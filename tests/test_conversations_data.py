"""The labelled conversations keep what the datasheet promises."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict

import pytest

from coercion_detect.training.conversations import Conversation, load_conversations
from tests.conftest import ROOT

DATA = ROOT / "data" / "conversations.jsonl"
SECOND = ROOT / "data" / "conversations_second.csv"
MINORS = re.compile(r"\b(kids?|child|children|teen\w*|minors?|underage|schoolgirls?|schoolboys?)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def conversations() -> tuple[Conversation, ...]:
    return load_conversations(DATA)


@pytest.fixture(scope="module")
def second() -> list[dict[str, str]]:
    if not SECOND.is_file():
        pytest.skip("data/conversations_second.csv is not there yet")
    with SECOND.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_conversations_are_many_and_of_4_to_30_messages(conversations: tuple[Conversation, ...]) -> None:
    assert len(conversations) >= 600
    assert [c.id for c in conversations if not 4 <= len(c.messages) <= 30] == []


def test_about_half_have_persistence(conversations: tuple[Conversation, ...]) -> None:
    assert 0.45 <= sum(c.persistence for c in conversations) / len(conversations) <= 0.55


def test_the_file_says_of_each_whether_anybody_presses_on(conversations: tuple[Conversation, ...]) -> None:
    said = [json.loads(line)["persistence"] for line in DATA.read_text(encoding="utf-8").splitlines()]
    assert said == [c.persistence for c in conversations]


def test_every_event_goes_against_an_earlier_refusal_of_somebody_else(conversations: tuple[Conversation, ...]) -> None:
    events = [(c, i, m.after) for c in conversations for i, m in enumerate(c.messages) if m.after is not None]
    assert len(events) >= 400
    for c, i, refusal in events:
        assert 0 <= refusal < i, (c.id, i)
        assert c.messages[refusal].sender != c.messages[i].sender, (c.id, i)
        assert "refusal" in c.messages[refusal].acts, (c.id, i)
        assert "persistence" in c.messages[i].tactics, (c.id, i)


def test_at_least_two_people_speak_and_nobody_is_silent(conversations: tuple[Conversation, ...]) -> None:
    assert [c.id for c in conversations if len({m.sender for m in c.messages}) < 2] == []
    assert [c.id for c in conversations if not all(m.text.strip() for m in c.messages)] == []


def test_a_group_lies_within_one_voice(conversations: tuple[Conversation, ...]) -> None:
    voices = defaultdict(set)
    for c in conversations:
        voices[c.group].add(c.voice)
    assert [group for group, found in voices.items() if len(found) > 1] == []
    assert len({c.voice for c in conversations}) >= 20


def test_contrasts_are_many(conversations: tuple[Conversation, ...]) -> None:
    labels = defaultdict(set)
    for c in conversations:
        labels[c.group].add(c.persistence)
    assert sum(len(found) == 2 for found in labels.values()) >= 100


def test_no_conversation_stands_twice(conversations: tuple[Conversation, ...]) -> None:
    said = Counter(tuple(" ".join(re.findall(r"\w+", m.text.casefold())) for m in c.messages) for c in conversations)
    assert [number for number in said.values() if number > 1] == []


def test_no_minor_is_named(conversations: tuple[Conversation, ...]) -> None:
    spoken = [c.id for c in conversations if any(MINORS.search(m.text) for m in c.messages)]
    assert spoken == [] and [c.id for c in conversations if MINORS.search(c.note)] == []


def test_every_conversation_is_authored(conversations: tuple[Conversation, ...]) -> None:
    assert {c.source for c in conversations} == {"authored"}


def _events(c: Conversation) -> str:
    return " ".join(f"{i}*{m.after}" for i, m in enumerate(c.messages) if m.after is not None)


def _refusals(c: Conversation) -> str:
    return " ".join(str(i) for i, m in enumerate(c.messages) if "refusal" in m.acts)


def test_second_readings_are_many_and_of_conversations_of_the_file(
    second: list[dict[str, str]], conversations: tuple[Conversation, ...]
) -> None:
    columns = ["id", "first_events", "second_events", "first_refusals", "second_refusals"]
    ids = [row["id"] for row in second]
    assert len(ids) >= 120 and len(set(ids)) == len(ids)
    assert set(ids) <= {c.id for c in conversations}
    assert all(list(row) == columns for row in second)


def test_first_readings_are_the_labels_of_the_file(
    second: list[dict[str, str]], conversations: tuple[Conversation, ...]
) -> None:
    of_id = {c.id: c for c in conversations}
    for row in second:
        assert row["first_events"] == _events(of_id[row["id"]]), row["id"]
        assert row["first_refusals"] == _refusals(of_id[row["id"]]), row["id"]


def test_second_readings_point_to_messages_of_the_conversation(
    second: list[dict[str, str]], conversations: tuple[Conversation, ...]
) -> None:
    of_id = {c.id: c.messages for c in conversations}
    for row in second:
        messages = of_id[row["id"]]
        assert all(0 <= int(i) < len(messages) for i in row["second_refusals"].split()), row["id"]
        for event in row["second_events"].split():
            index, refusal = map(int, event.split("*"))
            assert 0 <= refusal < index < len(messages), row["id"]
            assert messages[refusal].sender != messages[index].sender, row["id"]
