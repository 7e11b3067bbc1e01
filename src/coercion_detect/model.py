"""The model: vocabulary, idf, weights, thresholds; and its folder of plain data.

A model folder holds ``config.json``, ``vocabulary.txt``, ``classes.txt``, ``idf.npy``, ``scales.npy``,
``weights.npy`` and ``joint.npy``, and beside them what people read (``CARD.md``, ``report.json``). Nothing in it is
code and nothing is unpickled.

``FORMAT`` is one integer. It is raised when an older package could not read a new folder correctly:
raise it here, keep reading every older number whose features are still computed, and add a small folder written in the
old format to ``tests/fixtures/models/`` with a test that it still loads and scores the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from coercion_detect import features, joint
from coercion_detect.errors import ModelError
from coercion_detect.features import WordClasses
from coercion_detect.joint import Joint
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS

FORMAT = 3
HEADS = (*TACTICS, *ACTS, "addressed", "reported")  # framing is relative to "general", which scores 0
_BLOCKS = ("words", "characters", "patterns")
DATA_FILES = ("vocabulary.txt", "classes.txt", "idf.npy", "scales.npy", "weights.npy", "joint.npy")
_WRITTEN_BY_HAND = "The folder is damaged or was changed by hand; install or train the model again."


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which a tactic is called possible and likely; ``0 < possible <= likely``."""

    possible: float
    likely: float


