"""The scorer that anyone can read: TF-IDF as scikit-learn defines it, in NumPy.

For one window: count its known features, multiply each count by the feature's idf, divide each of the three blocks
(words, character pieces, patterns) by its Euclidean length, multiply by the weights, add the bias. What a piece of
text adds on its own is the same wherever it stands, so it is added up once and remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coercion_detect.features import BEGIN, END, character_ngrams, pattern_ngrams, tokens
from coercion_detect.model import Model
from coercion_detect.scoring.readings import Occurrences, Readings
from coercion_detect.taxonomy import ACTS, TACTICS
from coercion_detect.windows import spread

_BATCH = 256  # windows scored at once: enough to spread NumPy's overhead, little enough to stay in cache
_CACHE = 50_000  # pieces that are remembered


class _Piece(NamedTuple):
    """What is known of a piece: its tokens, their classes, the rows of its words and character pieces, their sums."""

    tokens: list[str]
    symbols: list[str]
    rows: NDArray[np.int64]
    sums: NDArray[np.float64]


class ReadableScorer:
    """Score windows, each a list of folded pieces, with a `Model`."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._words, self._characters, self._patterns = model.words, model.characters, model.patterns
        self._idf = model.idf.astype(np.float64)
        self._weighted = model.weights.astype(np.float32) * model.idf[:, None]
        self._block = np.repeat(np.arange(3), model.counts)
        self._pieces: dict[str, _Piece] = {}

    def score(self, texts: list[str]) -> Readings:
        """Return the readings of checked texts."""
        n_tactics, n_scores = len(TACTICS), len(TACTICS) + len(ACTS)
        cut, readings = spread(texts), Readings.empty(len(texts))
        if not texts:
            return readings
        log_odds = self.log_odds(cut.pieces())
        readings.log_odds[:, :n_scores] = cut.strongest(log_odds, parts=n_tactics)[:, :n_scores]
        reached = log_odds - cut.handicaps[:, None]
        for i, (a, b) in enumerate(pairwise([*cut.firsts.tolist(), len(cut.windows)])):
            whole = a + np.where(cut.handicaps[a:b] > 0, -np.inf, log_odds[a:b, :n_tactics].max(axis=1)).argmax()
            readings.log_odds[i, n_scores:] = log_odds[whole, n_scores:]
            for tactic, window in enumerate(a + reached[a:b, :n_tactics].argmax(axis=0)):
                readings.spans[i, tactic] = cut.span(int(window))
            found = (token for word in cut.words[i] for p in word.pieces for token in self._piece(p.text).tokens)
            alphanumeric = [token for token in found if token.isalnum()]
            readings.words[i] = len(alphanumeric)
            readings.known[i] = sum(map(self._model.knows, alphanumeric))
        return readings

    def log_odds(self, windows: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Return calibrated log-odds, shape (n_windows, 16), columns as in `HEADS`."""
        result = np.empty((len(windows), len(self._model.bias)))
        for start in range(0, len(windows), _BATCH):
            result[start : start + _BATCH] = self._batch(windows[start : start + _BATCH])
        return result

    def occurrences(self, window: Sequence[str]) -> Occurrences:
        """Return every known feature of one window, place by place."""
        pieces = [self._piece(piece) for piece in window]
        of_token = [place for place, piece in enumerate(pieces) for _ in piece.tokens]
        spans = [(place, place + 1) for place, piece in enumerate(pieces) for _ in piece.rows]
        pairs, patterns = self._joint_spans(pieces)
        spans += [(of_token[a], of_token[b - 1] + 1) for _, a, b in (*pairs, *patterns)]
        own = [piece.rows for piece in pieces]
        joint = np.array([row for row, _, _ in (*pairs, *patterns)], dtype=np.int64)
        rows = np.concatenate([*own, joint])
        unique, place, times = np.unique(rows, return_inverse=True, return_counts=True)
        values = times * self._idf[unique]
        lengths = np.sqrt(np.bincount(self._block[unique], weights=values * values, minlength=3))
        each = (self._idf[unique] / np.maximum(lengths, 1e-300)[self._block[unique]])[place]
        firsts, lasts = np.array(spans, dtype=np.int64).reshape(-1, 2).T
        return Occurrences(rows, each, firsts, lasts)

    def _batch(self, windows: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        width = len(self._model.bias)
        pieces = [[self._piece(piece) for piece in window] for window in windows]
        joint = [self._joint(found) for found in pieces]
        own_sums = np.array([piece.sums for found in pieces for piece in found]).reshape(-1, 2 * width)
        own = _added_up(own_sums, [len(found) for found in pieces])
        pairs = self._weighted[np.array([row for rows, _ in joint for row in rows], dtype=np.int64)]
        patterns = self._weighted[np.array([row for _, rows in joint for row in rows], dtype=np.int64)]
        sums = np.empty((3, len(windows), width))
        sums[0] = own[:, :width] + _added_up(pairs, [len(rows) for rows, _ in joint])
        sums[1] = own[:, width:]
        sums[2] = _added_up(patterns, [len(rows) for _, rows in joint])
        lengths = self._lengths(pieces, joint)
        return np.asarray((sums / lengths[:, :, None]).sum(axis=0) + self._model.bias)

    def _lengths(
        self, pieces: Sequence[Sequence[_Piece]], joint: Sequence[tuple[list[int], list[int]]]
    ) -> NDArray[np.float64]:
        """Return the Euclidean length of each window's three blocks, shape (3, n_windows); 1 for an empty one."""
        rows = [
            np.concatenate([*(p.rows for p in found), both[0], both[1]])
            for found, both in zip(pieces, joint, strict=True)
        ]
        sizes = np.array([len(found) for found in rows])
        width = max(len(self._idf), 1)
        keys = np.concatenate(rows).astype(np.int64) + np.repeat(np.arange(len(rows)) * width, sizes)
        unique, times = np.unique(keys, return_counts=True)
        of_window, row = np.divmod(unique, width)
        values = times * self._idf[row]
        squares = np.bincount(of_window * 3 + self._block[row], weights=values * values, minlength=3 * len(rows))
        return np.sqrt(np.where(squares > 0, squares, 1.0)).reshape(-1, 3).T

    def _joint(self, pieces: Sequence[_Piece]) -> tuple[list[int], list[int]]:
        """Return the rows of the pairs of words, and of the patterns, that run over pieces."""
        pairs, patterns = self._joint_spans(pieces)
        return [row for row, _, _ in pairs], [row for row, _, _ in patterns]

    def _joint_spans(self, pieces: Sequence[_Piece]) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
        """Return row, first and last (exclusive) token of each known pair and of each known pattern."""
        found = [token for piece in pieces for token in piece.tokens]
        if not found:
            return [], []
        symbols = [BEGIN, *(symbol for piece in pieces for symbol in piece.symbols), END]
        words, patterns = self._words, self._patterns
        named = ((f"{a} {b}", i, i + 2) for i, (a, b) in enumerate(pairwise(found)))
        pairs = [(words[name], a, b) for name, a, b in named if name in words]
        covering = ((name, max(a - 1, 0), min(b - 1, len(found))) for name, a, b in pattern_ngrams(symbols))
        return pairs, [(patterns[name], a, b) for name, a, b in covering if name in patterns]

    def _piece(self, piece: str) -> _Piece:
        known = self._pieces.get(piece)
        if known is None:
            if len(self._pieces) >= _CACHE:
                self._pieces.clear()
            known = self._pieces[piece] = self._look_up(piece)
        return known

    def _look_up(self, piece: str) -> _Piece:
        found = tokens(piece)
        words = [self._words[token] for token in found if token in self._words]
        characters = [self._characters[name] for name in character_ngrams(piece) if name in self._characters]
        sums = np.concatenate(
            [
                self._weighted[np.array(rows, dtype=np.int64)].sum(axis=0, dtype=np.float64)
                for rows in (words, characters)
            ]
        )
        symbols = list(map(self._model.classes.symbol, found))
        return _Piece(found, symbols, np.array(words + characters, dtype=np.int64), sums)


def _added_up(rows: NDArray[np.floating], sizes: Sequence[int]) -> NDArray[np.float64]:
    """Add up consecutive rows, ``sizes[i]`` of them for each result ``i``."""
    until = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    ends = np.cumsum(sizes)
    return np.asarray(until[ends] - until[ends - sizes])
