from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coercion_detect.evaluation.card import decide_out_of_fold
from coercion_detect.evaluation.conversation_card import REPORT_FILE, describe, learn_conversations, make_turns
from coercion_detect.evaluation.conversations import ConversationFigures, measure_conversations
from coercion_detect.in_context.context import CONTEXT_FILE, Context
from coercion_detect.in_context.neighbours import Candidates
from coercion_detect.in_context.turns import make_turn
from coercion_detect.joint import COLUMNS
from coercion_detect.training import assembled, boosting
from coercion_detect.training.context import OutOfFold
from coercion_detect.training.conversations import Conversation, LabelledMessage, load_conversations
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.train import Settings, Trained, train
from tests.conftest import ROOT

MESSAGES = 10
NO_CHATS: dict[str, Any] = {"ordinary": [], "in_ordinary": OutOfFold(np.empty(0, dtype=np.intp), [], [], [], [])}
SURE, NOTHING = 5.0, -5.0


def conversation(number: int, *, event: int | None = None, refusal: bool = True) -> Conversation:
    messages = [
        LabelledMessage("AB"[i % 2], "soup", frozenset(), frozenset(), "general", None) for i in range(MESSAGES)
    ]
    if refusal:
        messages[1] = LabelledMessage("B", "no", frozenset(), frozenset({"refusal"}), "addressed", None)
    if event is not None:
        messages[event] = LabelledMessage("A", "please", frozenset({"persistence"}), frozenset(), "addressed", 1)
    return Conversation(f"c{number}", f"v{number}", f"g{number}", "authored", "", tuple(messages))


def read(scores: Sequence[Mapping[int, float]], fold_of: Sequence[int]) -> OutOfFold:
    """Return what was read in conversations: the log-odds of each candidate, by its place."""
    places = [np.array(list(of_one), dtype=np.intp) for of_one in scores]
    nothing = np.empty(0)
    return OutOfFold(
        np.array(fold_of, dtype=np.intp),
        [nothing] * len(scores),
        [nothing] * len(scores),
        [Candidates(of_one, np.ones_like(of_one), -np.ones_like(of_one)) for of_one in places],
        [np.array(list(of_one.values()), dtype=np.float64) for of_one in scores],
    )


