"""Signal and iMessage as the common tools write them: text, JSON lines and CSV."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coercion_detect.errors import DataError
from tests.chats.exports import MARKER, read, said, times

SIGNAL_MD = """\
[2024-05-01, 15:04] Me: How was it?  
[2024-05-01 15:10:03] Ana: Long.

Soup now  
(- Me: ❤, Cy: 👍 -)
[2024-05-01, 15:11] Ana: ![a.jpg](./media/a.jpg)  
[2024-05-01, 15:12] Me: 

> Soup now

which one?  
[2024-05-01, 15:13] Ana: (This message was deleted)
[2024-05-01, 15:14] Ana: Missed voice call  
"""  # noqa: W291 two spaces end every line of that Markdown

SIGTOP = """\
Conversation: Ana (+15550100)

From: Ana (+15550100)
Type: incoming
Sent: Wed, 1 May 2024 15:04:05 +0200
Received: Wed, 1 May 2024 15:04:06 +0200
Attachment: b.jpg (image/jpeg, 3 bytes)
Reaction: ❤ from You
Reaction: 👍 from Cy

From: the start, tell me

twice

From: You
Type: outgoing
Sent: Wed, 1 May 2024 15:05:05 +0200

> From: Ana (+15550100)
> Sent: Wed, 1 May 2024 15:04:05 +0200
>
> From: the start, tell me

no

From: Ana (+15550100)
Type: incoming
Sent: Wed, 1 May 2024 15:06:05 +0200
Received: Wed, 1 May 2024 15:06:06 +0200
Attachment: a.jpg (image/jpeg, 3 bytes)

From: Ana (+15550100)
Type: incoming
Sent: Wed, 1 May 2024 15:07:05 +0200
Received: Wed, 1 May 2024 15:07:06 +0200
Edited: 2 versions

| Version: 2
| Sent: Wed, 1 May 2024 15:08:05 +0200
|
| new words
|
| Version: 1
| Sent: Wed, 1 May 2024 15:07:05 +0200
|
| old words

Type: keychange
Received: Wed, 1 May 2024 15:09:06 +0200

"""

IMESSAGE = """\
May 17, 2024  5:29:42 PM (Read by you after 1 hour, 49 seconds)
Ana
Hello there

second part
Tapbacks:
Loved by Me

May 17, 2024  5:30:00 PM
Me
no thanks
    May 17, 2024  5:31:00 PM
    Ana
    why not

May 17, 2024  5:30:30 PM You renamed the conversation to Soup

May 17, 2024  5:31:00 PM
Ana
why not
/Users/me/Library/Messages/Attachments/ab/b.heic
This message responded to an earlier message.

May 17, 2024  5:32:00 PM
Ana
/Users/me/Library/Messages/Attachments/ab/a.heic

May 17, 2024  5:33:00 PM
Ana
Ana unsent a message!

