"""Detector: the one path from a text to likely tactics, their evidence and their explanation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coercion_detect.analysis import Analysis, Tag
from coercion_detect.errors import InputError
from coercion_detect.evidence import find_evidence
from coercion_detect.features import words
from coercion_detect.model import HEADS, Model
from coercion_detect.policy import decide
from coercion_detect.scoring.readable import ReadableScorer
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS, page_base, tactic
from coercion_detect.text import Folded, fold, fold_traced
from coercion_detect.windows import Span, windows

MAX_CHARACTERS = 1_000_000
_BATCH = 256

_N_TACTICS = len(TACTICS)
_ACT_COLUMNS = slice(_N_TACTICS, _N_TACTICS + len(ACTS))
_FRAMING_COLUMNS = slice(_N_TACTICS + len(ACTS), len(HEADS))


class Detector:
    """Tag texts with likely tactics.

    >>> detector = Detector.load()
    >>> analysis = detector.analyze("If you like me, you would do this for me!")
    >>> [tag.tactic.id for tag in analysis.tags]
    ['obligation']
    """

    def __init__(self, model: Model, *, link_base: str | None = None) -> None:
        self._model = model
        self._scorer = ReadableScorer(model)
        self._link_base = page_base() if link_base is None else link_base

    @classmethod
    def load(cls, folder: str | Path | None = None, *, link_base: str | None = None) -> Detector:
        """Load a model folder, or the shipped model, without a network.

        A tag's link is ``link_base`` plus the tactic's id; by default it opens the packaged page.
        Raises `ModelError` for a folder that is damaged, foreign or too new.
        """
        return cls(Model.load(shipped_model() if folder is None else Path(folder)), link_base=link_base)

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
        for batch in _batches(texts):
            yield from self._analyze_batch(batch)

    def scores(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """Return the scores of the twelve tactics, float32 of shape (n_texts, 12)."""
        parts = [
            _highest(
                self._scorer.log_odds([fold(t[a:b]) for t, (a, b) in zip(*spread[:2], strict=True)]),
                spread[2],
            )
            for spread in map(_spread, _batches(texts))
        ]
        log_odds = np.concatenate([p[:, :_N_TACTICS] for p in parts] or [np.empty((0, _N_TACTICS))])
        return _sigmoid(log_odds).astype(np.float32)

    def _analyze_batch(self, texts: Sequence[str]) -> list[Analysis]:
        owners, spans, firsts = _spread(texts)
        folded = [fold_traced(text[a:b]) for text, (a, b) in zip(owners, spans, strict=True)]
        log_odds = self._scorer.log_odds([f.text for f in folded])
        ends = [*firsts[1:], len(spans)]
        return [self._analysis(spans[a:b], folded[a:b], log_odds[a:b]) for a, b in zip(firsts, ends, strict=True)]

    def _analysis(self, spans: Sequence[Span], folded: Sequence[Folded], log_odds: NDArray[np.float64]) -> Analysis:
        """Put one text's windows together: the highest score of each tactic, and where it was reached."""
        where = log_odds[:, :_N_TACTICS].argmax(axis=0)
        scores = _sigmoid(log_odds.max(axis=0))
        known, total = _known_words(folded, self._model)
        coverage = known / total if total else 0.0
        read = total > 0 and coverage >= self._model.min_coverage
        tags = [
            self._tag(TACTICS[i], float(scores[i]), spans[where[i]], folded[where[i]])
            for i in range(_N_TACTICS)
            if read and scores[i] >= self._model.thresholds[TACTICS[i]].possible
        ]
        return Analysis(
            tags=tuple(sorted(tags, key=lambda tag: -tag.score)),
            scores=dict(zip(TACTICS, scores[:_N_TACTICS].tolist(), strict=True)),
            acts=dict(zip(ACTS, scores[_ACT_COLUMNS].tolist(), strict=True)),
            framing=_framing(log_odds, bool(tags)),
            coverage=coverage,
            read=read,
            model=self._model.title,
        )

    def _tag(self, name: str, score: float, span: Span, folded: Folded) -> Tag:
        thresholds = self._model.thresholds[name]
        decision = decide(score, thresholds)
        assert decision is not None, "a tag is made only for a score that reached a threshold"  # noqa: S101
        return Tag(
            tactic=tactic(name),
            score=score,
            threshold=thresholds.likely if decision == "likely" else thresholds.possible,
            decision=decision,
            evidence=find_evidence(folded, tactic=name, model=self._model, scorer=self._scorer, offset=span[0]),
            window=span,
            link=self._link_base + name,
        )


def shipped_model() -> Path:
    """Return the folder of the shipped model: inside an installed package, or in the repository."""
    packaged = Path(str(files("coercion_detect"))) / "models" / "tactics-en"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "models" / "tactics-en"


def check_text(text: object) -> None:
    """Raise `InputError` for what cannot be analyzed; the message never repeats the text."""
    if not isinstance(text, str):
        raise InputError(f"A text must be a string, not {type(text).__name__}. Decode or convert it first.")
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"The text has {len(text):,} characters; the most for one text is {MAX_CHARACTERS:,}. "
            "Hand in its messages or paragraphs one by one."
        )
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            position = error.start
        else:
            return
        raise InputError(  # outside the except block: the encoding error quotes the text
            f"The text is no valid Unicode: a lone surrogate at position {position}. "
            "Read it again with the right encoding, or with errors='replace'."
        )


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield checked texts in lists of at most 256."""
    if isinstance(texts, str | bytes):
        raise InputError("Hand in a list of texts, not one text; for one text use analyze().")
    batch: list[str] = []
    try:
        iterator = iter(texts)
    except TypeError:
        raise InputError(f"Hand in a list of texts, not {type(texts).__name__}.") from None
    for text in iterator:
        check_text(text)
        batch.append(text)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _spread(texts: Sequence[str]) -> tuple[list[str], list[Span], list[int]]:
    """Return every window's text and span, and for each text the number of its first window."""
    owners: list[str] = []
    spans: list[Span] = []
    firsts: list[int] = []
    for text in texts:
        firsts.append(len(spans))
        found = windows(text)
        spans += found
        owners += [text] * len(found)
    return owners, spans, firsts


def _highest(log_odds: NDArray[np.float64], firsts: Sequence[int]) -> NDArray[np.float64]:
    highest: NDArray[np.float64] = np.maximum.reduceat(log_odds, firsts, axis=0)
    return highest


def _sigmoid(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-log_odds))


def _known_words(folded: Sequence[Folded], model: Model) -> tuple[int, int]:
    found = [word for f in folded for word in words(f.text) if word[0] not in "?!"]
    return sum(word in model.words for word in found), len(found)


def _framing(log_odds: NDArray[np.float64], tagged: bool) -> str:
    """Return the framing of the window with the strongest tactic, or of all windows where no tag is given."""
    window = log_odds[log_odds[:, :_N_TACTICS].max(axis=1).argmax()] if tagged else log_odds.mean(axis=0)
    values = [*window[_FRAMING_COLUMNS], 0.0]
    return FRAMINGS[int(np.argmax(values))]
