"""Learn to read conversations, measure it, and write ``conversation.json`` and a part of the card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from coercion_detect.context import CONTEXT_FILE
from coercion_detect.evaluation.bootstrap import Estimate
from coercion_detect.evaluation.conversations import ConversationFigures, measure_conversations
from coercion_detect.features import tokens
from coercion_detect.joint import N_TACTICS
from coercion_detect.model import Model
from coercion_detect.scoring.choice import make_scorer
from coercion_detect.taxonomy import TACTICS
from coercion_detect.text import fold
from coercion_detect.training.assembled import assemble
from coercion_detect.training.context import fit_context, read_out_of_fold
from coercion_detect.training.conversations import Conversation
from coercion_detect.training.dataset import Dataset
from coercion_detect.turns import Turn, make_turn

REPORT_FILE = "conversation_report.json"
_TITLE = "## Conversations"


def learn_conversations(
    conversations: Sequence[Conversation], dataset: Dataset, model: Model, folder: Path
) -> ConversationFigures:
    """Fit the reading of conversations on top of ``model``, write it into its folder, and add figures to the card."""
    every = [*conversations, *assemble(dataset)]
    turns = make_turns(every, model)
    in_all = read_out_of_fold(every, turns)
    found = in_all.first(len(conversations))
    columns = {
        "`persistence` of the message alone": TACTICS.index("persistence"),
        "a request after a refusal": N_TACTICS + 1,
    }
    alone = {
        name: [[t[c.index].log_odds[k] for c in of_one] for t, of_one in zip(turns, found.candidates, strict=False)]
        for name, k in columns.items()
    }
    figures = measure_conversations(conversations, found, baselines=alone)
    fit_context(every, turns, in_all, measured=len(conversations)).save(folder / CONTEXT_FILE)
    n_messages = sum(len(c.messages) for c in conversations)
    plain = {"conversations": len(conversations), "messages": n_messages} | asdict(figures)
    (folder / REPORT_FILE).write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8", newline="\n")
    card = folder / "CARD.md"
    before = card.read_text(encoding="utf-8").split(_TITLE)[0].rstrip()
    text = f"{before}\n\n{describe(conversations, figures)}"
    card.write_text(text, encoding="utf-8", newline="\n")
    return figures


def make_turns(conversations: Sequence[Conversation], model: Model) -> list[list[Turn]]:
    """Return every message of every conversation as its turn."""
    texts = [message.text for c in conversations for message in c.messages]
    log_odds = iter(make_scorer(model).score(texts).log_odds)
    return [
        [make_turn(m.sender, next(log_odds), tokens(fold(m.text)), model.classes) for m in c.messages]
        for c in conversations
    ]


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
        *((f"F1 with {name} instead", estimate) for name, estimate in figures.baselines.items()),
    ]
    return (
        f"{_TITLE}\n\n"
        f"{len(conversations):,} conversations in {voices} voices (`data/conversations.jsonl`), half of them with "
        "persistence after a refusal,\nthe others hard ones without. Out of fold, whole voices held out; brackets give "
        "95 % intervals over groups.\n\n"
        "| figure | value (95 % interval) | n |\n| --- | --- | --- |\n"
        + "".join(f"| {title} | {_plain(estimate)} | {estimate.n:,} |\n" for title, estimate in rows)
    )


def _plain(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"