@dataclass(frozen=True, eq=False)
class Model:
    """Everything that scoring needs, read-only.

    ``vocabulary`` holds the names of the features, a line each: words and pairs first, then character pieces, then
    patterns of word classes; ``counts`` says how many there are of each. ``idf`` and ``scales`` (n_features,) and
    ``quantized`` (n_features, 16) have a row per feature; columns follow `HEADS`. A weight is its byte times the scale
    of its row; weights and ``bias`` (16,) give the heads' log-odds, of which ``joint`` makes scores. ``unseen_idf`` is
    the idf of words that stood in no training text.
    """

    name: str
    version: str
    vocabulary: bytes
    counts: tuple[int, int, int]
    classes: WordClasses
    idf: NDArray[np.float32]
    scales: NDArray[np.float32]
    quantized: NDArray[np.int8]
    bias: NDArray[np.float64]
    joint: Joint
    thresholds: Mapping[str, Thresholds]
    min_coverage: float
    unseen_idf: float
    data_sha256: str

    @cached_property
    def words(self) -> Mapping[str, int]:
        """The row of each word and each pair of words."""
        return self._rows(0)

    @cached_property
    def characters(self) -> Mapping[str, int]:
        """The row of each character piece."""
        return self._rows(1)

    @cached_property
    def patterns(self) -> Mapping[str, int]:
        """The row of each pattern of word classes."""
        return self._rows(2)

    @cached_property
    def weights(self) -> NDArray[np.float32]:
        """The weights, float32 of shape (n_features, 16)."""
        return self.quantized * self.scales[:, None]

    def weights_of(self, rows: NDArray[np.integer], heads: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the weights of some features, each for a head of its own, by number."""
        found: NDArray[np.float32] = self.quantized[rows, heads] * self.scales[rows]
        return found

    def _rows(self, block: int) -> dict[str, int]:
        names = self.vocabulary.decode("utf-8").split("\n")
        first = sum(self.counts[:block])
        rows = range(first, first + self.counts[block])
        return dict(zip(names[rows.start : rows.stop], rows, strict=True))

    def knows(self, word: str) -> bool:
        """Whether ``word`` stood in the training texts; words known only through their vectors do not count."""
        row = self.words.get(word)
        return row is not None and bool(self.idf[row] < self.known_below)

    @property
    def known_below(self) -> float:
        """The idf below which a word stood in a training text."""
        return self.unseen_idf - 0.1

    @property
    def title(self) -> str:
        """Name and version, as results carry them."""
        return f"{self.name} {self.version}"

    def save(self, folder: Path) -> None:
        """Write the model's data files and ``config.json``; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "vocabulary.txt").write_bytes(self.vocabulary)
        (folder / "classes.txt").write_bytes(self.classes.text)
        np.save(folder / "idf.npy", self.idf.astype(np.float16), allow_pickle=False)
        np.save(folder / "scales.npy", self.scales.astype(np.float16), allow_pickle=False)
        np.save(folder / "weights.npy", self.quantized, allow_pickle=False)
        np.save(folder / "joint.npy", self.joint.stored, allow_pickle=False)
        others = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name != "config.json")
        config = {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "labels": {"tactics": TACTICS, "acts": ACTS, "framings": FRAMINGS},
            "features": _feature_settings(),
            "counts": dict(zip(_BLOCKS, self.counts, strict=True)),
            "bias": [float(b) for b in self.bias],
            "thresholds": {t: {"possible": h.possible, "likely": h.likely} for t, h in self.thresholds.items()},
            "min_coverage": self.min_coverage,
            "unseen_idf": self.unseen_idf,
            "data_sha256": self.data_sha256,
            "files": {name: sha256(folder / name) for name in others},
            "crc32": {name: _crc32(folder / name) for name in others},
        }
        text = json.dumps(config, indent=1, ensure_ascii=False) + "\n"
        (folder / "config.json").write_text(text, encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read a model folder; raise `ModelError` that names what is missing, changed or too new."""
        config = _read_config(folder)
        for name in DATA_FILES:
            _check_file(folder / name, config)
        try:
            return cls._from_files(folder, config)
        except ModelError:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{folder}: {type(error).__name__} while reading. {_WRITTEN_BY_HAND}") from error

    @classmethod
    def _from_files(cls, folder: Path, config: dict[str, Any]) -> Model:
        vocabulary = (folder / "vocabulary.txt").read_bytes()
        idf = np.load(folder / "idf.npy", allow_pickle=False).astype(np.float32)
        scales = np.load(folder / "scales.npy", allow_pickle=False).astype(np.float32)
        weights = np.load(folder / "weights.npy", allow_pickle=False)
        bias = np.array(config["bias"], dtype=np.float64)
        counts = tuple(config["counts"][block] for block in _BLOCKS)
        total = vocabulary.count(b"\n")
        shapes = (sum(counts), idf.shape, scales.shape, weights.shape, bias.shape)
        fits = shapes == (total, (total,), (total,), (total, len(HEADS)), (len(HEADS),))
        if not fits or weights.dtype != np.int8:
            raise ModelError(f"{folder}: vocabulary and arrays do not fit one another. {_WRITTEN_BY_HAND}")
        return cls(
            name=config["name"],
            version=config["version"],
            vocabulary=vocabulary,
            counts=counts,
            classes=WordClasses((folder / "classes.txt").read_bytes()),
            idf=idf,
            scales=scales,
            quantized=np.ascontiguousarray(weights),
            bias=bias,
            joint=_joint(np.load(folder / "joint.npy", allow_pickle=False), folder),
            thresholds={t: Thresholds(**config["thresholds"][t]) for t in TACTICS},
            min_coverage=float(config["min_coverage"]),
            unseen_idf=float(config["unseen_idf"]),
            data_sha256=config["data_sha256"],
        )


def _joint(stored: NDArray[np.float64], folder: Path) -> Joint:
    n_heads, n_columns = len(HEADS), len(joint.COLUMNS)
    n_inputs = 2 * n_heads + n_heads * (n_heads + 1) // 2
    if stored.shape != (2 * n_heads + (n_inputs + 1) * n_columns,) or stored.dtype != np.float64:
        raise ModelError(f"{folder}: the second stage does not fit the heads. {_WRITTEN_BY_HAND}")
    center, spread, bias, weights = np.split(stored, np.cumsum([n_heads, n_heads, n_columns]))
    return Joint(center, spread, np.ascontiguousarray(weights.reshape(n_inputs, n_columns)), bias)


def quantize(weights: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return scales and bytes of weights (n_features, 16); the scale of a row is its largest weight over 127."""
    # rounded up to what 16 bits can hold, so that no byte overflows
    scales = np.nextafter((np.abs(weights).max(axis=1) / 127).astype(np.float16), np.float16(np.inf))
    wide = scales.astype(np.float32)
    return wide, np.ascontiguousarray(np.rint(weights / wide[:, None]).astype(np.int8))


def sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    import hashlib  # several megabytes of memory, and only those who write a model need it

    return hashlib.sha256(path.read_bytes()).hexdigest()


def _crc32(path: Path) -> int:
    """Return the CRC-32 of a file: enough to see damage when it is read, and quick."""
    value = 0
    for part in _read(path):
        value = crc32(part, value)
    return value


def _read(path: Path) -> Iterator[bytes]:
    """Yield a file part by part: a large buffer, once freed, makes the allocator keep others that are freed."""
    with path.open("rb") as file:
        while part := file.read(1 << 16):
            yield part


def _feature_settings() -> dict[str, Any]:
    return {
        "token": features.TOKEN,
        "word_range": list(features.WORD_RANGE),
        "character_range": list(features.CHARACTER_RANGE),
        "pattern_range": list(features.PATTERN_RANGE),
    }


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    if not path.is_file():
        raise ModelError(f"{folder} is no model folder: it has no config.json. Give the folder that training wrote.")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} is not JSON. {_WRITTEN_BY_HAND}") from error
    if not isinstance(config, dict):
        raise ModelError(f"{path} is no JSON object. {_WRITTEN_BY_HAND}")
    number = config.get("format")
    if not isinstance(number, int):
        raise ModelError(f"{path} names no format. {_WRITTEN_BY_HAND}")
    if number < FORMAT:
        raise ModelError(f"{folder} is in format {number}, whose numbers are no longer computed. Train it again.")
    if number > FORMAT:
        raise ModelError(f"{folder} is in format {number}; this package reads up to {FORMAT}. Upgrade coercion-detect.")
    wanted = {"tactics": list(TACTICS), "acts": list(ACTS), "framings": list(FRAMINGS)}
    if config.get("labels") != wanted or config.get("features") != _feature_settings():
        raise ModelError(f"{folder} was trained for other labels or features. Train it again with this package.")
    return config


def _check_file(path: Path, config: dict[str, Any]) -> None:
    if not path.is_file():
        raise ModelError(f"{path} is missing. {_WRITTEN_BY_HAND}")
    expected = config["crc32"].get(path.name) if isinstance(config.get("crc32"), dict) else None
    if _crc32(path) != expected:
        raise ModelError(f"{path} is not the file that training wrote. {_WRITTEN_BY_HAND}")
