"""Detector: the one path from a text to likely tactics, their evidence and their explanation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coercion_detect.analysis import Analysis, Tag
from coercion_detect.evidence import find_evidence
from coercion_detect.features import words
from coercion_detect.inputs import batches, check_text
from coercion_detect.model import HEADS, Model
from coercion_detect.policy import decide
from coercion_detect.scoring.readable import ReadableScorer
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS, page_base, tactic
from coercion_detect.text import Folded, fold, fold_traced
from coercion_detect.windows import Window, spread

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
        for batch in batches(texts):
            yield from self._analyze_batch(batch)

    def scores(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """Return the scores of the twelve tactics, float32 of shape (n_texts, 12)."""
        parts = [np.empty((0, len(HEADS)))]
        for batch in batches(texts):
            cut = spread(batch)
            pieces = zip(cut.owners, cut.windows, strict=True)
            log_odds = self._scorer.log_odds([fold(batch[i][w.start : w.end]) for i, w in pieces])
            parts.append(cut.strongest(log_odds, parts=_N_TACTICS))
        return _sigmoid(np.concatenate(parts)[:, :_N_TACTICS]).astype(np.float32)

    def _analyze_batch(self, texts: Sequence[str]) -> list[Analysis]:
        cut = spread(texts)
        folded = [fold_traced(texts[i][w.start : w.end]) for i, w in zip(cut.owners, cut.windows, strict=True)]
        log_odds = self._scorer.log_odds([f.text for f in folded])
        scores = _sigmoid(cut.strongest(log_odds, parts=_N_TACTICS))
        bounds = pairwise([*cut.firsts.tolist(), len(folded)])
        return [
            self._analysis(cut.windows[a:b], folded[a:b], log_odds[a:b], row)
            for (a, b), row in zip(bounds, scores, strict=True)
        ]

    def _analysis(
        self,
        cut: Sequence[Window],
        folded: Sequence[Folded],
        log_odds: NDArray[np.float64],
        scores: NDArray[np.float64],
    ) -> Analysis:
        """Put one text's windows together: its scores, and the window where each tactic scored highest."""
        where = (log_odds - np.array([[window.handicap] for window in cut])).argmax(axis=0)
        wholes = [i for i, window in enumerate(cut) if not window.handicap]
        known, total = _known_words([folded[i] for i in wholes], self._model)
        coverage = known / total if total else 0.0
        read = total > 0 and coverage >= self._model.min_coverage
        tags = [
            self._tag(TACTICS[i], float(scores[i]), cut[where[i]], folded[where[i]])
            for i in range(_N_TACTICS)
            if read and scores[i] >= self._model.thresholds[TACTICS[i]].possible
        ]
        return Analysis(
            tags=tuple(sorted(tags, key=lambda tag: -tag.score)),
            scores=dict(zip(TACTICS, scores[:_N_TACTICS].tolist(), strict=True)),
            acts=dict(zip(ACTS, scores[_ACT_COLUMNS].tolist(), strict=True)),
            framing=_framing(log_odds[wholes], tagged=bool(tags)),
            coverage=coverage,
            read=read,
            model=self._model.title,
        )

    def _tag(self, name: str, score: float, window: Window, folded: Folded) -> Tag:
        thresholds = self._model.thresholds[name]
        decision = decide(score, thresholds)
        assert decision is not None, "a tag is made only for a score that reached a threshold"  # noqa: S101
        return Tag(
            tactic=tactic(name),
            score=score,
            threshold=thresholds.likely if decision == "likely" else thresholds.possible,
            decision=decision,
            evidence=find_evidence(folded, tactic=name, model=self._model, scorer=self._scorer, offset=window.start),
            window=(window.start, window.end),
            link=self._link_base + name,
        )


def shipped_model() -> Path:
    """Return the folder of the shipped model: inside an installed package, or in the repository."""
    packaged = Path(str(files("coercion_detect"))) / "models" / "tactics-en"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "models" / "tactics-en"


def _sigmoid(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-log_odds))


def _known_words(folded: Sequence[Folded], model: Model) -> tuple[int, int]:
    found = [word for f in folded for word in words(f.text) if word[0] not in "?!"]
    return sum(map(model.knows, found)), len(found)


def _framing(log_odds: NDArray[np.float64], *, tagged: bool) -> str:
    """Return the framing of the whole text, or, in a long one, of the stretch with the strongest tactic."""
    strongest = log_odds[log_odds[:, :_N_TACTICS].max(axis=1).argmax()] if tagged else log_odds.mean(axis=0)
    return FRAMINGS[int(np.argmax([*strongest[_FRAMING_COLUMNS], 0.0]))]
