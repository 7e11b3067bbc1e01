from __future__ import annotations

import doctest
import functools
import json
import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coercion_detect import Detector, InputError, ModelError, conversation
from coercion_detect.conversation import ConversationAnalysis, Message, message_batches
from coercion_detect.detector import shipped_model
from coercion_detect.model import Model
from coercion_detect.taxonomy import note
from coercion_detect.training.conversations import Conversation, load_conversations
from tests.conftest import ROOT
from tests.in_context.contexts import by_everything, by_words

PRESSING = (
    ("A", "please stay the night"),
    ("B", "no, I don't want to"),
    ("A", "please, if you like me, you would do this for me!"),
    ("B", "I said no"),
)
ACCEPTED = (
    ("A", "please stay the night"),
    ("B", "no, I don't want to"),
    ("A", "of course, sleep well"),
    ("B", "thanks, you too"),
)


@pytest.fixture(scope="module")
def reader() -> Detector:
    """Return the shipped model with "no" for a refusal and "please" for pressing on."""
    return Detector(Model.load(shipped_model()), context=by_words())


@pytest.fixture(scope="module")
def mixed() -> Detector:
    """Return the shipped model with a reading in context in which everything counts, at random."""
    return Detector(Model.load(shipped_model()), context=by_everything())


@pytest.fixture(scope="module")
def conversations() -> tuple[Conversation, ...]:
    return load_conversations(ROOT / "data" / "conversations.jsonl")


def chat(*messages: tuple[str, str]) -> list[Message]:
    return [Message(sender, text) for sender, text in messages]


def labelled(one: Conversation) -> list[Message]:
    return [Message(message.sender, message.text) for message in one.messages]


def plain(found: ConversationAnalysis) -> list[tuple[object, ...]]:
    """Return the events but for their scores, which vary by the last digit with the texts scored together."""
    return [(e.index, e.sender, e.refusal_index, e.refused_by, e.tactics, e.rests_on) for e in found.events]


def test_examples_in_docstrings_run() -> None:
    tried = doctest.testmod(conversation)
    assert tried.attempted and not tried.failed


def test_pressing_on_is_an_event_and_an_accepted_no_is_none(reader: Detector) -> None:
    (event,) = reader.analyze_conversation(chat(*PRESSING)).events
    assert (event.index, event.refusal_index, event.refused_by, event.tactics[0]) == (2, 1, "B", "persistence")
    assert reader.analyze_conversation(chat(*ACCEPTED)).events == ()


def test_an_event_carries_the_other_tactics_of_its_message(reader: Detector) -> None:
    found = reader.analyze_conversation(chat(*PRESSING))
    others = [tag.tactic.id for tag in found.messages[2].tags if tag.tactic.id != "persistence"]
    assert "obligation" in others
    assert found.events[0].tactics == ("persistence", *others)


def test_to_dict_has_the_one_shape(reader: Detector) -> None:
    found = reader.analyze_conversation(chat(*PRESSING))
    shape = found.to_dict()
    assert list(shape) == ["messages", "events", "counts", "note", "model"]
    assert shape["messages"] == [message.to_dict() for message in found.messages]
    assert list(shape["events"][0]) == [
        "index", "sender", "refusal_index", "refused_by", "tactics", "score", "decision", "rests_on",
    ]  # fmt: skip
    assert list(shape["counts"]) == ["A", "B"]
    assert list(shape["counts"]["A"]) == ["messages", "requests", "refusals", "with_likely_tactic", "events"]
    assert shape["note"] == found.note == note()
    assert json.loads(json.dumps(shape)) == shape


def test_the_shape_is_the_same_where_nothing_is_found(reader: Detector) -> None:
    full = reader.analyze_conversation(chat(*PRESSING)).to_dict()
    assert list(reader.analyze_conversation([]).to_dict()) == list(full)
    assert reader.analyze_conversation([]).to_dict()["events"] == []


