"""The labelled phrases: read with a validating loader that names file, line and what to do."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coercion_detect.errors import DataError
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS

COLUMNS = ("id", "text", "tactics", "acts", "framing", "group", "source", "voice", "note")
SOURCES = ("seed", "authored")
MESSAGE = "message"  # the source of a text that is a message of a conversation; no file has it
_OF_CONTEXT = "persistence"  # a label that a message of a conversation has in its context alone


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text; ``group`` is shared by paraphrases, contrasts and edits of one another."""

    id: str
    text: str
    tactics: frozenset[str]
    acts: frozenset[str]
    framing: str
    group: str
    source: str
    voice: str
    note: str


@dataclass(frozen=True)
class Dataset:
    """Examples in file order, and the SHA-256 of the file they come from."""

    examples: tuple[Example, ...]
    sha256: str

    def __len__(self) -> int:
        return len(self.examples)

    @cached_property
    def texts(self) -> list[str]:
        """The texts, in file order."""
        return [e.text for e in self.examples]

    @cached_property
    def tactics(self) -> NDArray[np.bool_]:
        """Whether each text carries each tactic, shape (n_texts, 12)."""
        return np.array([[t in e.tactics for t in TACTICS] for e in self.examples], dtype=bool)

    @cached_property
    def has_tactic(self) -> NDArray[np.bool_]:
        """Whether each text carries any tactic, shape (n_texts,)."""
        return np.array([bool(e.tactics) for e in self.examples], dtype=bool)

    @cached_property
    def is_seed(self) -> NDArray[np.bool_]:
        """Whether each text is a phrase of the seed thread, shape (n_texts,)."""
        return np.array([e.source == "seed" for e in self.examples], dtype=bool)

    @cached_property
    def is_message(self) -> NDArray[np.bool_]:
        """Whether each text is a message of a conversation, shape (n_texts,); these are learned from, not measured."""
        return np.array([e.source == MESSAGE for e in self.examples], dtype=bool)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Whether each tactic, each act and the framing are learned from each text, shape (n_texts, 15).

        Of a message of a conversation they are, but for `persistence` and the framing, which it has in its context.
        """
        known = np.ones((len(self), len(TACTICS) + len(ACTS) + 1), dtype=bool)
        known[self.is_message, TACTICS.index(_OF_CONTEXT)] = False
        known[self.is_message, -1] = False
        return known

    @cached_property
    def known_together(self) -> NDArray[np.bool_]:
        """The same for the second stage, which is the calibration: of a message, acts belong to its context as well."""
        known = self.known.copy()
        known[self.is_message, len(TACTICS) :] = False
        return known

    @cached_property
    def acts(self) -> NDArray[np.bool_]:
        """Whether each text carries each act, shape (n_texts, 2)."""
        return np.array([[a in e.acts for a in ACTS] for e in self.examples], dtype=bool)

    @cached_property
    def framing(self) -> NDArray[np.intp]:
        """The framing of each text as its number in `FRAMINGS`."""
        return np.array([FRAMINGS.index(e.framing) for e in self.examples], dtype=np.intp)

    @cached_property
    def groups(self) -> NDArray[np.intp]:
        """A number for each text's group; texts that share one never stand on both sides of a split."""
        return _numbered([e.group for e in self.examples])

    @cached_property
    def voices(self) -> NDArray[np.intp]:
        """A number for each text's voice."""
        return _numbered([e.voice for e in self.examples])


def load_examples(path: Path) -> Dataset:
    """Read ``examples.csv``; raise `DataError` for the first line that is wrong."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}). Check the path.", path=str(path)) from None
    lines = _decode(raw, path)
    reader = csv.reader(lines, strict=True)
    examples: list[Example] = []
    seen: dict[str, int] = {}
    line = 1
    try:
        _check_header(next(reader, []), path)
        line = reader.line_num + 1
        for row in reader:
            example = _example(row, path, line)
            if example.id in seen:
                raise DataError(
                    f"id {example.id!r} stands on line {seen[example.id]} already; give it another.",
                    path=str(path),
                    line=line,
                )
            seen[example.id] = line
            examples.append(example)
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"is not well-formed CSV ({error}); check its quotes.", path=str(path), line=line) from None
    if not examples:
        raise DataError("has no examples; add lines below the header.", path=str(path))
    return Dataset(tuple(examples), hashlib.sha256(raw).hexdigest())


def _decode(raw: bytes, path: Path) -> list[str]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError("is not UTF-8; save the file as UTF-8.", path=str(path), line=line) from None
    return list(io.StringIO(text, newline=""))


def _check_header(header: Sequence[str], path: Path) -> None:
    unknown = [c for c in header if c not in COLUMNS]
    missing = [c for c in COLUMNS if c not in header]
    if unknown:
        raise DataError(f"unknown column {unknown[0]!r}; the columns are {', '.join(COLUMNS)}.", path=str(path), line=1)
    if missing:
        raise DataError(
            f"column {missing[0]!r} is missing; the columns are {', '.join(COLUMNS)}.", path=str(path), line=1
        )
    if tuple(header) != COLUMNS:
        raise DataError(f"columns must stand in this order: {', '.join(COLUMNS)}.", path=str(path), line=1)


def _example(row: Sequence[str], path: Path, line: int) -> Example:
    def wrong(message: str) -> DataError:
        return DataError(message, path=str(path), line=line)

    if len(row) != len(COLUMNS):
        raise wrong(f"has {len(row)} cells, not {len(COLUMNS)}; put quotes around a text with commas.")
    cells = dict(zip(COLUMNS, row, strict=True))
    if not cells["id"].strip():
        raise wrong("the id is empty; give each text one of its own.")
    if not cells["text"].strip():
        raise wrong("the text is empty; write one or delete the line.")
    tactics = _labels(cells["tactics"], TACTICS, "tactic", wrong)
    acts = _labels(cells["acts"], ACTS, "act", wrong)
    if cells["framing"] not in FRAMINGS:
        raise wrong(f"unknown framing {cells['framing']!r}; use one of {', '.join(FRAMINGS)}.")
    if cells["source"] not in SOURCES:
        raise wrong(f"unknown source {cells['source']!r}; use one of {', '.join(SOURCES)}.")
    for name in ("group", "voice"):
        if not cells[name].strip():
            raise wrong(f"the {name} is empty; a text on its own has a {name} of its own.")
    return Example(
        id=cells["id"],
        text=cells["text"],
        tactics=tactics,
        acts=acts,
        framing=cells["framing"],
        group=cells["group"],
        source=cells["source"],
        voice=cells["voice"],
        note=cells["note"],
    )


def _labels(cell: str, known: tuple[str, ...], kind: str, wrong: Callable[[str], DataError]) -> frozenset[str]:
    labels = [label for label in cell.split(";") if label]
    for label in labels:
        if label not in known:
            raise wrong(f"unknown {kind} {label!r}; use {', '.join(known)}, with ';' between several.")
    if len(set(labels)) != len(labels):
        raise wrong(f"a {kind} stands there twice; name each once.")
    return frozenset(labels)


def _numbered(names: Sequence[str]) -> NDArray[np.intp]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.intp)
