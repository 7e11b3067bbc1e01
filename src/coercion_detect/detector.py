"""Detector: the one path from a text to likely tactics, their evidence and their explanation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coercion_detect.analysis import Analysis, Evidence, Tag
from coercion_detect.columns import Columns
from coercion_detect.conversation import ConversationAnalysis, Message, ReadMessage, count_messages, message_batches
from coercion_detect.errors import ModelError
from coercion_detect.evidence import Passage, find_evidence
from coercion_detect.features import typed_tokens
from coercion_detect.in_context.context import CONTEXT_FILE, Context
from coercion_detect.in_context.follow import Reader
from coercion_detect.in_context.turns import make_turn
from coercion_detect.inputs import batches, check_text
from coercion_detect.joint import FRAMING, FRAMING_OF_TAGGED, N_SCORES, N_TACTICS, sigmoid
from coercion_detect.model import Model
from coercion_detect.packaged import PACKAGE
from coercion_detect.parallel import in_order
from coercion_detect.policy import decide
from coercion_detect.scoring.choice import make_scorer
from coercion_detect.scoring.readings import Readings, join
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS, page_base, tactic
from coercion_detect.text import read

_LARGE = 8192  # texts scored at once where only numbers are kept
_LARGE_IN_THREADS = 1024  # by one of several threads: fewer, so that none waits long for another
_AT_ONCE = 100_000  # characters explained at once: what is found in them takes hundreds of times their memory


class Detector:
    """Tag texts with likely tactics.

    >>> detector = Detector.load()
    >>> analysis = detector.analyze("If you like me, you would do this for me!")
    >>> [tag.tactic.id for tag in analysis.tags]
    ['obligation']
    """

    def __init__(self, model: Model, *, context: Context | Path | None = None, link_base: str | None = None) -> None:
        self._model = model
        self._context_or_path = context
        self._scorer = make_scorer(model)
        self._possible = np.array([model.thresholds[name].possible for name in TACTICS])
        self._title = model.title
        self._link_base = page_base() if link_base is None else link_base

    @classmethod
    def load(cls, folder: str | Path | None = None, *, link_base: str | None = None) -> Detector:
        """Load a model folder, or the shipped model, without a network.

        A tag's link is ``link_base`` plus the tactic's id; by default it opens the packaged page.
        Raises `ModelError` for a folder that is damaged, foreign or too new.
        """
        path = shipped_model() if folder is None else Path(folder)
        return cls(Model.load(path), context=path / CONTEXT_FILE, link_base=link_base)

    @property
    def labels(self) -> tuple[str, ...]:
        """The ids of the twelve tactics, in taxonomy order."""
        return TACTICS

    @property
    def model(self) -> Model:
        """The model that this detector scores with."""
        return self._model

    def analyze(self, text: str) -> Analysis:
        """Analyze one text; an empty one gives an analysis that was not read.

        Raises `InputError` for anything but a string, for a string that is no valid Unicode, and for one
        of more than 1,000,000 characters (hand in its parts, one by one).
        """
        check_text(text)
        return self._analyze_batch([text])[0]

    def analyze_many(self, texts: Iterable[str]) -> Iterator[Analysis]:
        """Yield the analysis of each text, in order, lazily and in bounded memory."""
        for batch in batches(texts):
            yield from self._analyze_batch(batch)

    def analyze_conversation(self, messages: Iterable[Message]) -> ConversationAnalysis:
        """Analyze a conversation: every message, and those that press on after somebody else's refusal.

        Messages stand in the order in which they were sent. Raises `InputError` for anything but `Message` objects and
        for texts that `analyze` refuses, `ModelError` where the model cannot read conversations.
        """
        read = list(self.follow_conversation(messages))
        return ConversationAnalysis(
            messages=tuple(one.analysis for one in read),
            events=tuple(one.event for one in read if one.event is not None),
            counts=count_messages(read),
            model=self._model.title,
        )

    def follow_conversation(self, messages: Iterable[Message]) -> Iterator[ReadMessage]:
        """Yield each message as it is read in its context, in order, lazily and in bounded memory.

        Messages are taken in a thousand at a time: for a chat that goes on, hand in what there is.
        """
        context = self._context()
        reader = Reader(context)
        for batch in message_batches(messages):
            texts = [message.text for message in batch]
            readings = self._scorer.score(texts)
            analyses = self._analyses(texts, readings)
            turns = [
                make_turn(message.sender, log_odds, found, self._model.classes)
                for message, log_odds, found in zip(batch, readings.log_odds, map(typed_tokens, texts), strict=True)
            ]
            yield from reader.read(analyses, turns)
        yield from reader.finish()

    def _context(self) -> Context:
        if isinstance(self._context_or_path, Path):
            self._context_or_path = Context.load(self._context_or_path)
        if self._context_or_path is None:
            raise ModelError("This model cannot read conversations; load a model folder that holds conversation.json.")
        return self._context_or_path

    def scores(self, texts: Iterable[str], *, threads: int = 1) -> NDArray[np.float32]:
        """Return the scores of the twelve tactics, float32 of shape (n_texts, 12)."""
        readings = self._readings(texts, threads)
        parts = [sigmoid(part.log_odds[:, :N_TACTICS]).astype(np.float32) for part in readings]
        return parts[0] if len(parts) == 1 else np.concatenate([np.empty((0, N_TACTICS), np.float32), *parts])

    def columns(self, texts: Sequence[str], *, threads: int = 1) -> Columns:
        """Return what `analyze` finds in each text but for evidence, column by column; made for files and frames."""
        return Columns.of(join(list(self._readings(texts, threads))), model=self._model)

    def _readings(self, texts: Iterable[str], threads: int) -> Iterator[Readings]:
        size = _LARGE if threads < 2 else _LARGE_IN_THREADS
        return in_order(self._scorer.score, batches(texts, size=size), threads=threads)

    def _analyze_batch(self, texts: list[str]) -> list[Analysis]:
        return self._analyses(texts, self._scorer.score(texts))

    def _analyses(self, texts: Sequence[str], readings: Readings) -> list[Analysis]:
        scores = sigmoid(readings.log_odds)
        coverage = readings.known / np.maximum(readings.words, 1)
        was_read = coverage >= self._model.min_coverage
        reached = (scores[:, :N_TACTICS] >= self._possible) & was_read[:, None]
        tags = self._tags(texts, reached, readings.spans, scores) if reached.any() else {}
        rows = zip(scores.tolist(), readings.log_odds.tolist(), coverage.tolist(), was_read.tolist(), strict=True)
        return [self._analysis(tags.get(i, []), *row) for i, row in enumerate(rows)]

    def _analysis(
        self, tags: list[Tag], scores: list[float], log_odds: list[float], coverage: float, was_read: bool
    ) -> Analysis:
        framing = [*log_odds[FRAMING_OF_TAGGED if tags else FRAMING], 0.0]
        return Analysis(
            tags=tuple(sorted(tags, key=lambda tag: -tag.score)),
            scores=dict(zip(TACTICS, scores[:N_TACTICS], strict=True)),
            acts=dict(zip(ACTS, scores[N_TACTICS:N_SCORES], strict=True)),
            framing=FRAMINGS[framing.index(max(framing))],
            coverage=coverage,
            read=was_read,
            model=self._title,
        )

    def _tags(
        self, texts: Sequence[str], reached: NDArray[np.bool_], spans: NDArray[np.int32], scores: NDArray[np.float64]
    ) -> dict[int, list[Tag]]:
        """Return the tags of each text that has one, by its number."""
        owners, tactics = (found.tolist() for found in np.nonzero(reached))
        windows = [(i, start, end) for i, (start, end) in zip(owners, spans[reached].tolist(), strict=True)]
        evidence = self._evidence(texts, windows, tactics)
        tags: dict[int, list[Tag]] = {}
        for (i, start, end), number, places in zip(windows, tactics, evidence, strict=True):
            tags.setdefault(i, []).append(self._tag(TACTICS[number], float(scores[i, number]), places, (start, end)))
        return tags

    def _evidence(
        self, texts: Sequence[str], windows: Sequence[tuple[int, int, int]], tactics: Sequence[int]
    ) -> list[tuple[Evidence, ...]]:
        """Return what each tactic rests on in its window (text, start, end); one that several share is read once."""
        if len(windows) > 1 and sum(end - start for _, start, end in windows) > _AT_ONCE:
            half = len(windows) // 2
            first = self._evidence(texts, windows[:half], tactics[:half])
            return first + self._evidence(texts, windows[half:], tactics[half:])
        passages = {(i, start, end): self._passage(texts[i], start, end) for i, start, end in dict.fromkeys(windows)}
        return find_evidence([passages[window] for window in windows], heads=tactics, model=self._model)

    def _passage(self, text: str, start: int, end: int) -> Passage:
        """Read the window ``text[start:end]``; a window read alone has the words that it has in its text."""
        pieces = [(start + word.start, piece) for word in read(text[start:end]) for piece in word.pieces]
        return Passage(pieces, self._scorer.occurrences([piece.text for _, piece in pieces]))

    def _tag(self, name: str, score: float, evidence: tuple[Evidence, ...], window: tuple[int, int]) -> Tag:
        thresholds = self._model.thresholds[name]
        decision = decide(score, thresholds)
        assert decision is not None, "a tag is made only for a score that reached a threshold"  # noqa: S101
        return Tag(
            tactic=tactic(name),
            score=score,
            threshold=thresholds.likely if decision == "likely" else thresholds.possible,
            decision=decision,
            evidence=evidence,
            window=window,
            link=self._link_base + name,
        )


def shipped_model() -> Path:
    """Return the folder of the shipped model: inside an installed package, or in the repository."""
    packaged = PACKAGE / "models" / "tactics-en"
    return packaged if packaged.is_dir() else PACKAGE.parents[1] / "models" / "tactics-en"
