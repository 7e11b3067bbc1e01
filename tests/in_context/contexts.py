"""Messages, and contexts that read them, made by hand or at random."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coercion_detect.features import WordClasses
from coercion_detect.in_context.context import N_EVENT_INPUTS, N_REFUSAL_INPUTS, Context
from coercion_detect.in_context.neighbours import BACK, N_SINCE
from coercion_detect.in_context.said import ROLES, WANTED, Said
from coercion_detect.in_context.trees import INNER, LEAVES, Trees
from coercion_detect.in_context.turns import N_NUMBERS, REQUEST, Turn, make_turn
from coercion_detect.joint import COLUMNS, N_TACTICS
from coercion_detect.taxonomy import TACTICS

CLASSES = WordClasses(b"i you no please\nsoup tea\n")
VOCABULARY = ("i", "you", "no", "please", "soup", "tea", "?", "rain", "7")
# where the rows of trees have what the message's own words say: after everything of the messages before it
OWN_REFUSAL = BACK * (N_NUMBERS + len(WANTED) + 1) + N_NUMBERS
OWN_EVENT = BACK * (N_NUMBERS + len(WANTED) + 2) + N_NUMBERS + 1
ASKING = N_EVENT_INPUTS - N_SINCE + 5  # where they have what the sender had asked for before the refusal


def turn(sender: str, text: str = "", *, refusal: float = -4.0, request: float = -4.0, tactic: float = -4.0) -> Turn:
    """Return a message's turn from its words and a few of its readings."""
    log_odds = np.full(len(COLUMNS), -4.0)
    log_odds[[N_TACTICS, REQUEST, TACTICS.index("guilt_or_anger")]] = refusal, request, tactic
    return make_turn(sender, log_odds, text.split(), CLASSES)


def random_turns(n: int, *, seed: int = 0, senders: str = "AB") -> list[Turn]:
    """Return messages with readings and up to six words at random."""
    rng = np.random.default_rng(seed)
    return [
        make_turn(
            str(rng.choice(list(senders))),
            rng.normal(0, 3, len(COLUMNS)),
            rng.choice(np.array(VOCABULARY), rng.integers(0, 7)).tolist(),
            CLASSES,
        )
        for _ in range(n)
    ]


def words_say(own: Mapping[str, tuple[float, float]], *, bias: float) -> Said:
    """Return a reading of a message's own words alone."""
    return Said.of({role: dict(own) if role == "own" else {} for role in ROLES} | {"bias": [bias, bias]})


def one_question(number: int, *, no: float, yes: float) -> Trees:
    """Return a tree that asks whether one input is above 0."""
    inputs, thresholds, values = np.zeros((1, INNER), dtype=np.intp), np.full((1, INNER), 1e9), np.zeros((1, LEAVES))
    inputs[0, 0], thresholds[0, 0] = number, 0.0
    values[0, : LEAVES // 2], values[0, LEAVES // 2 :] = no, yes
    return Trees(inputs, thresholds, values, 0.0)


def random_trees(n_inputs: int, *, seed: int = 0, n: int = 40) -> Trees:
    """Return trees that ask anything."""
    rng = np.random.default_rng(seed)
    inputs = rng.integers(0, n_inputs, (n, INNER))
    return Trees(inputs, rng.uniform(-5, 5, (n, INNER)), rng.normal(0, 0.3, (n, LEAVES)), 0.1)


def by_words(*, event: float = 5.0) -> Context:
    """Return a context in which "no" refuses, and "please" after it presses on, with log-odds ``event``."""
    said = words_say({"no": (9.0, 0.0), "please": (0.0, 9.0)}, bias=-1.0)
    refusal = one_question(OWN_REFUSAL, no=-5.0, yes=5.0)
    return Context(said, refusal, one_question(OWN_EVENT, no=-5.0, yes=event), -1.5, 0.5, 0.9)


def by_everything(*, seed: int = 0) -> Context:
    """Return a context in which any number and several words count, at random."""
    rng = np.random.default_rng(seed)
    words = ("no", "please", "< no", "? >", "@< you", "@< no #1", "tea")
    tables = {role: {word: rng.normal(0, 3, 2).tolist() for word in words if rng.random() < 0.8} for role in ROLES}
    trees = random_trees(N_REFUSAL_INPUTS, seed=seed), random_trees(N_EVENT_INPUTS, seed=seed + 1)
    return Context(Said.of({**tables, "bias": [0.1, -0.2]}), *trees, -1.5, 0.4, 0.7)
