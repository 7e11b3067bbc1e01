"""Learn to read conversations, measure it, and write ``conversation.json`` and a part of the card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coercion_detect.evaluation.bootstrap import Estimate
from coercion_detect.evaluation.conversations import ConversationFigures, measure_conversations
from coercion_detect.evaluation.crossfit import Decisions
from coercion_detect.features import typed_tokens
from coercion_detect.in_context.context import CONTEXT_FILE
from coercion_detect.in_context.turns import REQUEST, Turn, make_turn
from coercion_detect.taxonomy import TACTICS
from coercion_detect.training.assembled import assemble
from coercion_detect.training.context import fit_context, read_out_of_fold
from coercion_detect.training.conversations import Conversation
from coercion_detect.training.train import Trained

REPORT_FILE = "conversation_report.json"
_TITLE = "## Conversations"


def learn_conversations(
    conversations: Sequence[Conversation],
    ordinary: Sequence[Conversation],
    trained: Trained,
    decisions: Decisions,
    folder: Path,
    *,
    jobs: int = 1,
) -> ConversationFigures:
    """Fit the reading of conversations on top of a model, write it into its folder, and add figures to the card.

    The model has learned the messages of ``conversations``, then those of ``ordinary`` chats. Each is read with the
    log-odds that ``decisions`` has for it: those of heads that never saw its voice.
    """
    written = [*conversations, *ordinary]
    every = [*written, *assemble(trained.dataset)]
    assert decisions.log_odds is not None, "decided out of fold"  # noqa: S101
    turns, fold_of = make_turns(every, len(written), trained, decisions.log_odds)
    in_all = read_out_of_fold(every, turns, fold_of, jobs=jobs)
    found, in_ordinary = in_all.part(0, len(conversations)), in_all.part(len(conversations), len(written))
    columns = {
        "`persistence` of the message alone": TACTICS.index("persistence"),
        "a request after a refusal": REQUEST,
    }
    alone = {
        name: [
            np.array([t[place].numbers[k] for place in of_one.places.tolist()])
            for t, of_one in zip(turns, found.candidates, strict=False)
        ]
        for name, k in columns.items()
    }
    figures = measure_conversations(conversations, found, ordinary=ordinary, in_ordinary=in_ordinary, baselines=alone)
    fit_context(every, turns, in_all, measured=len(conversations)).save(folder / CONTEXT_FILE)
    n_messages = sum(len(c.messages) for c in conversations)
    plain = {"conversations": len(conversations), "messages": n_messages, "ordinary": len(ordinary)} | asdict(figures)
    (folder / REPORT_FILE).write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8", newline="\n")
    card = folder / "CARD.md"
    before = card.read_text(encoding="utf-8").split(_TITLE)[0].rstrip()
    text = f"{before}\n\n{describe(conversations, figures)}"
    card.write_text(text, encoding="utf-8", newline="\n")
    return figures


def make_turns(
    conversations: Sequence[Conversation], n_written: int, trained: Trained, log_odds: NDArray[np.float64]
) -> tuple[list[list[Turn]], NDArray[np.intp]]:
    """Return every message of every conversation as its turn, and the fold of each conversation.

    The first ``n_written`` conversations are those whose messages stand at the end of the data set, in order; the
    others are made of other texts of it.
    """
    dataset, classes = trained.dataset, trained.model.classes
    rows = iter(np.flatnonzero(dataset.is_message).tolist())
    row_of = {text: row for row, text in enumerate(dataset.texts) if not dataset.is_message[row]}
    turns, folds = [], []
    for number, c in enumerate(conversations):
        of_one = [next(rows) if number < n_written else row_of[m.text] for m in c.messages]
        folds.append(trained.fold_of[of_one[0]])
        turns.append(
            [
                make_turn(m.sender, log_odds[row], typed_tokens(m.text), classes)
                for m, row in zip(c.messages, of_one, strict=True)
            ]
        )
    return turns, np.array(folds, dtype=np.intp)


def describe(conversations: Sequence[Conversation], figures: ConversationFigures) -> str:
    """Return the card's part on conversations."""
    voices = len({c.voice for c in conversations})
    rows = [
        ("persistence or not, F1 of conversations", figures.f1),
        ("precision of conversations", figures.precision),
        ("recall of conversations", figures.recall),
        ("first event found, index exact", figures.first_found),
        ("event found where nobody refused intimacy", figures.opened_by_others),
        ("events per 1,000 messages of conversations without any", figures.false_events_per_1000),
        ("events per 1,000 messages of ordinary chats", figures.ordinary_events_per_1000),
        ("*likely* events per 1,000 messages of ordinary chats", figures.ordinary_likely_per_1000),
        *((f"F1 with {name} instead", estimate) for name, estimate in figures.baselines.items()),
    ]
    return (
        f"{_TITLE}\n\n"
        f"{len(conversations):,} conversations in {voices} voices (`data/conversations.jsonl`), half of them with "
        "persistence after a refusal,\nthe others hard ones without; and ordinary chats "
        "(`data/ordinary_chats.jsonl`) about anything but intimacy. Out of\nfold, whole voices held out; brackets give "
        "95 % intervals over groups.\n\n"
        "| figure | value (95 % interval) | n |\n| --- | --- | --- |\n"
        + "".join(f"| {title} | {_plain(estimate)} | {estimate.n:,} |\n" for title, estimate in rows)
    )


def _plain(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"