def test_nothing_in_a_result_is_the_text_or_a_verdict(reader: Detector) -> None:
    messages = [Message(m.sender, f"{m.text}, Zebulon") for m in chat(*PRESSING)]
    found = reader.analyze_conversation(messages)
    assert found.events
    assert "zebulon" not in (repr(found) + json.dumps(found.to_dict())).casefold()
    assert not {"coercive", "verdict", "label", "overall"} & set(found.to_dict())


def test_every_sender_is_counted_in_order_of_appearance(reader: Detector) -> None:
    found = reader.analyze_conversation(chat(*PRESSING, ("C", "please, B")))
    assert list(found.counts) == ["A", "B", "C"]
    assert [c.messages for c in found.counts.values()] == [2, 2, 1]
    assert [c.refusals for c in found.counts.values()] == [0, 2, 0]
    assert [c.events for c in found.counts.values()] == [1, 0, 1]
    likely = [i for i, message in enumerate(found.messages) if any(tag.decision == "likely" for tag in message.tags)]
    assert found.counts["A"].with_likely_tactic == len({0, 2} & set(likely))


def test_counts_add_up(mixed: Detector, conversations: tuple[Conversation, ...]) -> None:
    for one in conversations[::40]:
        found = mixed.analyze_conversation(labelled(one))
        assert sum(c.messages for c in found.counts.values()) == len(found.messages) == len(one.messages)
        assert sum(c.events for c in found.counts.values()) == len(found.events)
        requests = sum(message.acts["request"] >= 0.5 for message in found.messages)
        assert sum(c.requests for c in found.counts.values()) == requests


def test_each_message_is_analyzed_as_it_is_alone(mixed: Detector, conversations: tuple[Conversation, ...]) -> None:
    messages = labelled(conversations[0])
    found = mixed.analyze_conversation(messages)
    for message, analysis in zip(messages, found.messages, strict=True):
        alone = mixed.analyze(message.text)
        assert [tag.tactic.id for tag in analysis.tags] == [tag.tactic.id for tag in alone.tags]
        assert analysis.scores == pytest.approx(alone.scores, abs=1e-6)


def test_no_event_is_by_the_one_who_refused(mixed: Detector, conversations: tuple[Conversation, ...]) -> None:
    for one in conversations[::20]:
        for event in mixed.analyze_conversation(labelled(one)).events:
            assert event.sender != event.refused_by and event.refusal_index < event.index
            assert one.messages[event.index].sender == event.sender
            assert one.messages[event.refusal_index].sender == event.refused_by


