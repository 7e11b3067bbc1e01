"""Read messages in context: which refuse, and which press on after somebody else's refusal.

In three steps: what the words say, beside the words they answer and that answer them; then small trees that read each
message with those next to it, for refusals; then trees that read each message after somebody's refusal, for events.
`coercion_detect.training.context` fits them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coercion_detect.errors import ModelError
from coercion_detect.in_context.neighbours import (
    AHEAD,
    ANSWERED_WITHIN,
    ASKED,
    BACK,
    LOOK_BACK,
    N_SINCE,
    Candidates,
    around,
    candidates,
    numbered,
    other_after,
    other_before,
    since_refusal,
)
from coercion_detect.in_context.said import WANTED, Said
from coercion_detect.in_context.trees import Trees
from coercion_detect.in_context.turns import N_NUMBERS, Turn
from coercion_detect.model import Thresholds

CONTEXT_FILE = "conversation.json"
FORMAT = 2  # another one for every change of what is read, or of the order of inputs
BEHIND = LOOK_BACK + max(BACK + ANSWERED_WITHIN, ASKED)  # messages that the reading of one rests on, before it
BEYOND = 2 * AHEAD + ANSWERED_WITHIN  # and after it: an answer is read by the answers to it
N_REFUSAL_INPUTS = (N_NUMBERS + len(WANTED)) * (BACK + 1 + AHEAD) + BACK + AHEAD
N_EVENT_INPUTS = N_REFUSAL_INPUTS + (BACK + 1 + AHEAD) + N_SINCE

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What is read of a conversation: log-odds of refusals, candidates, and the log-odds that these are events.

    ``senders`` has a number for the sender of each message.
    """

    senders: NDArray[np.intp]
    refusals: _Floats
    candidates: Candidates
    events: _Floats


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """What reads conversations; ``possible`` and ``likely`` are thresholds of scores.

    A message whose log-odds of a refusal are ``lowest`` or less opens nothing.
    """

    said: Said
    refusal: Trees
    event: Trees
    lowest: float
    possible: float
    likely: float

    @property
    def thresholds(self) -> Thresholds:
        """The scores from which an event is possible and likely."""
        return Thresholds(possible=self.possible, likely=self.likely)

    def read(self, turns: Sequence[Turn]) -> Reading:
        """Read a conversation; in a part of one, the first `BEHIND` and last `BEYOND` messages lack their context."""
        senders = numbered([turn.sender for turn in turns])
        numbers = with_said(turns, self.said, senders)
        refusals = self.refusal.log_odds(around(numbers, senders))
        found = candidates(numbers, refusals, senders, lowest=self.lowest)
        rows = event_rows(numbers, refusals, senders)[found.places]
        return Reading(senders, refusals, found, self.event.log_odds(rows))

    def save(self, path: Path) -> None:
        """Write plain JSON; the same context gives the same bytes."""
        plain = {
            "format": FORMAT,
            "said": self.said.to_dict(),
            "refusal": self.refusal.to_dict(),
            "event": self.event.to_dict(),
            "lowest": self.lowest,
            "possible": self.possible,
            "likely": self.likely,
        }
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        path.write_text(text.replace("],", "],\n") + "\n", encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: Path) -> Context:
        """Read what training wrote; raise `ModelError` where it is missing, damaged or of another version."""
        if not path.is_file():
            raise ModelError(f"{path} is missing: this model cannot read conversations. Train it with conversations.")
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            if plain.get("format") != FORMAT:
                raise ModelError(f"{path} was made by another version of coercion-detect; train or install it again.")
            trees = (
                Trees.of(plain["refusal"], n_inputs=N_REFUSAL_INPUTS),
                Trees.of(plain["event"], n_inputs=N_EVENT_INPUTS),
            )
            numbers = (float(plain[name]) for name in ("lowest", "possible", "likely"))
            context = cls(Said.of(plain["said"]), *trees, *numbers)
            if not 0 <= context.possible <= context.likely <= 1 or not np.isfinite(context.lowest):
                raise ValueError("thresholds out of order")
        except ModelError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ModelError(f"{path} is damaged or was changed by hand; train or install it again.") from error
        return context


def with_said(turns: Sequence[Turn], said: Said, senders: NDArray[np.intp]) -> _Floats:
    """Return the numbers of each message and what its words say."""
    own = np.array([turn.numbers for turn in turns]).reshape(-1, N_NUMBERS)
    terms = [turn.terms for turn in turns]
    return np.hstack([own, said.log_odds(terms, other_before(senders), other_after(senders))])


def event_rows(numbers: _Floats, refusals: _Floats, senders: NDArray[np.intp]) -> _Floats:
    """Return a row of inputs for each message."""
    beside = around(np.column_stack([numbers, refusals]), senders)
    return np.hstack([beside, since_refusal(numbers, refusals, senders)])
