"""What an evaluation says: frozen figures, each with its interval where it has one."""

from __future__ import annotations

from dataclasses import dataclass

from coercion_detect.evaluation.bootstrap import Estimate
from coercion_detect.evaluation.metrics import AtThreshold


@dataclass(frozen=True, slots=True)
class Tagging:
    """How good the tags of one level are; *possible* includes *likely*."""

    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, slots=True)
class TacticFigures:
    """One tactic's figures; ``n`` texts carry it. ``curve`` holds recall and precision, ``reliability`` tenths."""

    n: int
    levels: dict[str, Tagging]
    average_precision: Estimate
    auroc: Estimate
    brier: Estimate
    calibration_error: Estimate
    thresholds: list[AtThreshold]
    reliability: list[tuple[float, float, int]]
    curve: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class AnyTactic:
    """Texts with some tactic against texts with none: how many get any tag, and what a tag is worth.

    ``worth`` gives, for each share of texts that carry a tactic, the share of tagged texts that do.
    """

    auroc: Estimate
    found: dict[str, Estimate]
    false_alarms: dict[str, Estimate]
    worth: dict[str, dict[float, Estimate]]


@dataclass(frozen=True, slots=True)
class Case:
    """A text that was tagged wrongly or missed; ``text`` is ``None`` unless it was asked for."""

    id: str
    score: float
    text: str | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """The ``n`` texts whose only tactic is this one, and how many of them got each tag, or none."""

    n: int
    tagged: dict[str, int]
    untagged: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every figure of an evaluation.

    ``tactics`` has the tactics that occur; ``absent`` those that were looked for and never occur, with the
    number of tags they got all the same; ``unlabelled`` those that the file has no labels for.
    """

    model: str
    file: str
    sha256: str
    n: int
    groups: int
    resamples: int
    not_read: int | None
    method: str
    tactics: dict[str, TacticFigures]
    absent: dict[str, int]
    unlabelled: tuple[str, ...]
    micro: dict[str, Tagging]
    macro: dict[str, Estimate]
    any_tactic: AnyTactic
    framing: Estimate | None
    framing_of_tactics: Estimate | None
    acts: dict[str, Estimate]
    confusion: dict[str, Confusion]
    reliability: list[tuple[float, float, int]]
    wrong_tags: dict[str, list[Case]]
    misses: dict[str, list[Case]]
