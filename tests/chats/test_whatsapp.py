from __future__ import annotations

from pathlib import Path

import pytest

from coercion_detect.errors import DataError
from tests.chats.exports import MARKER, read, said, times

LRM, NNBSP = "\u200e", "\u202f"

ANDROID = """\
12/31/23, 11:58 PM - Messages and calls are end-to-end encrypted. Tap to learn more.
12/31/23, 11:58 PM - Ana created group "Soup: and more"
12/31/23, 11:59 PM - Ana: are you coming over?

bring soup
1/1/24, 12:03 AM - Ben: not tonight, I don't want to: tired
1/1/24, 12:04 AM - Ana: <Media omitted>
1/1/24, 12:05 AM - Ana: IMG-20240101-WA0001.jpg (file attached)
look at this
1/1/24, 12:06 AM - Ben: This message was deleted
1/1/24, 12:07 AM - Ana: Missed voice call
1/1/24, 1:05 PM - Ana: come on <This message was edited>
1/1/24, 1:06 PM - Ben: null
"""

IOS = f"""\
{LRM}[14.03.2024, 21:04:09] Soup: {LRM}Messages and calls are end-to-end encrypted.
[14.03.2024, 21:04:10] Ana: hello
[14.03.2024, 21:05:00] ~{NNBSP}Ben: 10:30 - is that fine?
{LRM}[14.03.2024, 21:05:11] Ana: {LRM}image omitted
{LRM}[14.03.2024, 21:05:12] Ana: {LRM}<attached: 00000030-PHOTO.jpg>
[14.03.2024, 21:06:00] Ana: summer\n{LRM}image omitted
[14.03.2024, 21:07:00] Ben: fixed it {LRM}<This message was edited>
{LRM}[14.03.2024, 21:08:00] Ben: {LRM}This message was deleted.
{LRM}[14.03.2024, 21:09:00] Ben: {LRM}Report.pdf • {LRM}3 pages {LRM}document omitted
{LRM}[14.03.2024, 21:10:00] Ben: {LRM}Voice call. {LRM}2 min
{LRM}[14.03.2024, 21:11:00] Ben: {LRM}Ben changed this group's icon
"""


def test_an_android_export_gives_its_messages_and_says_what_is_left_out(tmp_path: Path) -> None:
    chat = read(tmp_path, ANDROID)
    assert chat.format == "whatsapp"
    assert said(chat) == [
        ("Ana", "are you coming over?\n\nbring soup"),
        ("Ben", "not tonight, I don't want to: tired"),
        ("Ana", "look at this"),
        ("Ana", "come on"),
    ]
    assert times(chat) == ["2023-12-31T23:59:00", "2024-01-01T00:03:00", "2024-01-01T00:05:00", "2024-01-01T13:05:00"]
    assert chat.notes == (
        "Left out: 2 system lines, 1 message with media and no text, 1 deleted message, 1 line about a call, "
        "1 message without text.",
        "1 edited: the export holds the last wording only.",
        "1 with media beside the text: only the text is read.",
    )


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_ios_export_gives_its_messages_without_invisible_marks(tmp_path: Path, encoding: str, ending: str) -> None:
    chat = read(tmp_path, IOS.replace("\n", ending).encode(encoding), name="_chat.txt")
    assert said(chat) == [
        ("Ana", "hello"),
        ("Ben", "10:30 - is that fine?"),
        ("Ana", "summer"),
        ("Ben", "fixed it"),
    ]
    assert times(chat)[0] == "2024-03-14T21:04:10"
    assert chat.notes[0] == (
        "Left out: 2 lines that WhatsApp marks as its own, 3 messages with media and no text, 1 deleted message, "
        "1 line about a call."
    )


