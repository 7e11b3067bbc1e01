from __future__ import annotations

from coercion_detect.training.assembled import ASSEMBLED, MESSAGES, VOICES, assemble
from coercion_detect.training.dataset import Dataset


def test_assembled_chats_hold_ordinary_texts_alone(small_examples: Dataset) -> None:
    ordinary = {e.text for e in small_examples.examples if e.framing == "general" and not e.tactics and not e.acts}
    chats = assemble(small_examples)
    assert {m.text for c in chats for m in c.messages} <= ordinary
    assert all(len(c.messages) == MESSAGES and not c.persistence and c.source == ASSEMBLED for c in chats)
    assert len({c.voice for c in chats}) == VOICES


def test_the_same_data_give_the_same_chats(small_examples: Dataset) -> None:
    assert assemble(small_examples) == assemble(small_examples)
