"""The scorer that anyone can read: TF-IDF with plain counts, in NumPy, for many texts at a time.

Each place where a feature stands adds the feature's idf times its weights to the window's log-odds, and idf squared to
the window's length; each of the three blocks (words, character pieces, patterns) is divided by the square root of its
length. What a word adds by itself is the same wherever it stands: it is worked out once and remembered. Pairs and
patterns are looked up for all windows at once, and the known ones added up. In the end the heads are read together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from coercion_detect.features import CHARACTER_RANGE, PATTERN_RANGE
from coercion_detect.joint import N_SCORES, N_TACTICS
from coercion_detect.model import Model
from coercion_detect.scoring.ngrams import Ngrams
from coercion_detect.scoring.pieces import Found, Pieces
from coercion_detect.scoring.readings import Occurrences, Readings, join
from coercion_detect.scoring.runs import add_known, add_up, places_of
from coercion_detect.scoring.typed import Typed
from coercion_detect.windows import Spread, windows_of

_BATCH = 256  # texts scored at once: enough to spread the overhead of NumPy, few enough for the processor's own memory
_BATCH_CHARACTERS = 100_000  # of all these texts, each of which takes some 500 bytes while they are scored
_MOST = 50_000  # words that are remembered
_MOST_CHARACTERS = 4_000_000  # of all these words
_Floats = NDArray[np.float64]
_Numbers = NDArray[np.int64]


class ReadableScorer:
    """Score texts with a `Model`, in Python and NumPy alone."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._ngrams = Ngrams(model)
        heads = len(model.bias)
        self._adds = np.zeros((len(model.idf) + 1, heads + 1), dtype=np.float32)  # of a feature, and of the unknown
        self._adds[:-1, :heads] = model.quantized * (model.scales * model.idf)[:, None]
        self._adds[:-1, heads] = model.idf * model.idf
        self._pieces = Pieces(model, self._ngrams, self._adds)
        self._typed = Typed(self._pieces)
        self._remembering = Lock()  # threads share what is remembered

    def score(self, texts: list[str]) -> Readings:
        """Return the readings of checked texts."""
        return join([self._score(batch) for batch in _batches(texts)] or [Readings.empty(0)])

    def _score(self, texts: Sequence[str]) -> Readings:
        with self._memory():
            words = self._typed.read(texts)
            sizes = np.diff(words.firsts)
            cut = Spread.of(list(map(windows_of, sizes.tolist(), words.sentence_ends())))
            first, last = cut.bounds(words.firsts[:-1])
            counts = self._pieces.counts[words.rows, 1:]
            found = self._pieces.found(words.rows[places_of(first, last - first)])
        log_odds = self._log_odds(found, last - first)
        readings = Readings.empty(len(texts))
        readings.words[:], readings.known[:] = add_up(counts, sizes).T
        readings.log_odds[:, :N_SCORES] = cut.strongest(log_odds, parts=N_TACTICS)[:, :N_SCORES]
        strongest = cut.first_of_strongest(log_odds[:, :N_TACTICS] - cut.handicaps[:, None])
        readings.spans[:] = words.spans(first, last)[strongest]
        of_wholes = np.where(cut.handicaps > 0, -np.inf, log_odds[:, :N_TACTICS].max(axis=1))
        strongest = cut.first_of_strongest(of_wholes[:, None])[:, 0]
        readings.log_odds[:, N_SCORES:] = log_odds[strongest, N_SCORES:]
        return readings

    def log_odds(self, windows: Sequence[Sequence[str]]) -> _Floats:
        """Return calibrated log-odds of windows of folded pieces, shape (n_windows, 18)."""
        found = self._found(list(chain.from_iterable(windows)))
        return self._log_odds(found, np.fromiter(map(len, windows), np.int64, len(windows)))

    def occurrences(self, window: Sequence[str]) -> Occurrences:
        """Return every known feature of one window of folded pieces, place by place."""
        found = self._found(window)
        words, symbols = self._with_ends(found, found.n_tokens.sum(keepdims=True))
        of_token = np.repeat(np.arange(len(window)), found.n_tokens)
        of_token = np.concatenate([of_token[:1], of_token, of_token[-1:]])  # a beginning stands at the first token
        characters, n_characters = self._ngrams.characters(window)
        of_character = np.repeat(np.arange(len(window)), n_characters)
        single = self._ngrams.row_of_word[words][:, None]
        known = [
            np.vstack(
                [self._known(single, of_token, size=1), self._known(self._ngrams.pairs(words), of_token, size=2)]
            ),
            self._known(characters, of_character, size=CHARACTER_RANGE[0]),
            self._known(self._ngrams.patterns(symbols), of_token, size=PATTERN_RANGE[0]),
        ]
        idf = [self._model.idf[block[:, 0]].astype(np.float64) for block in known]
        values = np.concatenate([of_block / max(float(np.linalg.norm(of_block)), 1.0) for of_block in idf])
        rows, firsts, lasts = np.concatenate(known).T
        return Occurrences(rows, values, firsts, lasts)

    def _known(self, rows: _Numbers, piece_of: _Numbers, *, size: int) -> _Numbers:
        """Return row, first and last (exclusive) piece of the known n-grams among those of ``size`` and more places."""
        place, more = np.nonzero(rows != self._ngrams.unknown)
        return np.column_stack([rows[place, more], piece_of[place], piece_of[place + size - 1 + more] + 1])

    def _found(self, folded: Sequence[str]) -> Found:
        with self._memory():
            return self._pieces.found(self._pieces.rows(folded))

    @contextmanager
    def _memory(self) -> Iterator[None]:
        """Hold what is remembered. Forget it where it is too much, and where something fails: half is learned then."""
        memories = self._typed, self._pieces
        with self._remembering:
            try:
                if any(len(known) > _MOST or known.n_characters > _MOST_CHARACTERS for known in memories):
                    self._forget()
                yield
            except BaseException:  # an interrupt as well
                self._forget()
                raise

    def _forget(self) -> None:
        """Forget all words."""
        self._typed.clear()
        self._pieces.clear()

    def _log_odds(self, found: Found, sizes: _Numbers) -> _Floats:
        """Return log-odds of windows of so many folded words."""
        n_tokens = add_up(found.n_tokens[:, None], sizes)[:, 0].astype(np.int64)
        words, symbols = self._with_ends(found, n_tokens)
        of_words, of_characters = np.hsplit(add_up(found.adds, sizes), 2)
        of_words += add_known(self._adds, self._ngrams.pairs(words), n_tokens + 2)
        of_patterns = add_known(self._adds, self._ngrams.patterns(symbols), n_tokens + 2)
        sums = np.stack([of_words, of_characters, of_patterns])
        lengths = np.sqrt(np.maximum(sums[:, :, -1:], 1))  # idf is 1 or more; a block with no feature adds nothing
        return self._model.joint.log_odds((sums[:, :, :-1] / lengths).sum(axis=0) + self._model.bias)

    def _with_ends(self, found: Found, n: _Numbers) -> tuple[_Numbers, _Numbers]:
        """Return the words and the classes of windows of ``n`` tokens, each with a beginning and an end about it."""
        until = np.cumsum(n + 2)
        words = np.full(until[-1:].sum(), self._ngrams.no_word)
        symbols = np.full(len(words), self._ngrams.no_symbol)
        inside = places_of(until - n - 1, n)
        words[inside], symbols[inside] = found.words, found.symbols
        symbols[(until - n - 2)[n > 0]], symbols[(until - 1)[n > 0]] = self._ngrams.begin, self._ngrams.end
        return words, symbols


def _batches(texts: list[str]) -> Iterator[list[str]]:
    """Cut texts into those that are scored at once: one at least, not too many, and of not too many characters."""
    first = n_characters = 0
    for i, text in enumerate(texts):
        n_characters += len(text)
        if i > first and (i - first == _BATCH or n_characters > _BATCH_CHARACTERS):
            yield texts[first:i]
            first, n_characters = i, len(text)
    if texts:
        yield texts[first:]
