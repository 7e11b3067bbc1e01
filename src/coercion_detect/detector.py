"""Detector: the one path from a text to likely tactics, their evidence and their explanation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coercion_detect.analysis import Analysis, Tag
from coercion_detect.columns import Columns
from coercion_detect.context import CONTEXT_FILE, Context
from coercion_detect.conversation import ConversationAnalysis, Message, ReadMessage, count_messages, message_batches
from coercion_detect.errors import ModelError
from coercion_detect.evidence import find_evidence
from coercion_detect.features import tokens
from coercion_detect.follow import Reader
from coercion_detect.inputs import batches, check_text
from coercion_detect.joint import FRAMING, FRAMING_OF_TAGGED, N_SCORES, N_TACTICS, sigmoid
from coercion_detect.model import Model
from coercion_detect.policy import decide
from coercion_detect.scoring.choice import make_scorer
from coercion_detect.scoring.readings import Occurrences, Readings, join
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS, page_base, tactic
from coercion_detect.text import Word, fold, read
from coercion_detect.turns import make_turn

_LARGE = 8192  # texts scored at once where only numbers are kept


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
        """Yield each message as it is read in its context, in order, lazily and in bounded memory."""
        context = self._context()
        reader = Reader(context)
        for batch in message_batches(messages):
            texts = [message.text for message in batch]
            readings = self._scorer.score(texts)
            scores = sigmoid(readings.log_odds)
            analyses = [self._analysis(text, readings, scores[i], i) for i, text in enumerate(texts)]
            words = (tokens(fold(text)) for text in texts)
            turns = [
                make_turn(message.sender, log_odds, found, self._model.classes)
                for message, log_odds, found in zip(batch, readings.log_odds, words, strict=True)
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
        log_odds = (self._score(batch, threads).log_odds for batch in batches(texts, size=_LARGE))
        parts = [sigmoid(part[:, :N_TACTICS]).astype(np.float32) for part in log_odds]
        return parts[0] if len(parts) == 1 else np.concatenate([np.empty((0, N_TACTICS), np.float32), *parts])

    def columns(self, texts: Sequence[str], *, threads: int = 1) -> Columns:
        """Return what `analyze` finds in each text but for evidence, column by column; made for files and frames."""
        parts = [self._score(batch, threads) for batch in batches(texts, size=_LARGE)]
        return Columns.of(join(parts), model=self._model)

    def _score(self, texts: list[str], threads: int) -> Readings:
        if threads < 2 or len(texts) < threads:
            return self._scorer.score(texts)
        bounds = np.linspace(0, len(texts), threads + 1).astype(int).tolist()
        with ThreadPoolExecutor(threads) as pool:
            return join(list(pool.map(self._scorer.score, (texts[a:b] for a, b in pairwise(bounds)))))

    def _analyze_batch(self, texts: list[str]) -> list[Analysis]:
        readings = self._scorer.score(texts)
        scores = sigmoid(readings.log_odds)
        return [self._analysis(text, readings, scores[i], i) for i, text in enumerate(texts)]

    def _analysis(self, text: str, readings: Readings, scores: NDArray[np.float64], i: int) -> Analysis:
        coverage = int(readings.known[i]) / max(int(readings.words[i]), 1)
        was_read = coverage >= self._model.min_coverage
        reached = np.flatnonzero(scores[:N_TACTICS] >= self._possible).tolist()
        tags = self._tags(text, reached, readings.spans[i], scores) if was_read else []
        return Analysis(
            tags=tuple(sorted(tags, key=lambda tag: -tag.score)),
            scores=dict(zip(TACTICS, scores[:N_TACTICS].tolist(), strict=True)),
            acts=dict(zip(ACTS, scores[N_TACTICS:N_SCORES].tolist(), strict=True)),
            framing=FRAMINGS[int(np.argmax([*readings.log_odds[i, FRAMING_OF_TAGGED if tags else FRAMING], 0.0]))],
            coverage=coverage,
            read=was_read,
            model=self._model.title,
        )

    def _tags(
        self, text: str, reached: Sequence[int], spans: NDArray[np.int32], scores: NDArray[np.float64]
    ) -> list[Tag]:
        """Return the tags of the tactics ``reached``; windows that several of them share are read once."""
        tags: list[Tag] = []
        windows: dict[tuple[int, int], tuple[list[Word], Occurrences]] = {}
        for tactic_number in reached:
            start, end = spans[tactic_number].tolist()
            if (start, end) not in windows:
                words = [w for w in read(text) if start <= w.start < end]
                pieces = [piece.text for word in words for piece in word.pieces]
                windows[start, end] = words, self._scorer.occurrences(pieces)
            tags.append(self._tag(TACTICS[tactic_number], float(scores[tactic_number]), *windows[start, end]))
        return tags

    def _tag(self, name: str, score: float, words: Sequence[Word], occurrences: Occurrences) -> Tag:
        thresholds = self._model.thresholds[name]
        decision = decide(score, thresholds)
        assert decision is not None, "a tag is made only for a score that reached a threshold"  # noqa: S101
        return Tag(
            tactic=tactic(name),
            score=score,
            threshold=thresholds.likely if decision == "likely" else thresholds.possible,
            decision=decision,
            evidence=find_evidence(words, occurrences, tactic=name, model=self._model),
            window=(words[0].start, words[-1].end),
            link=self._link_base + name,
        )


def shipped_model() -> Path:
    """Return the folder of the shipped model: inside an installed package, or in the repository."""
    packaged = Path(str(files("coercion_detect"))) / "models" / "tactics-en"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "models" / "tactics-en"
