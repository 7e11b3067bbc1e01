from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from coercion_detect import timeline
from coercion_detect.chat_page import build
from coercion_detect.help_lines import all_help_lines
from coercion_detect.taxonomy import note, tactic
from tests.conversations import MESSAGES, TEXTS, analysis, conversation

VOID = ("meta", "br", "hr", "img", "link")


def page(
    *, everything: bool = False, with_event: bool = True, notes: tuple[str, ...] = ("Left out: 1 system line.",)
) -> str:
    found = conversation(with_event=with_event)
    spans = timeline.everything(found) if everything else timeline.spans(found)
    return build(MESSAGES, found, spans=spans, format="whatsapp", notes=notes)


class _Page(HTMLParser):
    """Collect tags, ids, links and text, and check that everything is closed."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text += data


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("with_event", [False, True])
def test_the_page_is_well_formed_and_its_links_inside_lead_somewhere(everything: bool, with_event: bool) -> None:
    found = _Page(page(everything=everything, with_event=with_event))
    assert found.open == []
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    inside = [a["href"] for tag, a in found.tags if tag == "a" and (a["href"] or "").startswith("#")]
    assert inside and {str(link)[1:] for link in inside} <= {str(name) for name in ids}


def test_the_page_loads_nothing() -> None:
    found = _Page(page())
    assert not [tag for tag, a in found.tags if "src" in a or tag in ("link", "img", "iframe", "object")]
    assert "url(" not in page() and "@import" not in page()
    assert "default-src 'none'" in page()


def test_messages_are_escaped_and_cannot_add_markup() -> None:
    content = page()
    assert content.count("<script>") == 1 and "&lt;script&gt;alert(1)&lt;/script&gt;" in content
    assert "<b>this" not in content and 'dir="auto"' in content
    assert TEXTS[3][1] in _Page(content).text


def test_the_note_stands_at_top_and_bottom_and_help_is_there() -> None:
    found = _Page(page()).text
    assert found.count(note()) == 2
    assert found.index(note()) < found.index("I could come over") < found.rindex(note())
    assert "Content note." in found and all(line.name in found for line in all_help_lines())
    assert "Left out: 1 system line." in found


def test_an_event_names_its_refusal_its_tactics_and_their_explanations() -> None:
    content = page()
    found = " ".join(_Page(content).text.split())
    assert f"Goes on after the no in #2 of Ben: likely, score 0.93 ({tactic('persistence').title})." in found
    for name in ("persistence", "obligation", "guilt_or_anger"):
        assert tactic(name).title in found
        assert f'id="{name}"' in content
    assert 'id="exposure"' not in content
    assert "1 other message has a likely tactic" in found


def test_evidence_is_marked_for_eyes_and_ears() -> None:
    content = page()
    assert (
        '<mark><span class="away">[marked for 1: </span>After the dinner<span class="away">]</span></mark>' in content
    )
    assert "I paid for" in content
    assert re.search(r"mark \{[^}]*font-weight[^}]*text-decoration: underline", content)


def test_only_shown_messages_are_on_the_page() -> None:
    assert "soup 9" not in page() and "soup 9" in page(everything=True)
    assert "12 messages not shown" in page() or "messages not shown" in page()


def test_an_empty_result_is_no_clearance() -> None:
    found = " ".join(_Page(page(with_event=False)).text.split())
    assert "That does not mean that nothing is wrong." in found


@pytest.mark.parametrize("word", ["abuser", "guilty", "detected coercion", "victim"])
def test_no_word_for_a_kind_of_person(word: str) -> None:
    assert word not in page(everything=True).split('<h2 id="tactics">')[0].lower()


def test_it_can_be_left_printed_and_read_in_the_dark() -> None:
    content = page()
    assert re.search(r'<a class="leave" href="https://[^"]+" rel="noreferrer">Leave this page</a>', content)
    assert '<span class="keys" hidden>or press Esc twice</span>' in content and "e.key!=='Escape'" in content
    assert "@media print" in content and "prefers-color-scheme: dark" in content
    assert "<title>Notes on a conversation</title>" in content


def test_no_link_inside_leaves_an_entry_in_the_history_and_the_script_is_the_one_allowed() -> None:
    content = page()
    (script,) = re.findall(r"<script>(.*?)</script>", content)
    assert """closest('.leave,a[href^="#"]')""" in script and "location.replace(a.href)" in script
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'\"" in content


def test_one_message_is_not_called_messages() -> None:
    one = replace(conversation(with_event=False), messages=(analysis(),))
    found = build(MESSAGES[:1], one, spans=(), format="whatsapp", notes=())
    assert "1 message, read as whatsapp" in found
