"""The scorer that anyone can read: TF-IDF with plain counts, in NumPy, for many texts at a time.

Each place where a feature stands adds the feature's idf times its weights to the window's log-odds, and idf squared to
the window's length; each of the three blocks (words, character pieces, patterns) is divided by the square root of its
length. So what a piece of text adds is the same wherever it stands: it is worked out once and remembered, running sums
are made over all texts, and a window is the difference of two of them. In the end the heads are read together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from coercion_detect.features import PATTERN_RANGE
from coercion_detect.joint import N_SCORES, N_TACTICS
from coercion_detect.model import Model
from coercion_detect.scoring.ngrams import Ngrams
from coercion_detect.scoring.pieces import Pieces
from coercion_detect.scoring.readings import Occurrences, Readings, join
from coercion_detect.windows import spread

_BATCH = 1024  # texts scored at once: enough to spread the overhead of NumPy
_NOTHING = 0.5  # idf is 1 or more, so a sum of its squares below this is what rounding leaves of none
_SIZES = range(PATTERN_RANGE[0], PATTERN_RANGE[1] + 1)
_Floats = NDArray[np.float64]
_Numbers = NDArray[np.int64]


class ReadableScorer:
    """Score texts with a `Model`, in Python and NumPy alone."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._ngrams = Ngrams(model)
        self._heads = len(model.bias)
        idf = model.idf.astype(np.float64)
        adds = np.column_stack([model.weights * idf[:, None], idf * idf])  # of a feature: to the heads, to the length
        self._adds = np.vstack([adds, np.zeros(self._heads + 1)]).astype(np.float32)
        self._pieces = Pieces(model, self._ngrams, self._adds)

    def score(self, texts: list[str]) -> Readings:
        """Return the readings of checked texts."""
        return join([self._score(texts[i : i + _BATCH]) for i in range(0, len(texts), _BATCH)] or [Readings.empty(0)])

    def _score(self, texts: Sequence[str]) -> Readings:
        cut = spread(texts)
        pieces = [piece.text for words in cut.words for word in words for piece in word.pieces]
        word_at = np.cumsum([0, *map(len, cut.words)])
        piece_at = np.cumsum([0, *(len(word.pieces) for words in cut.words for word in words)])
        bounds = np.array([(window.first, window.last) for window in cut.windows]) + word_at[cut.owners][:, None]
        log_odds, running = self._log_odds(pieces, *piece_at[bounds].T)
        readings = Readings.empty(len(texts))
        readings.words[:], readings.known[:] = np.diff(running[piece_at[word_at], -2:], axis=0).T.round()
        readings.log_odds[:, :N_SCORES] = cut.strongest(log_odds, parts=N_TACTICS)[:, :N_SCORES]
        readings.spans[:] = cut.spans()[cut.first_of_strongest(log_odds[:, :N_TACTICS] - cut.handicaps[:, None])]
        of_wholes = np.where(cut.handicaps > 0, -np.inf, log_odds[:, :N_TACTICS].max(axis=1))
        strongest = cut.first_of_strongest(of_wholes[:, None])[:, 0]
        readings.log_odds[:, N_SCORES:] = log_odds[strongest, N_SCORES:]
        return readings

    def log_odds(self, windows: Sequence[Sequence[str]]) -> _Floats:
        """Return calibrated log-odds of windows of folded pieces, shape (n_windows, 18)."""
        until = np.cumsum([0, *map(len, windows)])
        return self._log_odds(list(chain.from_iterable(windows)), until[:-1], until[1:])[0]

    def occurrences(self, window: Sequence[str]) -> Occurrences:
        """Return every known feature of one window of folded pieces, place by place."""
        found = self._pieces.rows(window)
        of_token = np.repeat(np.arange(len(found)), self._pieces.adds[found, -3].astype(np.int64))
        words, symbols = self._pieces.tokens(found)
        blocks: list[list[tuple[int, int, int]]] = [[], [], []]  # row, first and last (exclusive) piece
        for place, piece in enumerate(window):
            for block, rows in enumerate(self._ngrams.rows_of(piece)):
                blocks[block] += ((row, place, place + 1) for row in rows)
        inner = [(0, 2, self._ngrams.pairs(words)), *((2, *item) for item in self._ngrams.patterns(symbols).items())]
        for block, size, of_size in inner:
            there = range(len(symbols) - size + 1)
            blocks[block] += ((int(of_size[t]), int(of_token[t]), int(of_token[t + size - 1]) + 1) for t in there)
        for at_end, first, last in self._at_ends(symbols, np.zeros(1, np.int64), np.array([len(symbols)])):
            if at_end[0] != self._ngrams.unknown:
                blocks[2].append((int(at_end[0]), int(of_token[first[0]]), int(of_token[last[0] - 1]) + 1))
        known = [
            np.array([o for o in block if o[0] != self._ngrams.unknown], dtype=np.int64).reshape(-1, 3)
            for block in blocks
        ]
        idf = [self._model.idf[block[:, 0]].astype(np.float64) for block in known]
        values = np.concatenate([of_block / max(float(np.linalg.norm(of_block)), 1.0) for of_block in idf])
        rows, firsts, lasts = np.concatenate(known).T
        return Occurrences(rows, values, firsts, lasts)

    def _log_odds(self, pieces: Sequence[str], firsts: _Numbers, lasts: _Numbers) -> tuple[_Floats, _Floats]:
        """Return log-odds of the windows ``firsts`` to ``lasts`` (exclusive) of pieces, and running sums of these."""
        found = self._pieces.rows(pieces)
        words, symbols = self._pieces.tokens(found)
        running = _running(self._pieces.adds[found])
        a, b = (running[of, -3].round().astype(np.int64) for of in (firsts, lasts))  # the windows in tokens
        width = self._heads + 1
        own = running[lasts] - running[firsts]
        sums = np.stack([own[:, :width], own[:, width : 2 * width], np.zeros((len(a), width))])
        sums[0] += self._within(self._ngrams.pairs(words), 2, a, b)
        for size, rows in self._ngrams.patterns(symbols).items():
            sums[2] += self._within(rows, size, a, b)
        for rows, _, _ in self._at_ends(symbols, a, b - a):
            sums[2] += self._adds[rows]
        squares = sums[:, :, -1:]
        shares = np.where(squares > _NOTHING, 1 / np.sqrt(np.maximum(squares, _NOTHING)), 0.0)
        heads = (sums[:, :, :-1] * shares).sum(axis=0) + self._model.bias
        return self._model.joint.log_odds(heads), running

    def _within(self, rows: _Numbers, size: int, a: _Numbers, b: _Numbers) -> _Floats:
        """Add up what n-grams of one size add that lie within tokens ``a`` to ``b``; ``rows`` are by first token."""
        running = _running(self._adds[rows])
        return running[np.maximum(b - size + 1, a)] - running[a]

    def _at_ends(self, symbols: _Numbers, a: _Numbers, n: _Numbers) -> Iterator[tuple[_Numbers, _Numbers, _Numbers]]:
        """Yield rows of the patterns that begin or end with windows of ``n`` tokens from ``a`` on, and their places."""
        padded = np.append(symbols, 0)

        def symbol(place: _Numbers) -> _Numbers:  # 0 is "<", n + 1 is ">"
            inner = padded[np.clip(a + place - 1, 0, len(symbols))]
            return np.where(place == 0, self._ngrams.begin, np.where(place == n + 1, self._ngrams.end, inner))

        for size in _SIZES:
            for at_end in (0, 1):  # a pattern that has both ends is a beginning
                start = (n + 2 - size) * at_end
                rows = self._ngrams.pattern([symbol(start + i) for i in range(size)])
                there = (n > 0) & (size + at_end <= n + 2)
                covered = np.maximum(start - 1, 0), np.minimum(start + size - 1, n)
                yield np.where(there, rows, self._ngrams.unknown), *covered


def _running(rows: NDArray[np.floating]) -> _Floats:
    """Return the sums of the first 0, 1, 2 ... rows."""
    sums = np.zeros((len(rows) + 1, rows.shape[1]))
    np.cumsum(rows, axis=0, out=sums[1:])
    return sums