def test_following_in_batches_gives_the_same_as_all_at_once(
    mixed: Detector, conversations: tuple[Conversation, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = [message for one in conversations[::40] for message in labelled(one)]
    messages = (small * (3000 // len(small) + 1))[:3000]
    in_batches = mixed.analyze_conversation(messages)
    monkeypatch.setattr("coercion_detect.detector.message_batches", functools.partial(message_batches, size=3000))
    at_once = mixed.analyze_conversation(messages)
    monkeypatch.setattr("coercion_detect.detector.message_batches", functools.partial(message_batches, size=97))
    in_others = mixed.analyze_conversation(messages)
    assert len(at_once.events) > 50
    assert plain(in_batches) == plain(at_once) == plain(in_others)
    assert in_batches.counts == at_once.counts == in_others.counts
    assert [e.score for e in in_batches.events] == pytest.approx([e.score for e in at_once.events], abs=1e-5)


def test_following_is_lazy(reader: Detector) -> None:
    taken = 0

    def endless() -> Iterator[Message]:
        nonlocal taken
        while True:
            taken += 1
            yield Message("A", "hello there")

    assert next(reader.follow_conversation(endless())).sender == "A"
    assert taken <= 1024


NAMES = st.lists(st.text(max_size=8), min_size=3, max_size=3, unique=True)


@settings(max_examples=25, deadline=None)
@given(NAMES, st.integers(0, 649))
def test_events_do_not_change_with_the_names_of_senders(
    mixed: Detector, conversations: tuple[Conversation, ...], names: list[str], number: int
) -> None:
    messages = labelled(conversations[number])
    called = dict(zip("ABC", names, strict=True))
    found = mixed.analyze_conversation(messages)
    renamed = mixed.analyze_conversation([Message(called[m.sender], m.text) for m in messages])
    assert plain(renamed) == [(i, called[s], r, called[by], *rest) for i, s, r, by, *rest in plain(found)]  # type: ignore[index]
    assert list(renamed.counts.values()) == list(found.counts.values())
    assert [e.score for e in renamed.events] == pytest.approx([e.score for e in found.events], abs=1e-6)


SWAPS = {"he": "she", "she": "he", "him": "her", "her": "him", "his": "hers", "hers": "his"}
SWAPS |= {"himself": "herself", "herself": "himself", "boyfriend": "girlfriend", "girlfriend": "boyfriend"}
_SWAPPED = re.compile(rf"\b({'|'.join(SWAPS)})\b")


def test_events_do_not_change_with_he_and_she(mixed: Detector, conversations: tuple[Conversation, ...]) -> None:
    with_words = [one for one in conversations if any(_SWAPPED.search(m.text) for m in one.messages)][:60]
    assert len(with_words) == 60
    n_events = 0
    for one in with_words:
        messages = labelled(one)
        swapped = [Message(m.sender, _SWAPPED.sub(lambda word: SWAPS[word[0]], m.text)) for m in messages]
        found, other = mixed.analyze_conversation(messages), mixed.analyze_conversation(swapped)
        assert plain(other) == plain(found)
        assert [e.score for e in other.events] == pytest.approx([e.score for e in found.events], abs=1e-6)
        n_events += len(found.events)
    assert n_events


def test_times_do_not_change_what_is_found(reader: Detector) -> None:
    from datetime import UTC, datetime

    timed = [Message(m.sender, m.text, datetime(2026, 3, 1, tzinfo=UTC)) for m in chat(*PRESSING)]
    assert reader.analyze_conversation(timed) == reader.analyze_conversation(chat(*PRESSING))


BAD: dict[str, tuple[object, str]] = {
    "a string": ("zebulon", "Message 2 is str"),
    "a tuple": (("A", "zebulon"), "Message 2 is tuple"),
    "nothing": (None, "Message 2 is NoneType"),
    "a sender of bytes": (Message(b"zebulon", "hi"), "The sender of message 2 must be a string, not bytes"),  # type: ignore[arg-type]
    "a text of bytes": (Message("A", b"zebulon"), "Message 2: A text must be a string, not bytes"),  # type: ignore[arg-type]
    "a lone surrogate": (Message("A", "zebulon \ud800"), "Message 2: .* lone surrogate at position 8"),
    "a long text": (Message("A", "zebulon" * 200_000), "Message 2: The text has 1,400,000 characters"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("size", [1, 2, 512])
def test_an_error_names_the_message_and_never_repeats_the_text(kind: str, size: int) -> None:
    bad, says = BAD[kind]
    messages = [*chat(*PRESSING[:2]), bad]
    with pytest.raises(InputError, match=says) as caught:
        list(message_batches(messages, size=size))  # type: ignore[arg-type]
    told: BaseException | None = caught.value
    while told is not None:
        assert "zebulon" not in str(told)
        told = told.__cause__ or told.__context__


@pytest.mark.parametrize("size", [1, 3, 10, 11, 512])
def test_batches_hold_every_message_once(size: int) -> None:
    messages = [Message("A", str(i)) for i in range(10)]
    found = list(message_batches(messages, size=size))
    assert [message for batch in found for message in batch] == messages
    assert all(len(batch) == size for batch in found[:-1]) and 0 < len(found[-1]) <= size
    assert list(message_batches([])) == []


@pytest.mark.parametrize("bad", [3, None, 2.5, Message("A", "zebulon")])
def test_what_is_no_list_of_messages_is_refused(reader: Detector, bad: object) -> None:
    with pytest.raises(InputError):
        reader.analyze_conversation(bad)  # type: ignore[arg-type]


def test_empty_and_foreign_messages_are_passed_over(reader: Detector) -> None:
    found = reader.analyze_conversation(chat(("A", ""), ("B", "  \u200b"), ("A", "今日は駅で"), ("", "👍🏽")))
    assert found.events == ()
    assert [message.read for message in found.messages[:3]] == [False] * 3


def test_a_model_without_a_context_says_so() -> None:
    with pytest.raises(ModelError, match="cannot read conversations"):
        Detector(Model.load(shipped_model())).analyze_conversation(chat(*PRESSING))


def test_a_long_chat_takes_time_in_proportion(reader: Detector) -> None:
    def seconds(n: int) -> float:
        started = time.process_time()
        reader.analyze_conversation(chat(*PRESSING) * (n // 4))
        return time.process_time() - started

    seconds(400)
    assert seconds(4000) < 30 * max(seconds(400), 0.02)


# These read with the shipped conversation.json.
PRESSED: dict[str, tuple[list[tuple[str, str]], int]] = {
    "asks again": (
        [("A", "come up to my place? we could fool around"), ("B", "no, I don't want to tonight"),
         ("A", "come on, please, just this once, I really want you"), ("B", "I said no")],
        2,
    ),
    "makes it a debt": (
        [("A", "so are we having sex tonight?"), ("B", "no, not tonight"), ("A", "how was work by the way"),
         ("B", "long. two meetings"), ("A", "well you owe me sex after that dinner, don't be like that"),
         ("B", "stop, I said no")],
        4,
    ),
}  # fmt: skip
TAKEN: dict[str, list[tuple[str, str]]] = {
    "at once": [
        ("A", "do you want to come up to my place tonight?"), ("B", "no, not tonight, sorry"),
        ("A", "no problem at all, get home safe"), ("B", "thanks! good night"),
    ],
    "and talks of soup": [
        ("A", "can I kiss you?"), ("B", "no, I'd rather not"), ("A", "okay, thanks for telling me. soup?"),
        ("B", "yes! tomato please"), ("A", "tomato it is"),
    ],
    "nobody was asked": [
        ("A", "did you see the train was late again"), ("B", "yes, forty minutes"), ("A", "and no soup at the station"),
        ("B", "terrible"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", PRESSED)
def test_the_shipped_model_finds_pressing_on(detector: Detector, kind: str) -> None:
    messages, index = PRESSED[kind]
    assert index in [event.index for event in detector.analyze_conversation(chat(*messages)).events]


@pytest.mark.parametrize("kind", TAKEN)
def test_the_shipped_model_leaves_an_accepted_no_alone(detector: Detector, kind: str) -> None:
    assert detector.analyze_conversation(chat(*TAKEN[kind])).events == ()


def test_a_very_long_message_after_a_no_is_read(detector: Detector) -> None:
    essay = " ".join(f"word{chr(97 + i % 26)}{i}" for i in range(30_000))
    found = detector.analyze_conversation(chat(*PRESSING[:2], ("A", essay), ("B", "what")))
    assert len(found.messages) == 4


SYLLABLES = ("bar", "cor", "del", "fen", "gar", "hol", "kel", "lun", "mar", "nor", "pel", "ros", "sel")
STREETS = [f"Tram {a}{b} stops at {b}{a}ton street." for a in SYLLABLES for b in SYLLABLES if a != b]


@pytest.mark.parametrize("n", [1, 3, 15, 150])
def test_a_long_harmless_message_after_an_accepted_no_is_never_likely(detector: Detector, n: int) -> None:
    tram = "Of course, no problem. The timetable you wanted: " + " ".join(STREETS[:n])
    messages = chat(*TAKEN["at once"][:2], ("A", tram), ("B", "thanks! good night"))
    assert all(event.decision != "likely" for event in detector.analyze_conversation(messages).events)
