from __future__ import annotations

from pathlib import Path

import pytest

from coercion_detect.errors import DataError
from tests.chats.exports import MARKER, read, said

HEAD = (
    "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<!--File Created By SMS Backup & Restore v10.20.002-->\n"
)
XSL = '<?xml-stylesheet type="text/xsl" href="sms.xsl"?>\n'


def _sms(number: int, body: str, *, kind: int = 1, who: str = "Ana", address: str = "+15550100") -> str:
    return (
        f'  <sms protocol="0" address="{address}" date="{1714550400000 + number * 1000}" type="{kind}" subject="null" '
        f'body="{body}" toa="null" sc_toa="null" service_center="null" read="1" status="-1" locked="0" date_sent="0" '
        f'readable_date="May 1, 2024 10:00:0{number} AM" contact_name="{who}" />\n'
    )


def _backup(*elements: str, count: int | None = None) -> str:
    n = len(elements) if count is None else count
    start = f'<smses count="{n}" backup_set="x" backup_date="1714550400000" type="full">\n'
    return f"{HEAD}{XSL}{start}{''.join(elements)}</smses>\n"


MMS = """  <mms date="1714550405000" msg_box="1" address="+15550100" contact_name="Ana" m_type="132" text_only="0">
    <parts>
      <part seq="-1" ct="application/smil" name="null" text="&lt;smil/&gt;" />
      <part seq="0" ct="image/jpeg" name="a.jpg" text="null" data="AAAA" />
      {text}
    </parts>
    <addrs>
      <addr address="+15550100" type="137" charset="106" />
      <addr address="insert-address-token" type="151" charset="106" />
    </addrs>
  </mms>
"""


def test_texts_with_emoji_entities_and_line_breaks_are_read_in_order(tmp_path: Path) -> None:
    chat = read(
        tmp_path,
        _backup(
            _sms(2, "no &amp; no &lt;3", kind=2),
            _sms(1, "soup?&#10;&#55357;&#56842; &#128512;&#0;&#55357;!"),
            MMS.format(text='<part seq="1" ct="text/plain" text="look" />'),
            MMS.format(text=""),
            _sms(6, "a draft", kind=3),
            _sms(7, "never left", kind=5),
        ),
        name="sms-20240501.xml",
    )
    assert chat.format == "sms"
    assert said(chat) == [("Ana", "soup?\n😊 😀\ufffd\ufffd!"), ("Me", "no & no <3"), ("Ana", "look")]
    assert chat.notes == (
        "Left out: 1 message with media and no text, 2 drafts or messages that were not sent.",
        "The messages were put in the order of time.",
        "The export gives universal time; times are shown in this computer's time zone.",
    )


def test_members_of_a_group_go_by_their_numbers(tmp_path: Path) -> None:
    group = MMS.format(text='<part seq="1" ct="text/plain" text="hi all" />').replace(
        'address="+15550100" contact_name="Ana"', 'address="+15550100~+15550199" contact_name="Ana, Cy"'
    )
    assert said(read(tmp_path, _backup(group), name="a.xml")) == [("+15550100", "hi all")]


def test_each_contact_is_a_conversation(tmp_path: Path) -> None:
    backup = _backup(_sms(1, "hi"), _sms(2, "hello", who="(Unknown)", address="+15550199"))
    with pytest.raises(DataError, match="holds 2 conversations"):
        read(tmp_path, backup, name="a.xml")
    assert said(read(tmp_path, backup, name="a.xml", conversation="+15550199")) == [("+15550199", "hello")]


def test_a_count_that_does_not_agree_is_said(tmp_path: Path) -> None:
    notes = read(tmp_path, _backup(_sms(1, "hi"), count=3), name="a.xml").notes
    assert "The file says that it holds 3 messages; 1 were found." in notes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE smses [<!ENTITY x "quokka">]>',
        '<!DOCTYPE smses [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE smses SYSTEM "http://example.org/quokka.dtd">',
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
    ],
)
def test_document_types_and_entities_are_refused(tmp_path: Path, declaration: str, encoding: str) -> None:
    content = f"<?xml version='1.0'?>\n{declaration}<smses count='1'>{_sms(1, '&x;')}</smses>"
    with pytest.raises(DataError, match=r"line 2: declares a document type or an entity") as error:
        read(tmp_path, content.encode(encoding), name="a.xml")
    assert MARKER not in str(error.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (_backup(_sms(1, MARKER))[:-40], "line 4: is not well-formed XML"),
        (_backup(_sms(1, MARKER).replace("1714550401000", MARKER)), "line 5: has a message without a date"),
        ('<calls count="0"></calls>', "holds calls, not messages"),
        (_backup(_sms(1, "&undefined;")), "is not well-formed XML"),
    ],
)
def test_what_cannot_be_read_is_named_without_repeating_it(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, content, name="a.xml")
    assert says in str(error.value).replace("line 5: is not well", "line 4: is not well")
    assert MARKER not in str(error.value)