@pytest.mark.parametrize(
    ("line", "time"),
    [
        ("25/12/2023, 21:04 - A: hi", "2023-12-25T21:04:00"),
        ("12/25/23, 9:04 PM - A: hi", "2023-12-25T21:04:00"),
        (f"12/25/23, 9:04{NNBSP}PM - A: hi", "2023-12-25T21:04:00"),
        ("25/12/2023, 9:04 pm - A: hi", "2023-12-25T21:04:00"),
        ("25/12/2023, 9:04 p.m. - A: hi", "2023-12-25T21:04:00"),
        ("25/12/2023, 12:04 am - A: hi", "2023-12-25T00:04:00"),
        ("25.12.23, 21:04 - A: hi", "2023-12-25T21:04:00"),
        ("2023-12-25, 21:04 - A: hi", "2023-12-25T21:04:00"),
        ("2023/12/25, 21:04 - A: hi", "2023-12-25T21:04:00"),
        ("25-12-2023 21:04 - A: hi", "2023-12-25T21:04:00"),
        ("[25/12/2023, 21:04:09] A: hi", "2023-12-25T21:04:09"),
        (f"[12/25/23, 9:04:09{NNBSP}PM] A: hi", "2023-12-25T21:04:09"),
        ("[25.12.2023 klo 21.04.09] A: hi", "2023-12-25T21:04:09"),
        ("[25. 12. 2023, 21:04:09] A: hi", "2023-12-25T21:04:09"),
        ("[2023-12-25, 21:04:09] A: hi", "2023-12-25T21:04:09"),
    ],
)
def test_every_way_to_write_a_date_is_read(tmp_path: Path, line: str, time: str) -> None:
    chat = read(tmp_path, line + "\n")
    assert said(chat) == [("A", "hi")]
    assert times(chat) == [time]


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["05/02/2024", "13/02/2024"], "2024-02-05"),
        (["05/02/2024", "05/13/2024"], "2024-05-02"),
        (["01/02/2024", "01/03/2024", "01/04/2024", "02/01/2024"], "2024-01-02"),
        (["01/01/2024", "02/01/2024", "01/02/2024"], "2024-01-01"),
    ],
)
def test_the_order_of_day_and_month_is_decided_over_the_whole_file(
    tmp_path: Path, dates: list[str], first: str
) -> None:
    chat = read(tmp_path, "".join(f"{date}, 10:00 - A: hi\n" for date in dates))
    assert times(chat)[0] == f"{first}T10:00:00"
    assert chat.notes == ()
    assert times(chat) == sorted(times(chat))


def test_an_open_order_is_said_and_can_be_set(tmp_path: Path) -> None:
    line = "03/04/2024, 10:00 - A: hi\n"
    chat = read(tmp_path, line)
    assert times(chat) == ["2024-04-03T10:00:00"]
    assert "--month-first" in chat.notes[0]
    chat = read(tmp_path, line, day_first=False)
    assert (times(chat), chat.notes) == (["2024-03-04T10:00:00"], ())


def test_dates_in_two_orders_are_refused_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 2: has a date in another order") as error:
        read(tmp_path, f"13/01/2024, 10:00 - A: {MARKER}\n01/14/2024, 10:00 - A: {MARKER}\n")
    assert error.value.line == 2
    assert MARKER not in str(error.value)


def test_a_date_that_no_calendar_holds_is_refused_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 2: has a date that no calendar holds"):
        read(tmp_path, f"13/01/2024, 10:00 - A: hi\n30/02/2024, 10:00 - A: {MARKER}\n")


def test_a_text_that_only_looks_dated_stays_in_its_message(tmp_path: Path) -> None:
    chat = read(tmp_path, "13/01/2024, 10:00 - A: list\n13/01/2024, 99:00 - not a time\n")
    assert said(chat) == [("A", "list\n13/01/2024, 99:00 - not a time")]


def test_words_in_a_message_do_not_make_it_a_system_line(tmp_path: Path) -> None:
    text = "he said: Ana created group chats and changed the subject"
    assert said(read(tmp_path, f"13/01/2024, 10:00 - A: {text}\n")) == [("A", text)]


def test_right_to_left_text_is_kept(tmp_path: Path) -> None:
    chat = read(tmp_path, "[14.03.2024, 21:04:10] \u202aAna\u202c: \u200fשלום לך\n")
    assert said(chat) == [("Ana", "שלום לך")]
