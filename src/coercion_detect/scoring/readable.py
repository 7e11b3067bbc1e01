"""The scorer that anyone can read: TF-IDF as scikit-learn defines it, in NumPy.

For one window: count its known features, multiply each count by the feature's idf, divide each of the three blocks
(words, character pieces, patterns) by its Euclidean length, multiply by the weights, add the bias; then read the heads
together. What a piece of
text adds on its own is the same wherever it stands, so it is added up once and remembered; what neighbouring words
have together is looked up once a text, however many windows they lie in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coercion_detect.features import BEGIN, END, PATTERN_RANGE, character_ngrams, tokens
from coercion_detect.joint import COLUMNS, N_SCORES, N_TACTICS
from coercion_detect.model import Model
from coercion_detect.scoring.readings import Occurrences, Readings
from coercion_detect.windows import spread

_BATCH = 256  # windows scored at once: enough to spread NumPy's overhead, little enough to stay in cache
_CACHE = 50_000  # pieces that are remembered
_SHORTEST, _LONGEST = PATTERN_RANGE
_NO_ROW = -1


class _Piece(NamedTuple):
    """What is known of a piece: its tokens, their classes, the rows of its words and character pieces, their sums."""

    tokens: list[str]
    symbols: list[str]
    rows: NDArray[np.int64]
    sums: NDArray[np.float64]
    words: int
    known: int


class _Text(NamedTuple):
    """A text's pieces, the number of its first token for each, and the rows of its pairs and patterns by first token.

    ``patterns[k]`` are those of ``k + 2`` symbols; a row is -1 where the model does not know the feature.
    """

    pieces: list[_Piece]
    token_at: list[int]
    symbols: list[str]
    pairs: list[int]
    patterns: list[list[int]]


class _Window(NamedTuple):
    """Pieces ``first`` to ``last`` (exclusive) of a text."""

    text: _Text
    first: int
    last: int


class ReadableScorer:
    """Score texts with a `Model`, in Python and NumPy alone."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._words, self._characters, self._patterns = model.words, model.characters, model.patterns
        self._idf = model.idf.astype(np.float64)
        self._weighted = model.weights * model.idf[:, None]
        self._block = np.repeat(np.arange(3), model.counts)
        self._pieces: dict[str, _Piece] = {}

    def score(self, texts: list[str]) -> Readings:
        """Return the readings of checked texts."""
        cut, readings = spread(texts), Readings.empty(len(texts))
        if not texts:
            return readings
        read = [self._text([piece.text for word in words for piece in word.pieces]) for words in cut.words]
        piece_at = [list(accumulate((len(word.pieces) for word in words), initial=0)) for words in cut.words]
        owned = zip(cut.owners, cut.windows, strict=True)
        log_odds = self._log_odds([_Window(read[i], piece_at[i][w.first], piece_at[i][w.last]) for i, w in owned])
        readings.log_odds[:, :N_SCORES] = cut.strongest(log_odds, parts=N_TACTICS)[:, :N_SCORES]
        reached = log_odds - cut.handicaps[:, None]
        strongest = np.where(cut.handicaps > 0, -np.inf, log_odds[:, :N_TACTICS].max(axis=1))
        for i, (a, b) in enumerate(pairwise([*cut.firsts.tolist(), len(cut.windows)])):
            best = reached[a:b, :N_TACTICS].argmax(axis=0) if b > a + 1 else [0] * N_TACTICS
            readings.spans[i] = [cut.span(a + int(window)) for window in best]
            readings.log_odds[i, N_SCORES:] = log_odds[a + strongest[a:b].argmax(), N_SCORES:]
            readings.words[i] = sum(piece.words for piece in read[i].pieces)
            readings.known[i] = sum(piece.known for piece in read[i].pieces)
        return readings

    def log_odds(self, windows: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Return calibrated log-odds of windows of folded pieces, shape (n_windows, 18)."""
        return self._log_odds([_Window(self._text(pieces), 0, len(pieces)) for pieces in windows])

    def occurrences(self, window: Sequence[str]) -> Occurrences:
        """Return every known feature of one window of folded pieces, place by place."""
        text = self._text(window)
        of_token = [place for place, piece in enumerate(text.pieces) for _ in piece.tokens]
        spans = [(place, place + 1) for place, piece in enumerate(text.pieces) for _ in piece.rows]
        pairs = [(row, t, t + 2) for t, row in enumerate(text.pairs) if row != _NO_ROW]
        joint = [*pairs, *self._patterns_within(text, 0, len(of_token))]
        spans += [(of_token[a], of_token[b - 1] + 1) for _, a, b in joint]
        own = [piece.rows for piece in text.pieces]
        rows = np.concatenate([*own, np.array([row for row, _, _ in joint], dtype=np.int64)])
        unique, place, times = np.unique(rows, return_inverse=True, return_counts=True)
        values = times * self._idf[unique]
        lengths = np.sqrt(np.bincount(self._block[unique], weights=values * values, minlength=3))
        each = (self._idf[unique] / np.maximum(lengths, 1e-300)[self._block[unique]])[place]
        firsts, lasts = np.array(spans, dtype=np.int64).reshape(-1, 2).T
        return Occurrences(rows, each, firsts, lasts)

    def _log_odds(self, windows: Sequence[_Window]) -> NDArray[np.float64]:
        result = np.empty((len(windows), len(COLUMNS)))
        for start in range(0, len(windows), _BATCH):
            result[start : start + _BATCH] = self._batch(windows[start : start + _BATCH])
        return result

    def _batch(self, windows: Sequence[_Window]) -> NDArray[np.float64]:
        width = len(self._model.bias)
        pieces = [window.text.pieces[window.first : window.last] for window in windows]
        bounds = [(window.text.token_at[window.first], window.text.token_at[window.last]) for window in windows]
        pairs, n_pairs = _known([w.text.pairs[a : max(b - 1, a)] for w, (a, b) in zip(windows, bounds, strict=True)])
        patterns, n_patterns = _known(
            [self._pattern_rows(w.text, a, b) for w, (a, b) in zip(windows, bounds, strict=True)]
        )
        n_pieces = np.array([len(found) for found in pieces])
        own = _added_up(np.array([p.sums for found in pieces for p in found]).reshape(-1, 2 * width), n_pieces)
        sums = np.empty((3, len(windows), width))
        sums[0] = own[:, :width] + _added_up(self._weighted[pairs], n_pairs)
        sums[1] = own[:, width:]
        sums[2] = _added_up(self._weighted[patterns], n_patterns)
        rows = [piece.rows for found in pieces for piece in found]
        n_rows = np.array([sum(len(piece.rows) for piece in found) for found in pieces])
        every = np.concatenate([*rows, pairs, patterns])
        owners = np.concatenate([np.repeat(np.arange(len(windows)), sizes) for sizes in (n_rows, n_pairs, n_patterns)])
        heads = (sums / self._lengths(every, owners, len(windows))).sum(axis=0) + self._model.bias
        return self._model.joint.log_odds(heads)

    def _lengths(self, rows: NDArray[np.int64], owners: NDArray[np.int64], n_windows: int) -> NDArray[np.float64]:
        """Return the Euclidean length of each window's blocks, shape (3, n_windows, 1); 1 for an empty one."""
        width = max(len(self._idf), 1)
        keys = np.sort(owners * width + rows)
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        times = np.diff(first, append=len(keys))
        of_window, row = np.divmod(keys[first], width)
        values = times * self._idf[row]
        squares = np.bincount(of_window * 3 + self._block[row], weights=values * values, minlength=3 * n_windows)
        return np.sqrt(np.where(squares > 0, squares, 1.0)).reshape(-1, 3).T[:, :, None]

    def _pattern_rows(self, text: _Text, a: int, b: int) -> list[int]:
        """Return the rows of the patterns of tokens ``a`` to ``b``, those with the window's ends included."""
        inner = chain.from_iterable(
            found[a : max(b - size + 1, a)] for size, found in enumerate(text.patterns, _SHORTEST)
        )
        return [*inner, *(row for row, _, _ in self._at_ends(text.symbols[a:b]))]

    def _patterns_within(self, text: _Text, a: int, b: int) -> Iterator[tuple[int, int, int]]:
        """Yield row, first and last (exclusive) token of each known pattern."""
        for size, found in enumerate(text.patterns, _SHORTEST):
            yield from (
                (row, t, t + size) for t, row in enumerate(found[a : max(b - size + 1, a)], a) if row != _NO_ROW
            )
        yield from ((row, a + c, a + d) for row, c, d in self._at_ends(text.symbols[a:b]))

    def _at_ends(self, symbols: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        """Yield the known patterns that begin or end with a window of these symbols, with the symbols they cover."""
        if not symbols:
            return
        known, n = self._patterns, len(symbols)
        first, last = [BEGIN, *symbols[: _LONGEST - 1], END], [BEGIN, *symbols[-_LONGEST + 1 :], END]
        if n >= _LONGEST - 1:  # the usual case: no pattern holds both ends
            first.pop()
            del last[0]
        for size in range(_SHORTEST, min(_LONGEST, n + 2) + 1):
            row = known.get(" ".join(first[:size]))
            if row is not None:
                yield row, 0, min(size - 1, n)
            if size < n + 2:
                row = known.get(" ".join(last[-size:]))
                if row is not None:
                    yield row, n - size + 1, n

    def _text(self, pieces: Sequence[str]) -> _Text:
        found = [self._piece(piece) for piece in pieces]
        words = [token for piece in found for token in piece.tokens]
        s = [symbol for piece in found for symbol in piece.symbols]
        known, row_of = self._words, self._patterns
        return _Text(
            pieces=found,
            token_at=list(accumulate((len(piece.tokens) for piece in found), initial=0)),
            symbols=s,
            pairs=[known.get(f"{a} {b}", _NO_ROW) for a, b in pairwise(words)],
            patterns=[  # one line for each size in PATTERN_RANGE: strings put together in place are the fastest
                [row_of.get(f"{a} {b}", _NO_ROW) for a, b in pairwise(s)],
                [row_of.get(f"{a} {b} {c}", _NO_ROW) for a, b, c in zip(s, s[1:], s[2:], strict=False)],
                [row_of.get(f"{a} {b} {c} {d}", _NO_ROW) for a, b, c, d in zip(s, s[1:], s[2:], s[3:], strict=False)],
            ],
        )

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
        own = (np.array(rows, dtype=np.int64) for rows in (words, characters))
        return _Piece(
            tokens=found,
            symbols=list(map(self._model.classes.symbol, found)),
            rows=np.array(words + characters, dtype=np.int64),
            sums=np.concatenate([self._weighted[rows].sum(axis=0, dtype=np.float64) for rows in own]),
            words=sum(token.isalnum() for token in found),
            known=sum(self._model.knows(token) for token in found if token.isalnum()),
        )


def _known(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows that are known, one after another, and how many each window has."""
    sizes = [len(found) for found in rows]
    flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=sum(sizes))
    there = flat != _NO_ROW
    owners = np.repeat(np.arange(len(rows)), sizes)
    return flat[there], np.bincount(owners[there], minlength=len(rows))


def _added_up(rows: NDArray[np.floating], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Add up consecutive rows, ``sizes[i]`` of them for each result ``i``."""
    until = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    ends = np.cumsum(sizes)
    return np.asarray(until[ends] - until[ends - sizes])
