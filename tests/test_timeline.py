from __future__ import annotations

import doctest

from coercion_detect import timeline
from coercion_detect.conversation import Message
from coercion_detect.timeline import Span, Stretch, by_letter, elsewhere, everything, letter, spans, stretches
from tests.conversations import MESSAGES, TEXTS, conversation


def test_examples_in_docstrings_run() -> None:
    found = doctest.testmod(timeline)
    assert found.attempted and not found.failed


def test_letters_go_on_after_z() -> None:
    assert [letter(i) for i in (0, 1, 25, 26, 27, 51, 52, 701, 702)] == [
        "A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_senders_become_letters_in_the_order_of_their_first_message() -> None:
    messages = [Message(who, "x") for who in ("Zoe", "A", "Zoe", "B")]
    assert [message.sender for message in by_letter(messages)] == ["A", "B", "A", "C"]
    assert [message.text for message in by_letter(MESSAGES)] == [message.text for message in MESSAGES]


def test_only_events_are_shown_with_the_messages_around_them() -> None:
    assert spans(conversation(), around=1) == (Span(0, 4, 0),)
    assert spans(conversation(), around=0) == (Span(0, 3, 0),)
    assert spans(conversation(with_event=False)) == ()


def test_likely_tactics_without_an_event_are_counted_and_shown_when_asked() -> None:
    found = conversation()
    assert elsewhere(found, shown=spans(found)) == 1
    shown = spans(found, around=1, with_likely=True)
    assert shown == (Span(0, 4, 0), Span(15, 18, 11))
    assert elsewhere(found, shown=shown) == 0


def test_everything_is_one_span() -> None:
    assert everything(conversation()) == (Span(0, len(MESSAGES), 0),)


def test_evidence_becomes_stretches_that_do_not_overlap_and_have_no_blank_ends() -> None:
    text = TEXTS[2][1]
    found = stretches(text, conversation().messages[2])
    assert [(text[s.start : s.end], s.tags) for s in found] == [
        ("After the dinner", (1,)),
        ("I paid for", (1, 2)),
        ("? You owe me <b>this</b>", (2,)),
    ]
    assert all(isinstance(s, Stretch) for s in found)