def by_hand() -> tuple[list[Conversation], OutOfFold]:
    """Return two folds alike.

    Each has 8 conversations with persistence (4 found at the right message, 2 at a later one, 2 not found) and 11
    without (2 with two false events each, one of these without any refusal; 9 with none, 2 of them without a refusal).
    """
    kinds: list[tuple[Conversation, dict[int, float]]] = []
    for _ in range(2):
        n = len(kinds)
        right = [(conversation(n + i, event=4), {2: NOTHING, 4: SURE}) for i in range(4)]
        late = [(conversation(n + 4 + i, event=4), {4: NOTHING, 6: SURE}) for i in range(2)]
        missed = [(conversation(n + 6 + i, event=4), {4: NOTHING - 9}) for i in range(2)]
        opened = [(conversation(n + 8 + i, refusal=i == 0), {2: SURE + 1, 4: SURE, 6: NOTHING}) for i in range(2)]
        calm = [(conversation(n + 10 + i), {4: NOTHING - i}) for i in range(7)]
        none: dict[int, float] = {}
        silent = [(conversation(n + 17 + i, refusal=False), none) for i in range(2)]
        kinds += [*right, *late, *missed, *opened, *calm, *silent]
    return [c for c, _ in kinds], read(
        [scores for _, scores in kinds], [0] * (len(kinds) // 2) + [1] * (len(kinds) // 2)
    )


def test_figures_on_a_case_worked_by_hand() -> None:
    conversations, found = by_hand()
    figures = measure_conversations(conversations, found, **NO_CHATS, baselines={})
    assert figures.precision.value == pytest.approx(12 / 16) and figures.precision.n == 16
    assert figures.recall.value == pytest.approx(12 / 16) and figures.recall.n == 16
    assert figures.f1.value == pytest.approx(0.75) and figures.f1.n == 38
    assert figures.first_found.value == pytest.approx(8 / 16) and figures.first_found.n == 16
    assert figures.opened_by_others.value == pytest.approx(2 / 6) and figures.opened_by_others.n == 6
    assert figures.false_events_per_1000.value == pytest.approx(1000 * 8 / 220)
    assert figures.false_events_per_1000.n == 220


def test_intervals_hold_the_figure_and_are_the_same_each_time() -> None:
    conversations, found = by_hand()
    once, again = (measure_conversations(conversations, found, **NO_CHATS, baselines={}) for _ in range(2))
    for name in ("f1", "precision", "recall", "first_found", "opened_by_others", "false_events_per_1000"):
        estimate = getattr(once, name)
        assert estimate == getattr(again, name)
        assert estimate.low < estimate.value < estimate.high


def test_contrasts_of_one_group_are_drawn_together() -> None:
    conversations, found = by_hand()
    one_group = [replace(c, group="g") for c in conversations]
    f1 = measure_conversations(one_group, found, **NO_CHATS, baselines={}).f1
    assert f1.low == f1.value == f1.high == pytest.approx(0.75)


def test_the_threshold_of_a_fold_is_chosen_on_the_others() -> None:
    conversations, found = by_hand()
    higher = [of_one + 100 * fold for fold, of_one in zip(found.fold_of, found.log_odds, strict=True)]
    figures = measure_conversations(conversations, replace(found, log_odds=higher), **NO_CHATS, baselines={})
    assert figures.recall.value == pytest.approx(8 / 16)  # all of fold 1, none of fold 0
    assert figures.precision.value == pytest.approx(8 / 17)  # all of fold 1 that have a candidate


def test_simpler_ways_are_measured_on_the_same_candidates() -> None:
    conversations, found = by_hand()
    right = [
        np.where(c.persistence, 1.0, -1.0 * np.ones_like(o)) for c, o in zip(conversations, found.log_odds, strict=True)
    ]
    simple = {"the same": found.log_odds, "a wizard": right}
    figures = measure_conversations(conversations, found, **NO_CHATS, baselines=simple)
    assert list(figures.baselines) == ["the same", "a wizard"]
    assert figures.baselines["the same"] == figures.f1
    assert figures.baselines["a wizard"].value == pytest.approx(1.0)


def test_few_conversations_can_be_measured() -> None:
    conversations = [conversation(i, event=4 if i % 2 else None) for i in range(4)]
    found = read([{4: SURE if c.persistence else NOTHING} for c in conversations], [0, 0, 1, 1])
    assert measure_conversations(conversations, found, **NO_CHATS, baselines={}).f1.value == pytest.approx(1.0)


def test_the_card_says_what_was_measured() -> None:
    conversations, found = by_hand()
    figures = measure_conversations(conversations, found, **NO_CHATS, baselines={"a guess": found.log_odds})
    text = describe(conversations, figures)
    assert text.startswith("## Conversations\n") and text.endswith("|\n")
    assert "38 conversations in 38 voices" in text
    assert "| precision of conversations | 0.750 (" in text
    assert "| F1 with a guess instead | 0.750 (" in text
    assert len([line for line in text.splitlines() if line.startswith("| ")]) == 2 + 8 + 1


def test_events_in_ordinary_chats_are_counted_by_the_threshold_of_their_fold() -> None:
    conversations, found = by_hand()
    chats = [conversation(100 + i, refusal=False) for i in range(4)]
    in_chats = read([{3: SURE}, {3: NOTHING}, {3: SURE, 5: SURE + 2}, {}], [0, 0, 1, 1])
    figures = measure_conversations(conversations, found, ordinary=chats, in_ordinary=in_chats, baselines={})
    assert figures.ordinary_events_per_1000.value == pytest.approx(1000 * 3 / 40)
    assert figures.ordinary_likely_per_1000.value <= figures.ordinary_events_per_1000.value
    assert figures.ordinary_events_per_1000.n == 40


@pytest.fixture(scope="module")
def learned(small_examples: Dataset) -> tuple[list[Conversation], tuple[Conversation, ...], Trained]:
    """Return the conversations of six voices, a few ordinary chats, and a model that learned their messages."""
    everything = load_conversations(ROOT / "data" / "conversations.jsonl")
    voices = sorted({c.voice for c in everything})[:6]
    conversations = [c for c in everything if c.voice in voices]
    ordinary = load_conversations(ROOT / "data" / "ordinary_chats.jsonl")[:60]
    written = [*conversations, *ordinary]
    return conversations, ordinary, train(small_examples, version="0", conversations=written, settings=Settings(jobs=1))


def test_learning_writes_what_reads_conversations_and_adds_to_the_card(
    learned: tuple[list[Conversation], tuple[Conversation, ...], Trained],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(boosting, "N_TREES", 15)
    monkeypatch.setattr(boosting, "RATE", 0.3)
    monkeypatch.setattr(assembled, "CHATS", 20)
    conversations, ordinary, trained = learned
    (tmp_path / "CARD.md").write_text("# A card\n", encoding="utf-8")
    figures = learn_conversations(conversations, ordinary, trained, decide_out_of_fold(trained), tmp_path)
    assert isinstance(figures, ConversationFigures) and 0 < figures.f1.value <= 1
    context = Context.load(tmp_path / CONTEXT_FILE)
    turns = [
        make_turn(m.sender, np.zeros(len(COLUMNS)), m.text.split(), trained.model.classes)
        for m in conversations[0].messages
    ]
    assert len(context.read(turns).refusals) == len(conversations[0].messages)
    report = json.loads((tmp_path / REPORT_FILE).read_text(encoding="utf-8"))
    assert report["conversations"] == len(conversations) and report["ordinary"] == len(ordinary)
    assert report["messages"] == sum(len(c.messages) for c in conversations)
    assert report["f1"]["value"] == pytest.approx(figures.f1.value)
    card = (tmp_path / "CARD.md").read_text(encoding="utf-8")
    assert card == "# A card\n\n" + describe(conversations, figures)


def test_a_message_is_read_by_heads_that_never_saw_its_voice(
    learned: tuple[list[Conversation], tuple[Conversation, ...], Trained],
) -> None:
    conversations, ordinary, trained = learned
    written = [*conversations, *ordinary]
    log_odds = np.arange(len(trained.dataset) * len(COLUMNS), dtype=np.float64).reshape(-1, len(COLUMNS)) * 1e-6
    turns, fold_of = make_turns(written, len(written), trained, log_odds)
    rows = np.flatnonzero(trained.dataset.is_message)
    found = np.array([t.numbers[: len(COLUMNS)] for of_one in turns for t in of_one])
    assert found.tolist() == log_odds[rows].tolist()
    of_message = [fold for fold, c in zip(fold_of, written, strict=True) for _ in c.messages]
    assert of_message == trained.fold_of[rows].tolist()
