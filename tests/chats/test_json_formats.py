"""Telegram, Discord, Messenger and Instagram: JSON as the exporters write it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coercion_detect.errors import DataError
from tests.chats.exports import MARKER, read, said, times


def _telegram(number: int, text: str | list[Any], **more: object) -> dict[str, Any]:
    message = {"id": number, "type": "message", "date": f"2024-05-01T10:00:{number:02}", "date_unixtime": "1714550400"}
    sender = {"from": "Ana", "from_id": "user1"}
    return message | sender | {"text": text, "text_entities": [{"type": "plain", "text": str(text)}]} | more


TELEGRAM: dict[str, Any] = {
    "name": "Ana",
    "type": "personal_chat",
    "id": 1,
    "messages": [
        {"id": 0, "type": "service", "date": "2024-05-01T09:00:00", "actor": "Ana", "action": "phone_call", "text": ""},
        _telegram(1, "are you there? 🍲"),
        _telegram(
            2, ["see ", {"type": "link", "text": "https://example.org"}, " – and ", {"type": "bold", "text": "x"}]
        ),
        _telegram(3, "", photo="(File not included. Change data exporting settings to download.)", width=1),
        _telegram(4, "no", **{"from": None, "from_id": "user2"}),
        _telegram(5, "passed on", forwarded_from="Cy", reactions=[{"type": "emoji", "count": 2, "emoji": "❤"}]),
        _telegram(6, "same name, another person", from_id="user3", photo="a.jpg", edited="2024-05-01T10:01:00"),
        {"id": 7, "type": "service", "date": "2024-05-01T09:00:00", "action": "pin_message", "text": ""},
    ],
}


def test_a_telegram_chat_gives_its_messages_and_says_what_is_left_out(tmp_path: Path) -> None:
    chat = read(tmp_path, TELEGRAM, name="result.json")
    assert chat.format == "telegram"
    assert said(chat) == [
        ("Ana", "are you there? 🍲"),
        ("Ana", "see https://example.org – and x"),
        ("Deleted account", "no"),
        ("Ana", "passed on"),
        ("Ana (2)", "same name, another person"),
    ]
    assert times(chat)[0] == "2024-05-01T10:00:01"
    assert chat.notes == (
        "Left out: 1 line about a call, 1 message with media and no text, 2 reactions, 1 system line.",
        "1 edited: the export holds the last wording only.",
        "1 with media beside the text: only the text is read.",
        "1 forwarded: read as the words of whoever passed them on.",
    )


def test_of_a_whole_telegram_account_one_chat_is_chosen(tmp_path: Path) -> None:
    account = {
        "about": "Here is the data you requested.",
        "chats": {"about": "", "list": [TELEGRAM, TELEGRAM | {"name": "Cy"}]},
    }
    with pytest.raises(DataError, match=r"holds 2 conversations\. Choose one with --conversation") as error:
        read(tmp_path, account, name="result.json")
    assert "Ana" not in str(error.value) and "1 (5 messages)" in str(error.value)
    by_name = read(tmp_path, account, name="result.json", conversation="cy")
    by_number = read(tmp_path, account, name="result.json", conversation="2")
    assert by_name == by_number and by_name.title == "Cy"
    with pytest.raises(DataError, match=r"no conversation of that name"):
        read(tmp_path, account, name="result.json", conversation=MARKER)


def _discord(number: int, content: str, **more: object) -> dict[str, Any]:
    author = {"id": "7", "name": "ana", "discriminator": "0000", "nickname": "Ana", "isBot": False, "roles": []}
    return {
        "id": str(number),
        "type": "Default",
        "timestamp": f"2024-05-01T10:00:{number:02}.1234567+00:00",
        "timestampEdited": None,
        "isPinned": False,
        "content": content,
        "author": author,
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
    } | more


def test_a_discord_channel_gives_its_messages_and_says_what_is_left_out(tmp_path: Path) -> None:
    ben = {"id": "8", "name": "ben", "nickname": None}
    chat = read(
        tmp_path,
        {
            "guild": {"id": "0", "name": "Direct Messages", "iconUrl": "x"},
            "channel": {"id": "1", "type": "DirectTextChat", "name": "ana"},
            "dateRange": {"after": None, "before": None},
            "messages": [
                _discord(1, "hello **there**", attachments=[{"id": "2", "url": "b.png"}], embeds=[{"url": "x"}]),
                _discord(2, "no thanks", author=ben, type="Reply", reactions=[{"emoji": {"name": "x"}, "count": 3}]),
                _discord(3, "", attachments=[{"id": "1", "url": "a.png", "fileName": "a.png", "fileSizeBytes": 1}]),
                _discord(4, "Pinned a message.", type="ChannelPinnedMessage"),
                _discord(5, "Started a call that lasted 3 minutes.", type="Call"),
                _discord(6, "well", timestampEdited="2024-05-01T10:01:00+00:00", embeds=[{"url": "x"}]),
            ],
            "messageCount": 6,
        },
        name="dm.json",
    )
    assert chat.format == "discord"
    assert said(chat) == [("Ana", "hello **there**"), ("ben", "no thanks"), ("Ana", "well")]
    assert [message.time.timestamp() % 60 for message in chat.messages if message.time] == pytest.approx(
        [1.123456, 2.123456, 6.123456]
    )
    assert chat.notes == (
        "Left out: 3 reactions, 1 message with media and no text, 1 system line, 1 line about a call.",
        "1 edited: the export holds the last wording only.",
        "1 with media beside the text: only the text is read.",
        "The export gives universal time; times are shown in this computer's time zone.",
    )


def _broken(text: str) -> str:
    return text.encode("utf-8").decode("latin-1")


def test_messenger_files_are_put_in_order_and_their_encoding_mended(tmp_path: Path) -> None:
    start = 1_714_550_400_000
    thread = {
        "participants": [{"name": _broken("Zoë")}, {"name": "Ben"}],
        "messages": [
            {"sender_name": "Ben", "timestamp_ms": start + 9000, "content": _broken("I don’t want to 🍲")},
            {
                "sender_name": "Ben",
                "timestamp_ms": start + 8000,
                "content": "Ben sent an attachment.",
                "share": {"link": "x"},
            },
            {"sender_name": "Ben", "timestamp_ms": start + 7000, "photos": [{"uri": "a.jpg"}]},
            {"sender_name": "Ben", "timestamp_ms": start + 6000, "content": _broken("Reacted 😂 to your message ")},
            {"sender_name": "Ben", "timestamp_ms": start + 5000, "content": "x", "is_unsent": True},
            {"sender_name": "Ben", "timestamp_ms": start + 4000, "content": "Ben called you.", "call_duration": 3},
            {"sender_name": _broken("Zoë"), "timestamp_ms": start, "content": _broken("café?")},
        ],
        "title": "Ben",
        "thread_path": "inbox/ben_1",
    }
    chat = read(tmp_path, json.dumps(thread).encode(), name="message_1.json")
    assert chat.format == "meta"
    assert said(chat) == [("Zoë", "café?"), ("Ben", "I don’t want to 🍲")]
    assert times(chat)[0] == "2024-05-01T08:00:00+00:00"
    assert chat.notes == (
        "Left out: 2 messages with media and no text, 1 reaction, 1 deleted message, 1 line about a call.",
        "The export gives universal time; times are shown in this computer's time zone.",
    )


def test_an_encrypted_messenger_chat_is_read_as_it_is(tmp_path: Path) -> None:
    messages = [
        {
            "isUnsent": False,
            "media": [],
            "reactions": [],
            "senderName": "Zoë",
            "text": "café Ã©",
            "timestamp": 1714550400000,
            "type": "text",
        },
        {
            "isUnsent": False,
            "media": [{"uri": "./a.jpg"}],
            "senderName": "Ben",
            "text": "",
            "timestamp": 1714550401000,
            "type": "media",
        },
    ]
    chat = read(
        tmp_path, {"participants": ["Zoë", "Ben"], "threadName": "Ben_7", "messages": messages}, name="Ben_7.json"
    )
    assert said(chat) == [("Zoë", "café Ã©")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            '{"name": "x", "type": "personal_chat", "messages": [\n{"from_id": "quokka", "text": "quok',
            "line 2: is not the JSON",
        ),
        ('{"type": "x", "messages": [{"from_id": "a"}, 3]}', "message 2 is no object"),
        (
            '{"type": "x", "messages": [{"type": "message", "from_id": "a", "text": "quokka", "date": "quokka"}]}',
            "message 1 has no date",
        ),
        ('{"guild": {}, "channel": {}, "messages": [{"content": "quokka"}]}', "message 1 has no author"),
        ('{"participants": [], "messages": [{"sender_name": "A", "content": "quokka"}]}', "message 1 has no time"),
        (
            '{"participants": [], "messages": [{"sender_name": "A", "content": "quokka", "timestamp_ms": 9e99}]}',
            "message 1 has no time",
        ),
    ],
)
def test_what_cannot_be_read_is_named_without_repeating_it(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, content, name="result.json")
    assert says in str(error.value) and "result.json" in str(error.value)
    assert MARKER not in str(error.value) and error.value.__context__ is None


def test_lone_halves_of_characters_are_replaced(tmp_path: Path) -> None:
    content = json.dumps(TELEGRAM | {"messages": [_telegram(1, "a\ud83d b")]})
    assert said(read(tmp_path, content, name="result.json")) == [("Ana", "a\ufffd b")]
