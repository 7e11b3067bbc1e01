"""Ordinary chats put together from single texts, so that the reading of conversations knows what nothing looks like.

Written conversations are about intimacy, with or without pressure; most chats are not. These are learned from, and
never measured.
"""

from __future__ import annotations

import numpy as np

from coercion_detect.training.conversations import Conversation, LabelledMessage
from coercion_detect.training.dataset import MESSAGE, Dataset

ASSEMBLED = "assembled"
CHATS = 1500
MESSAGES = 12
VOICES = 10


def assemble(dataset: Dataset, *, seed: int = 0) -> list[Conversation]:
    """Return chats of two people out of texts that are neither a tactic nor an act nor aimed at anybody."""
    texts = [
        e.text
        for e in dataset.examples
        if e.framing == "general" and not e.tactics and not e.acts and e.source != MESSAGE
    ]
    if len(texts) < MESSAGES:
        return []
    rng = np.random.default_rng(seed)
    chats = []
    for number in range(CHATS):
        picked = rng.choice(len(texts), MESSAGES, replace=False)
        senders = np.where(rng.random(MESSAGES) < 0.5, "A", "B")
        messages = tuple(
            LabelledMessage(str(sender), texts[i], frozenset(), frozenset(), "general", None)
            for i, sender in zip(picked, senders, strict=True)
        )
        name = f"{ASSEMBLED}-{number:03}"
        chats.append(Conversation(name, f"{ASSEMBLED}-{number % VOICES}", name, ASSEMBLED, "", messages))
    return chats
