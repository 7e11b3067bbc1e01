"""The scikit-learn pipeline that a model stands for, for those who go on in scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import joblib
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from coercion_detect.features import WordClasses, tokens, vectorizer_settings
from coercion_detect.joint import FRAMING, Joint, sigmoid
from coercion_detect.model import HEADS, Model
from coercion_detect.taxonomy import ACTS, TACTICS
from coercion_detect.text import fold
from coercion_detect.training.features import by_length


class LinearHeads(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The linear heads of a finished model, as a scikit-learn classifier.

    ``coef_`` (16, n_features), ``intercept_`` (16,) and ``joint_`` are those of the model folder; `predict_proba` gives
    shape (n_texts, 17): twelve tactics, two acts, three framings.
    """

    def __init__(
        self, coef: NDArray[Any] | None = None, intercept: NDArray[Any] | None = None, joint: Joint | None = None
    ) -> None:
        self.coef = coef
        self.intercept = intercept
        self.joint = joint

    def fit(self, X: object = None, y: object = None) -> Self:
        """Take the weights over; nothing is learned here."""
        self.coef_ = np.asarray(self.coef, dtype=np.float64)
        self.intercept_ = np.asarray(self.intercept, dtype=np.float64)
        self.joint_ = self.joint
        self.classes_ = np.array([*HEADS, "general"])
        return self

    def decision_function(self, X: sparse.spmatrix) -> NDArray[np.float64]:
        """Return calibrated log-odds, shape (n_texts, 18)."""
        assert self.joint_ is not None, "made by pipeline_of"  # noqa: S101
        return self.joint_.log_odds(np.asarray(X @ self.coef_.T + self.intercept_))

    def predict_proba(self, X: sparse.spmatrix) -> NDArray[np.float64]:
        """Return scores of tactics and acts, and the shares of the three framings."""
        log_odds = self.decision_function(X)
        split = len(TACTICS) + len(ACTS)
        single = sigmoid(log_odds[:, :split])
        framing = np.exp(np.column_stack([log_odds[:, FRAMING], np.zeros(len(log_odds))]))
        return np.column_stack([single, framing / framing.sum(axis=1, keepdims=True)])


class ByLength(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Divide TF-IDF values by their length, every occurrence counted on its own (`by_length`)."""

    def __init__(self, idf: NDArray[Any] | None = None) -> None:
        self.idf = idf

    def fit(self, X: object = None, y: object = None) -> Self:
        """Take the idf over; nothing is learned here."""
        self.idf_ = np.asarray(self.idf, dtype=np.float64)
        return self

    def transform(self, X: sparse.csr_matrix) -> sparse.csr_matrix:
        """Return rows divided by their length."""
        return by_length(X, self.idf_)


@dataclass(frozen=True)
class ReadClasses:
    """Fold a text and read its words as their classes, so that patterns are found."""

    classes: WordClasses

    def __call__(self, text: str) -> str:
        """Return the class symbols of one text."""
        return self.classes.read(tokens(fold(text)))


def pipeline_of(model: Model) -> Pipeline:
    """Return the fitted scikit-learn pipeline that gives the same numbers as ``model`` (one window a text)."""
    rows = {"word": model.words, "character": model.characters, "pattern": model.patterns}
    preprocessors: dict[str, Callable[[str], str]] = {
        "word": fold,
        "character": fold,
        "pattern": ReadClasses(model.classes),
    }
    blocks = {}
    for name, settings in vectorizer_settings().items():
        if rows[name]:  # a model trained without word classes has no patterns
            first = min(rows[name].values())
            places = {feature: row - first for feature, row in rows[name].items()}
            idf = model.idf[first : first + len(places)].astype(np.float64)
            block = TfidfVectorizer(
                **settings, vocabulary=places, preprocessor=preprocessors[name], norm=None, dtype=np.float64
            )
            block.idf_ = idf
            blocks[name] = Pipeline([("tfidf", block), ("length", ByLength(idf).fit())])
    heads = LinearHeads(coef=model.weights.astype(np.float64).T, intercept=model.bias, joint=model.joint).fit()
    return Pipeline([("features", FeatureUnion(list(blocks.items()))), ("heads", heads)])


def save_pipeline(model: Model, path: Path) -> None:
    """Keep the scikit-learn pipeline of ``model`` as a joblib file, for those who go on in scikit-learn."""
    joblib.dump(pipeline_of(model), path)
