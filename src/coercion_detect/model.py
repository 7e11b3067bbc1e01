"""The model: vocabulary, idf, weights, thresholds; and its folder of plain data.

A model folder holds ``config.json``, ``vocabulary.txt``, ``idf.npy`` and ``weights.npy``, and beside
them what people read (``CARD.md``, ``report.json``). Nothing in it is code and nothing is unpickled.

``FORMAT`` is one integer. It is raised when an older package could not read a new folder correctly:
raise it here, keep reading every older number in `Model.load`, and add a small folder written in the
old format to ``tests/fixtures/models/`` with a test that it still loads and scores the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coercion_detect import features
from coercion_detect.errors import ModelError
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS

FORMAT = 1
HEADS = (*TACTICS, *ACTS, "addressed", "reported")  # framing is relative to "general", which scores 0
DATA_FILES = ("vocabulary.txt", "idf.npy", "weights.npy")
_WRITTEN_BY_HAND = "The folder is damaged or was changed by hand; install or train the model again."


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which a tactic is called possible and likely; ``0 < possible <= likely``."""

    possible: float
    likely: float


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Everything that scoring needs, read-only.

    ``words`` and ``characters`` map a feature to its row in ``idf`` (n_features,) and ``weights``
    (n_features, 16); columns follow `HEADS`. Weights and ``bias`` (16,) give calibrated log-odds.
    ``unseen_idf`` is the idf of words that stood in no training text.
    """

    name: str
    version: str
    words: Mapping[str, int]
    characters: Mapping[str, int]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float64]
    thresholds: Mapping[str, Thresholds]
    min_coverage: float
    unseen_idf: float
    data_sha256: str

    def knows(self, word: str) -> bool:
        """Whether ``word`` stood in the training texts; words known only through their vectors do not count."""
        row = self.words.get(word)
        return row is not None and bool(self.idf[row] < self.unseen_idf - 0.1)

    @property
    def title(self) -> str:
        """Name and version, as results carry them."""
        return f"{self.name} {self.version}"

    def save(self, folder: Path) -> None:
        """Write the model's data files and ``config.json``; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        names = [*self.words, *self.characters]
        (folder / "vocabulary.txt").write_text("\n".join(names) + "\n", encoding="utf-8", newline="\n")
        np.save(folder / "idf.npy", self.idf, allow_pickle=False)
        np.save(folder / "weights.npy", self.weights.astype(np.float16), allow_pickle=False)
        others = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name != "config.json")
        config = {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "labels": {"tactics": TACTICS, "acts": ACTS, "framings": FRAMINGS},
            "features": _feature_settings(),
            "counts": {"words": len(self.words), "characters": len(self.characters)},
            "bias": [float(b) for b in self.bias],
            "thresholds": {t: {"possible": h.possible, "likely": h.likely} for t, h in self.thresholds.items()},
            "min_coverage": self.min_coverage,
            "unseen_idf": self.unseen_idf,
            "data_sha256": self.data_sha256,
            "files": {name: sha256(folder / name) for name in others},
        }
        text = json.dumps(config, indent=1, ensure_ascii=False) + "\n"
        (folder / "config.json").write_text(text, encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read a model folder; raise `ModelError` that names what is missing, changed or too new."""
        config = _read_config(folder)
        for name in DATA_FILES:
            _check_hash(folder / name, config)
        try:
            return cls._from_files(folder, config)
        except ModelError:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{folder}: {type(error).__name__} while reading. {_WRITTEN_BY_HAND}") from error

    @classmethod
    def _from_files(cls, folder: Path, config: dict[str, Any]) -> Model:
        names = (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")[:-1]
        idf = np.load(folder / "idf.npy", allow_pickle=False).astype(np.float32)
        weights = np.load(folder / "weights.npy", allow_pickle=False).astype(np.float32)
        bias = np.array(config["bias"], dtype=np.float64)
        split, total = config["counts"]["words"], len(names)
        shapes = (split + config["counts"]["characters"], idf.shape, weights.shape, bias.shape)
        if shapes != (total, (total,), (total, len(HEADS)), (len(HEADS),)):
            raise ModelError(f"{folder}: vocabulary and arrays do not fit one another. {_WRITTEN_BY_HAND}")
        return cls(
            name=config["name"],
            version=config["version"],
            words=dict(zip(names[:split], range(split), strict=True)),
            characters=dict(zip(names[split:], range(split, total), strict=True)),
            idf=idf,
            weights=weights,
            bias=bias,
            thresholds={t: Thresholds(**config["thresholds"][t]) for t in TACTICS},
            min_coverage=float(config["min_coverage"]),
            unseen_idf=float(config["unseen_idf"]),
            data_sha256=config["data_sha256"],
        )


def sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _feature_settings() -> dict[str, Any]:
    return {
        "token": features.TOKEN,
        "word_range": list(features.WORD_RANGE),
        "character_range": list(features.CHARACTER_RANGE),
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
    if number > FORMAT:
        raise ModelError(f"{folder} is in format {number}; this package reads up to {FORMAT}. Upgrade coercion-detect.")
    wanted = {"tactics": list(TACTICS), "acts": list(ACTS), "framings": list(FRAMINGS)}
    if config.get("labels") != wanted or config.get("features") != _feature_settings():
        raise ModelError(f"{folder} was trained for other labels or features. Train it again with this package.")
    return config


def _check_hash(path: Path, config: dict[str, Any]) -> None:
    if not path.is_file():
        raise ModelError(f"{path} is missing. {_WRITTEN_BY_HAND}")
    expected = config["files"].get(path.name) if isinstance(config.get("files"), dict) else None
    if sha256(path) != expected:
        raise ModelError(f"{path} is not the file that training wrote. {_WRITTEN_BY_HAND}")
