from __future__ import annotations

from pathlib import Path

import numpy as np

from coercion_detect.evaluation.crossfit import cross_fit
from coercion_detect.taxonomy import TACTICS
from coercion_detect.training.conversations import Conversation, LabelledMessage
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.heads import fit_heads
from coercion_detect.training.messages import load_beside, messages_of, with_messages
from coercion_detect.training.train import Settings, cut_and_count, fit_rows, out_of_fold, split_voices
from tests.conftest import ROOT

PERSISTENCE = TACTICS.index("persistence")


def _chat() -> Conversation:
    messages = (
        LabelledMessage("A", "stay with me tonight?", frozenset(), frozenset({"request"}), "addressed", None),
        LabelledMessage("B", "not tonight", frozenset(), frozenset({"refusal"}), "addressed", None),
        LabelledMessage("A", "tomorrow then", frozenset({"persistence", "obligation"}), frozenset(), "addressed", 1),
    )
    return Conversation("c1", "v1", "g1", "authored", "", messages)


def test_every_message_is_a_text_with_its_labels() -> None:
    found = messages_of([_chat()])
    assert [e.text for e in found] == ["stay with me tonight?", "not tonight", "tomorrow then"]
    assert [e.id for e in found] == ["c1-0", "c1-1", "c1-2"]
    assert [set(e.acts) for e in found] == [{"request"}, {"refusal"}, set()]
    assert {(e.voice, e.group, e.source) for e in found} == {("v1", "g1", "message")}


def test_what_a_message_is_after_a_refusal_is_not_known_of_it_alone(small_examples: Dataset) -> None:
    every = with_messages(small_examples, [_chat()])
    assert every.sha256 == small_examples.sha256 and len(every) == len(small_examples) + 3
    assert every.is_message.tolist() == [False] * len(small_examples) + [True] * 3
    assert (~every.known).sum() == 6 and not every.known[-3:, [PERSISTENCE, -1]].any()
    assert (~every.known_together).sum() == 12 and every.known_together[-3:, : len(TACTICS)].sum() == 33


def test_messages_teach_every_head_but_persistence_and_framing(small_examples: Dataset) -> None:
    every = with_messages(small_examples, [_chat()] * 20)
    cut, counts = cut_and_count(every, vectors=None)
    texts, rows = np.flatnonzero(~every.is_message), np.arange(len(every))
    weighting = counts.fit(cut.firsts[rows], min_texts=3, min_pattern_texts=4)
    fits = [fit_heads(counts.tfidf(cut.firsts[of], weighting), every, of, c=1.0, framing_c=1.0) for of in (texts, rows)]
    change = np.abs(fits[0].weights - fits[1].weights).max(axis=0)
    assert max(change[PERSISTENCE], *change[-2:]) < 0.02 < change[TACTICS.index("obligation")]


def test_messages_are_dealt_into_folds_and_not_measured(small_examples: Dataset) -> None:
    settings = Settings(folds=3, jobs=1)
    every = with_messages(small_examples, [_chat()])
    fold_of = split_voices(every, folds=3, seed=0)
    assert len(set(fold_of[-3:].tolist())) == 1 and fold_of[-1] >= 0
    cut, counts = cut_and_count(every, vectors=None)
    log_odds = out_of_fold(every, counts, cut, fold_of, vectors=None, settings=settings)
    decisions = cross_fit(every, log_odds, cut, fold_of)
    assert decisions.rows.max() < len(small_examples)
    assert decisions.log_odds is not None and np.isfinite(decisions.log_odds[-3:]).all()
    assert (
        fit_rows(every, counts, cut, np.arange(len(every)), vectors=None, settings=settings)[1].weights.shape[1] == 16
    )


def test_conversations_beside_the_data_are_found_and_need_not_be_there(tmp_path: Path) -> None:
    written, ordinary = load_beside(ROOT / "data")
    assert any(c.persistence for c in written) and not any(c.persistence for c in ordinary)
    assert load_beside(tmp_path) == ((), ())