"""

IMAZING = """\
Chat Session,Message Date,Delivered Date,Read Date,Edited Date,Deleted Date,Service,Type,Sender ID,Sender Name,Status,\
Replying to,Subject,Text,Reactions,Attachment,Attachment type
Ana,2024-05-01 10:00:00,,,,,iMessage,Incoming,+15550100,Ana,Read,,,"hi,
there",,,
Ana,2024-05-01 10:01:00,,,,,iMessage,Outgoing,,,Sent,,,no,,,
Ana,2024-05-01 10:02:00,,,,,iMessage,Incoming,+15550100,Ana,Read,,,,,a.heic,Image
Ana,2024-05-01 10:03:00,,,,,iMessage,Notification,,,,,,Ana left,,,
"""

SIGNAL_BACK = """\
ID,THREAD_ID,ADDRESS,ADDRESS_DEVICE_ID,PERSON,DATE_RECEIVED,DATE_SENT,PROTOCOL,READ,STATUS,TYPE,BODY
1,4,+15550100,1,,1714550400000,1714550400000,31337,1,-1,10485780,soup?
2,4,+15550100,1,,1714550401000,1714550401000,,1,-1,10485783,no
3,4,+15550100,1,,1714550402000,1714550402000,,1,-1,10747924,
4,4,+15550100,1,,1714550403000,1714550403000,,1,-1,3,
"""


def test_signal_export_markdown(tmp_path: Path) -> None:
    chat = read(tmp_path, SIGNAL_MD, name="chat.md")
    assert chat.format == "signal"
    assert said(chat) == [("Me", "How was it?"), ("Ana", "Long.\n\nSoup now"), ("Me", "which one?")]
    assert times(chat)[:2] == ["2024-05-01T15:04:00", "2024-05-01T15:10:03"]
    assert chat.notes == (
        "Left out: 2 reactions, 1 message with media and no text, 1 deleted message, 1 line about a call.",
        "1 with a quoted message: only the answer is read.",
    )


def test_signal_export_json_lines(tmp_path: Path) -> None:
    base = {"date": "2024-05-01T15:04:00", "sender": "Ana", "body": "soup?  ", "quote": "", "sticker": None}
    rows = [
        base | {"reactions": [{"name": "Me", "emoji": "❤"}], "attachments": [{"name": "a", "path": "a"}]},
        base | {"reactions": [], "attachments": [{"name": "a", "path": "a"}], "body": "  "},
        base | {"reactions": [], "attachments": [], "deleted": True},
    ]
    chat = read(tmp_path, "".join(json.dumps(row) + "\n" for row in rows), name="data.json")
    assert (chat.format, said(chat)) == ("signal", [("Ana", "soup?")])
    assert chat.notes == (
        "Left out: 1 reaction, 1 message with media and no text, 1 deleted message.",
        "1 with media beside the text: only the text is read.",
    )


def test_signal_back_csv(tmp_path: Path) -> None:
    chat = read(tmp_path, SIGNAL_BACK, name="signal.csv")
    assert (chat.format, said(chat)) == ("signal", [("+15550100", "soup?"), ("Me", "no")])
    assert chat.notes[0] == "Left out: 1 message without text, 1 line about a call."


def test_sigtop_text(tmp_path: Path) -> None:
    chat = read(tmp_path, SIGTOP, name="Ana.txt")
    assert chat.format == "sigtop"
    assert said(chat) == [("Ana", "From: the start, tell me\n\ntwice"), ("Me", "no"), ("Ana", "new words")]
    assert times(chat)[0] == "2024-05-01T15:04:05+02:00"
    assert chat.notes == (
        "Left out: 2 reactions, 1 message with media and no text, 1 system line.",
        "1 with a quoted message: only the answer is read.",
        "1 edited: only the last wording is read.",
        "1 with media beside the text: only the text is read.",
        "The export gives universal time; times are shown in this computer's time zone.",
    )


def test_imessage_exporter_text(tmp_path: Path) -> None:
    chat = read(tmp_path, IMESSAGE, name="+15550100.txt")
    assert chat.format == "imessage"
    assert said(chat) == [("Ana", "Hello there\n\nsecond part"), ("Me", "no thanks"), ("Ana", "why not")]
    assert times(chat)[0] == "2024-05-17T17:29:42"
    assert chat.notes == (
        "Left out: 1 reaction, 1 system line, 1 message with media and no text, 1 deleted message.",
        "1 of the replies also stand under what they answer: read once.",
        "1 with media beside the text: only the text is read.",
    )


def test_imazing_csv(tmp_path: Path) -> None:
    chat = read(tmp_path, IMAZING.encode("utf-8-sig"), name="Messages - Ana.csv")
    assert (chat.format, said(chat)) == ("imessage", [("Ana", "hi,\nthere"), ("Me", "no")])
    assert chat.notes == ("Left out: 1 message with media and no text, 1 system line.",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (SIGTOP.replace("Wed, 1 May 2024 15:05:05 +0200", MARKER), "line 15: has a date that cannot be read"),
        (IMAZING.replace("2024-05-01 10:01:00", MARKER), "line 4: has a date that cannot be read"),
        (SIGNAL_BACK.replace("10485783", MARKER), "line 3: has a type or date that is no number"),
        (SIGNAL_MD.replace("2024-05-01, 15:12", "2024-15-01, 15:12"), "line 7: has a date that cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, content)
    assert says in str(error.value) and MARKER not in str(error.value)
